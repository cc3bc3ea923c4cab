"""Copies of this process that do one thing and may die in the middle of it."""

import os
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections

KILLED = 137


def start(work: Callable[[], object]) -> int:
    """A child with connections of its own; its id."""
    connections.close_all()
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        work()
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        # No teardown of the tests in here.
        os._exit(code)


def wait(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def run(work: Callable[[], object]) -> int:
    return wait(start(work))


def die() -> None:
    """As kill -9 does: nothing is closed, flushed or rolled back by us."""
    os._exit(KILLED)


@contextmanager
def dying(owner: Any, name: str, *, after: bool, nth: int = 1) -> Iterator[None]:
    """Inside, the nth call of owner.name kills the process, before or after it ran."""
    real = getattr(owner, name)
    calls = 0

    def deadly(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == nth and not after:
            die()
        result = real(*args, **kwargs)
        if calls == nth:
            die()
        return result

    setattr(owner, name, deadly)
    try:
        yield
    finally:
        setattr(owner, name, real)
