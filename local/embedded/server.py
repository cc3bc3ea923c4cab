"""What PostgreSQL and Valkey have in common for the one who keeps them."""

import time
from collections.abc import Callable
from typing import Protocol

from local.embedded.errors import StartFailed
from local.embedded.process import Child

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


def wait_until(test: Callable[[], bool], seconds: float) -> bool:
    """Ask `test` until it is true or the time is over. Returns whether it was."""
    deadline = time.monotonic() + seconds
    while not test():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL)
    return True


def await_answer(
    name: str,
    child: Child,
    answers: Callable[[], bool],
    *,
    seconds: float,
    why: Callable[[], str],
) -> None:
    """Wait until the new server answers. Raises with the end of its log if not."""
    if not wait_until(lambda: answers() or child.poll() is not None, seconds):
        raise StartFailed(name, f"no answer within {seconds:.0f} s ({why()})")
    if child.poll() is not None:
        raise StartFailed(name, why())
