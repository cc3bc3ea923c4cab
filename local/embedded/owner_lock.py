"""Who keeps the private servers: one owner at a time, and any number of guests.

`servers.lock` belongs to the owner as long as its servers run; the kernel gives it
back when the owner dies, however it dies. `guests.lock` is shared by those who use
servers of another process: an owner that only ran one command waits for them.
"""

import contextlib
import fcntl
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from local.embedded import carry_over
from local.embedded.errors import EmbeddedError
from local.embedded.paths import (
    Paths,
    close_paths,
    open_paths,
    private_folder,
    var_folder,
)
from local.embedded.postgres import Postgres, settings_from_environment
from local.embedded.server import POLL, Server
from local.embedded.valkey import Valkey

JOIN_SECONDS = 240.0

Say = Callable[[str], None]


def say_to_stderr(line: str) -> None:
    """Print a line where it does not mix with the output of a command."""
    print(line, file=sys.stderr, flush=True)


@contextlib.contextmanager
def ensure(say: Say = say_to_stderr) -> Iterator[None]:
    """Have the servers running: join them, or start them for our own duration.

    A server that DATABASE_URL or REDIS_URL names is somebody else's business.
    """
    if not _wanted():
        yield
        return
    var = var_folder()
    places = open_paths(var)
    with contextlib.ExitStack() as stack:
        owner_lock = _join_or_own(var, places, stack, say)
        if owner_lock is None:
            yield
            return
        servers = _servers(places)
        try:
            # Again, under the lock: an owner before us may have just tidied it away.
            private_folder(places.sockets, places.account)
            start_all(servers, var, say)
            with _waiting_for_guests(var, stack, say):
                yield
        finally:
            stop_all(servers)
            close_paths(places)


@contextlib.contextmanager
def own(say: Say = say_to_stderr) -> Iterator[list[Server]]:
    """Be the owner, for the supervisor: wait for our turn, and stop without waiting."""
    if not _wanted():
        yield []
        return
    var = var_folder()
    places = open_paths(var)
    with contextlib.ExitStack() as stack:
        _wait_for_turn(var, stack, say)
        servers = _servers(places)
        try:
            # Again, under the lock: an owner before us may have just tidied it away.
            private_folder(places.sockets, places.account)
            start_all(servers, var, say)
            yield servers
        finally:
            stop_all(servers)
            close_paths(places)


def start_all(servers: Sequence[Server], var: Path, say: Say) -> None:
    """Start the servers in their order; carry old databases over where due."""
    for server in servers:
        server.start()
        if isinstance(server, Postgres):
            server.create_database()
            _carry_over_if_due(server, var, say)


def _carry_over_if_due(server: Postgres, var: Path, say: Say) -> None:
    """Once in the life of an installation; guests come in when it is over."""
    if not carry_over.is_due(server):
        carry_over.drop_old_database(server, say)
        return
    with contextlib.ExitStack() as alone:
        _wait_for_guests(var, alone, say)
        carry_over.carry_over(server, say)


def stop_all(servers: Sequence[Server]) -> None:
    """Stop the servers in the opposite order."""
    for server in reversed(servers):
        server.stop()


def _wanted() -> list[str]:
    return [name for name in ("DATABASE_URL", "REDIS_URL") if not os.environ.get(name)]


def _servers(places: Paths) -> list[Server]:
    wanted = _wanted()
    servers: list[Server] = []
    if "DATABASE_URL" in wanted:
        servers.append(Postgres(places, settings_from_environment()))
    if "REDIS_URL" in wanted:
        servers.append(Valkey(places))
    return servers


def _join_or_own(
    var: Path, places: Paths, stack: contextlib.ExitStack, say: Say
) -> int | None:
    """The owner's lock, or None as a guest whom the owner will wait for.

    An owner that is just starting does not answer yet, and one that is stopping or
    carries the database over keeps guests out: ask again, until there is an answer or a
    vacancy. Who keeps guests out is alive and will end, so that time does not count.
    """
    deadline, announced = time.monotonic() + JOIN_SECONDS, False
    while time.monotonic() < deadline:
        owner_lock = _try_own(var, stack)
        if owner_lock is not None:
            return owner_lock
        joined = _try_join(var, places, stack)
        if joined:
            return None
        if joined is None:
            if not announced:
                say(f"waiting: {_owner(var)} lets nobody in just now")
                announced = True
            deadline = time.monotonic() + JOIN_SECONDS
        time.sleep(POLL)
    raise EmbeddedError(
        f"{_owner(var)} keeps the servers of {var}, but they do not answer "
        f"(see {places.logs})"
    )


def _try_own(var: Path, stack: contextlib.ExitStack) -> int | None:
    lock = sign(var / "servers.lock")
    if lock is not None:
        stack.callback(os.close, lock)
    return lock


def _try_join(var: Path, places: Paths, stack: contextlib.ExitStack) -> bool | None:
    """Whether we are a guest now; None where the owner keeps guests out."""
    lock = try_lock(var / "guests.lock", fcntl.LOCK_SH)
    if lock is None:
        return None
    if all(server.answers() for server in _servers(places)):
        stack.callback(os.close, lock)
        return True
    os.close(lock)
    return False


def _wait_for_turn(var: Path, stack: contextlib.ExitStack, say: Say) -> None:
    announced = False
    while _try_own(var, stack) is None:
        if not announced:
            say(f"waiting: {_owner(var)} keeps the servers until it ends")
            announced = True
        time.sleep(0.1)


@contextlib.contextmanager
def _waiting_for_guests(
    var: Path, stack: contextlib.ExitStack, say: Say
) -> Iterator[None]:
    """At the end, good or bad, let those finish who joined us; Ctrl-C does not wait."""
    try:
        yield
    except KeyboardInterrupt:
        raise
    except BaseException:
        _wait_for_guests(var, stack, say)
        raise
    else:
        _wait_for_guests(var, stack, say)


def _wait_for_guests(var: Path, stack: contextlib.ExitStack, say: Say) -> None:
    """Hold the guests' lock until the stack ends: no process joins the servers now."""
    lock = try_lock(var / "guests.lock", fcntl.LOCK_EX)
    if lock is None:
        say("other commands still use the servers, waiting for them")
        lock = os.open(var / "guests.lock", os.O_RDWR)
        fcntl.flock(lock, fcntl.LOCK_EX)
    stack.callback(os.close, lock)


def try_lock(path: Path, kind: int) -> int | None:
    """A file descriptor that holds the lock, or None where others hold it."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    return handle


def sign(path: Path) -> int | None:
    """Take a lock and write into it who we are, for those who find it taken."""
    lock = try_lock(path, fcntl.LOCK_EX)
    if lock is not None:
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()} ({' '.join(sys.argv)})\n".encode(), 0)
    return lock


def holder(path: Path) -> str:
    """The words of whoever signed the lock."""
    words = path.read_text().strip()
    return f"process {words}" if words else "another process"


def _owner(var: Path) -> str:
    return holder(var / "servers.lock")
