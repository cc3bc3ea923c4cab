"""Ctrl-C, SIGTERM and a hang-up: stop in order; asked twice, stop at once."""

import signal
from collections.abc import Sequence
from types import FrameType

from local.supervisor.service import Service


class StopRequested(BaseException):
    """Not an Exception: no handler on the way may take it for a failure."""


class Stopper:
    """Stops all services in turn when it is asked to."""

    def __init__(self, services: Sequence[Service]) -> None:
        self.services = services
        self.asked = False

    def listen(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self)

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if self.asked:
            # Already on the way out: a second call may not break the order, only
            # take away the patience with web and worker.
            for service in self.services:
                service.kill()
            return
        self.asked = True
        raise StopRequested
