"""Web and worker: our own processes, killed with us, stopped in order."""

import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from local.embedded.paths import BASE_DIR
from local.embedded.process import (
    Child,
    how_it_ended,
    kill_group,
    last_lines,
    spawn,
    stop,
)

STOP_STEPS = ((signal.SIGTERM, 10.0),)


@dataclass
class Service:
    """A program that the supervisor starts and watches."""

    name: str
    command: Sequence[str]
    log: Path
    env: Mapping[str, str] = field(default_factory=dict)
    child: Child | None = field(default=None, init=False)
    # Where this life's words begin in the log.
    log_start: int = field(default=0, init=False)

    def start(self) -> None:
        self.log_start = self.log.stat().st_size if self.log.exists() else 0
        self.child = spawn(
            [sys.executable, *self.command],
            log=self.log,
            death_signal=signal.SIGKILL,
            cwd=BASE_DIR,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **self.env},
        )

    def is_running(self) -> bool:
        return self.child is not None and self.child.poll() is None

    def stop(self) -> None:
        if self.child is not None:
            stop(self.child, STOP_STEPS)

    def kill(self) -> None:
        if self.child is not None and self.child.poll() is None:
            kill_group(self.child)

    def has_logged(self, words: bytes) -> bool:
        with self.log.open("rb") as log:
            # A log that moved aside when it grew long begins again.
            size = log.seek(0, os.SEEK_END)
            log.seek(self.log_start if self.log_start <= size else 0)
            return words in log.read()

    def ending(self) -> str:
        return how_it_ended(self.child, self.log)

    def last_words(self) -> str:
        return last_lines(self.log)
