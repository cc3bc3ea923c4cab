"""What several figures of one page are read from, asked once.

The first page asks six times for the sums by month, and a page of files as often as it
has figures. Only for pages that change nothing, and only within one: a command or task
asks anew each time.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")
_known: ContextVar[dict[Any, Any] | None] = ContextVar("known", default=None)


@contextmanager
def one_page() -> Iterator[None]:
    """Within it each question is asked once. A request is done again from its start
    where the database undid it: then nothing is known yet."""
    token = _known.set({})
    try:
        yield
    finally:
        _known.reset(token)


def once_a_page(read: Callable[_P, _T]) -> Callable[_P, _T]:
    """A read of hashable arguments whose answer nobody changes."""

    @wraps(read)
    def ask(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        known = _known.get()
        if known is None:
            return read(*args, **kwargs)
        key = (read, args, tuple(sorted(kwargs.items())))
        if key not in known:
            known[key] = read(*args, **kwargs)
        found: _T = known[key]
        return found

    return ask
