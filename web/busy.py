"""A row that others hold for too long is told in words, and not as a broken page."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import OperationalError

from web.errors import Busy
from web.sql_states import LOCK_NOT_AVAILABLE, sql_state

_P = ParamSpec("_P")
_T = TypeVar("_T")


def told_when_busy(work: Callable[_P, _T]) -> Callable[_P, _T]:
    """A service of one transaction, which then also raises Busy: where it waited for a
    row until the database ended that (`lock_timeout`). Nothing of it was written."""

    @wraps(work)
    def told(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        try:
            return work(*args, **kwargs)
        except OperationalError as error:
            if sql_state(error) != LOCK_NOT_AVAILABLE:
                raise
            raise Busy from error

    return told
