"""Servers for one run of the tests: fast, unsafe, gone afterwards."""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from local.embedded.owner_lock import stop_all
from local.embedded.paths import Paths, open_paths
from local.embedded.postgres import Postgres
from local.embedded.server import Server
from local.embedded.urls import database_url_at, redis_url_at
from local.embedded.valkey import Valkey

PREFIX = "perennial-test-"


@dataclass(frozen=True)
class TestServers:
    """The two servers of a test run, and where they are."""

    __test__ = False  # Its name looks like one, but it is not a test case.

    database_url: str
    redis_url: str
    places: Paths
    stop: Callable[[], None]


def start_for_tests(
    folder: Path | None = None,
    settings: Mapping[str, str] | None = None,
    fill: Callable[[Path], None] | None = None,
) -> TestServers:
    """Start a PostgreSQL that may lose everything, and a Valkey.

    Without a folder they get one of their own that is removed at the end; one that a
    killed run left is removed by the next. `fill` may put data into the folder before
    the servers start on it.
    """
    if folder is None:
        _sweep()
        folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        folder.chmod(0o755 if os.geteuid() == 0 else 0o700)
    if fill is not None:
        fill(folder)
    places = open_paths(folder)
    lock = os.open(folder / "alive", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    servers: list[Server] = [
        Postgres(places, settings or {}, throw_away=True),
        Valkey(places),
    ]

    def stop() -> None:
        stop_all(servers)
        os.close(lock)
        _remove(places.sockets)
        _remove(folder)

    try:
        for server in servers:
            server.start()
    except BaseException:
        stop()
        raise
    return TestServers(
        database_url_at(places.sockets), redis_url_at(places.sockets), places, stop
    )


def _sweep() -> None:
    """Remove the folders of runs that were killed: their lock is free."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError), (folder / "alive").open() as alive:
            fcntl.flock(alive, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _remove(folder)


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
