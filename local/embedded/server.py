"""What PostgreSQL and Valkey have in common for the one who keeps them."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from local.embedded.errors import StartFailed
from local.embedded.process import Child, how_it_ended, last_lines

POLL = 0.02


class Server(Protocol):
    """One private server: started, asked, stopped; recovers what a kill left behind."""

    @property
    def name(self) -> str: ...
    def start(self) -> None: ...
    def is_running(self) -> bool: ...
    def ending(self) -> str: ...
    def answers(self) -> bool: ...
    def stop(self) -> None: ...


class ServerProcess:
    """What both servers do alike with their process."""

    name: str
    log: Path
    child: Child | None = None

    def is_running(self) -> bool:
        return self.child is not None and self.child.poll() is None

    def ending(self) -> str:
        return how_it_ended(self.child, self.log)

    def answers(self) -> bool:
        raise NotImplementedError

    def _await_answer(self, child: Child, *, seconds: float) -> None:
        """Wait until the new server answers. Raises with the end of its log if not."""
        if not wait_until(lambda: self.answers() or child.poll() is not None, seconds):
            why = f"no answer within {seconds:.0f} s ({last_lines(self.log)})"
            raise StartFailed(self.name, why)
        if child.poll() is not None:
            raise StartFailed(self.name, last_lines(self.log))


def wait_until(test: Callable[[], bool], seconds: float) -> bool:
    """Ask `test` until it is true or the time is over. Returns whether it was."""
    deadline = time.monotonic() + seconds
    while not test():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL)
    return True
