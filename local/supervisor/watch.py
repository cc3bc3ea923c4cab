"""Start again what fell, after a pause that grows."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from local.embedded import EmbeddedError
from local.supervisor.output import say

LOOK_EVERY = 0.5
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0
# Having lived this long, a process is taken for healthy again.
HEALTHY_AFTER = 60.0


class Process(Protocol):
    """What the supervisor needs of a server or service."""

    @property
    def name(self) -> str: ...
    def start(self) -> None: ...
    def is_running(self) -> bool: ...
    def ending(self) -> str: ...


@dataclass
class Watched:
    """A process with when it started and when it is tried again."""

    process: Process
    started_at: float
    pause: float = FIRST_PAUSE
    again_at: float | None = field(default=None, init=False)

    def look(self, now: float) -> str | None:
        """A line for the person, where something happened."""
        if self.again_at is None:
            return None if self.process.is_running() else self._fell(now)
        return self._start_again(now) if now >= self.again_at else None

    def _fell(self, now: float) -> str:
        if now - self.started_at > HEALTHY_AFTER:
            self.pause = FIRST_PAUSE
        return self._try_later(now, f"ended ({self.process.ending()})")

    def _start_again(self, now: float) -> str:
        self.again_at = None
        self.started_at = now
        try:
            self.process.start()
        except EmbeddedError as error:
            return self._try_later(now, f"cannot start: {error}")
        return f"{self.process.name} is started again"

    def _try_later(self, now: float, what: str) -> str:
        pause, self.pause = self.pause, min(self.pause * 2, LONGEST_PAUSE)
        self.again_at = now + pause
        return f"{self.process.name} {what}; again in {pause:.0f} s"


def watch(processes: Sequence[Process]) -> None:
    """For ever; a signal is the way out."""
    now = time.monotonic()
    everyone = [Watched(process, started_at=now) for process in processes]
    while True:
        time.sleep(LOOK_EVERY)
        for watched in everyone:
            line = watched.look(time.monotonic())
            if line:
                say(f"  {time.strftime('%H:%M:%S')} {line}")
