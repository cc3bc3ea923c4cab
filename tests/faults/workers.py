"""Real worker processes on a private Valkey, to be killed. benchmarks/ uses it, too."""

import os
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from celery import current_app
from django.conf import settings
from django.db import connection
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from local.embedded.paths import BASE_DIR, open_paths
from local.embedded.process import Child, spawn
from local.embedded.urls import redis_url_at
from local.embedded.valkey import Valkey
from tests.smtp_sink import Sink

TICKS = ("messaging.tasks.deliver", "messaging.tasks.sweep_leases")


@dataclass
class Site:
    """What the workers work on."""

    sink: Sink
    valkey: Valkey
    folder: Path
    # Without one: that of the running test.
    database_url: str = ""
    app: str = "tests.faults.app"
    processes: int = 2
    env: dict[str, str] = field(default_factory=dict)
    workers: list[Child] = field(default_factory=list)

    @property
    def redis_url(self) -> str:
        return redis_url_at(self.valkey.places.sockets)

    def start_worker(self) -> Child:
        return self.start(
            *("worker", "-c", str(self.processes), "-l", "WARNING"),
            *("-n", f"w{len(self.workers)}@test"),
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        )

    def start(self, role: str, *words: str, app: str = "") -> Child:
        """In a group of its own, so that -9 takes all; ends with us in any case."""
        child = spawn(
            [sys.executable, "-m", "celery", "-A", app or self.app, role, *words],
            log=self.folder / f"{role}-{len(self.workers)}.log",
            death_signal=signal.SIGKILL,
            cwd=BASE_DIR,
            env=self.environment(),
        )
        self.workers.append(child)
        return child

    def kill(self, worker: Child) -> None:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()

    def end(self) -> None:
        for worker in self.workers:
            if worker.poll() is None:
                self.kill(worker)

    def ring(self) -> None:
        """What beat does, only more often."""
        try:
            with current_app.connection_for_write(self.redis_url) as broker:
                for task in TICKS:
                    current_app.send_task(task, connection=broker, retry=False)
        except (OperationalError, RedisError, OSError):
            pass  # The broker may be down: that is what some tests are about.

    def environment(self) -> dict[str, str]:
        return os.environ | {
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "DATABASE_URL": self.database_url or url_of_test_database(),
            "REDIS_URL": self.redis_url,
            "PERENNIAL_VAR": str(self.folder),
            "MAIL_TRANSPORT": "smtp",
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": str(self.sink.port),
            "EMAIL_TIMEOUT": "5",
            "EMAIL_DOT_TIMEOUT": "1",
            "MAIL_LEASE_SECONDS": "4",
            **self.env,
        }


def url_of_test_database() -> str:
    head, _, query = os.environ["DATABASE_URL"].partition("?")
    return f"{head.rpartition('/')[0]}/{connection.settings_dict['NAME']}?{query}"


@contextmanager
def running_site(sink: Sink) -> Iterator[Site]:
    with tempfile.TemporaryDirectory(prefix="perennial-faults-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        site = Site(sink, Valkey(open_paths(folder)), folder)
        settings.JOURNAL_FOLDER = folder / "journal"
        site.valkey.start()
        try:
            yield site
        finally:
            site.end()
            site.valkey.stop()


@contextmanager
def ticking(site: Site, every: float = 0.4) -> Iterator[None]:
    over = threading.Event()

    def tick() -> None:
        while not over.wait(every):
            site.ring()

    thread = threading.Thread(target=tick)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
