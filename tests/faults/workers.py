"""Real worker processes on a private Valkey, to be killed."""

import os
import signal
import subprocess
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

from config.embedded.places import BASE_DIR, open_places
from config.embedded.urls import redis_url_at
from config.embedded.valkey import Valkey
from tests.smtp_sink import Sink

TICKS = ("messaging.tasks.deliver", "messaging.tasks.sweep_leases")


@dataclass
class Site:
    """What the workers work on."""

    sink: Sink
    valkey: Valkey
    folder: Path
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def redis_url(self) -> str:
        return redis_url_at(self.valkey.places.sockets)

    def start_worker(self) -> subprocess.Popen[bytes]:
        """A worker with two processes, in a group of its own, so that -9 takes all."""
        log = (self.folder / f"worker-{len(self.workers)}.log").open("wb")
        worker = subprocess.Popen(
            [
                *(sys.executable, "-m", "celery", "-A", "tests.faults.app", "worker"),
                *("-c", "2", "-l", "WARNING", "-n", f"w{len(self.workers)}@test"),
                *("--without-gossip", "--without-mingle", "--without-heartbeat"),
            ],
            cwd=BASE_DIR,
            env=self._environment(),
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        log.close()
        self.workers.append(worker)
        return worker

    def kill(self, worker: subprocess.Popen[bytes]) -> None:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()

    def ring(self) -> None:
        """What beat does, only more often."""
        try:
            with current_app.connection_for_write(self.redis_url) as broker:
                for task in TICKS:
                    current_app.send_task(task, connection=broker, retry=False)
        except (OperationalError, OSError):
            pass  # The broker may be down: that is what some tests are about.

    def _environment(self) -> dict[str, str]:
        server = os.environ["DATABASE_URL"]
        name = connection.settings_dict["NAME"]
        head, _, query = server.partition("?")
        return os.environ | {
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "DATABASE_URL": f"{head.rpartition('/')[0]}/{name}?{query}",
            "REDIS_URL": self.redis_url,
            "PERENNIAL_VAR": str(self.folder),
            "MAIL_TRANSPORT": "smtp",
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": str(self.sink.port),
            "EMAIL_TIMEOUT": "5",
            "EMAIL_DOT_TIMEOUT": "1",
            "MAIL_LEASE_SECONDS": "4",
        }


@contextmanager
def running_site(sink: Sink) -> Iterator[Site]:
    with tempfile.TemporaryDirectory(prefix="perennial-faults-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        site = Site(sink, Valkey(open_places(folder)), folder)
        settings.MAIL_JOURNAL_DIR = folder / "journal"
        site.valkey.start()
        try:
            yield site
        finally:
            for worker in site.workers:
                if worker.poll() is None:
                    site.kill(worker)
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
