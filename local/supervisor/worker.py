"""The worker, taken for fallen also when it lives but does no work.

A worker may stay connected and consume nothing after its broker was reset. What proves
it alive is the row that a real round trip through beat and broker writes every minute.
"""

import time
from dataclasses import dataclass, field

import psycopg

from local.supervisor.service import Service

# Worker and beat in one process: only here, where there is one worker.
CELERY = (
    *("-m", "celery", "-A", "config", "worker", "-B", "--concurrency", "2"),
    *("--without-gossip", "--without-mingle", "--loglevel", "INFO"),
)
STUCK_AFTER = 180.0
ASK_EVERY = 30.0
SINCE_LAST_ROUND_TRIP = """
    SELECT extract(epoch FROM now() - at)::float
    FROM crm_heartbeat WHERE name = 'worker'
"""


@dataclass
class Worker(Service):
    """Celery's worker, which is restarted when its heartbeat stops."""

    database_url: str = ""
    started_at: float = field(default=0.0, init=False)
    asked_at: float = field(default=0.0, init=False)
    silence: float = field(default=0.0, init=False)

    def start(self) -> None:
        self.stop()
        self.started_at = time.monotonic()
        self.silence = 0.0
        super().start()

    def is_running(self) -> bool:
        return super().is_running() and not self._is_stuck(time.monotonic())

    def ending(self) -> str:
        if super().is_running():
            return f"no round trip for {self.silence:.0f} s, see {self.log}"
        return super().ending()

    def _is_stuck(self, now: float) -> bool:
        """A new one is given the same time to report first."""
        if now - self.started_at > STUCK_AFTER and now - self.asked_at > ASK_EVERY:
            self.asked_at = now
            self.silence = self._ask()
        return self.silence > STUCK_AFTER

    def _ask(self) -> float:
        try:
            with psycopg.connect(self.database_url, connect_timeout=2) as connection:
                row = connection.execute(SINCE_LAST_ROUND_TRIP).fetchone()
        except psycopg.Error:
            return 0.0  # A failure of the database is not the worker's fault.
        return row[0] if row else 0.0
