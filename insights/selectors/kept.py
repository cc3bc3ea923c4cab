"""Answers of slow statements, kept so that a page need not wait for them.

services/kept_answers.py says which, and counts them again once an hour. A statement of
which none is kept is asked now: so a page says the same with and without them, but for
what changed within the hour, of which it tells.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db.models import Min
from psycopg.sql import Composable

from insights.models import KeptAnswer
from insights.selectors.rows import rows_of

_read: ContextVar[list[datetime] | None] = ContextVar("read_answers", default=None)


def key_of(statement: Composable) -> str:
    """What an answer is found by."""
    return sha256(statement.as_string().encode()).hexdigest()


def rows(statement: Composable) -> list[tuple[Any, ...]]:
    """Its rows as they are kept, else counted now. Whole numbers and texts come back as
    they were; an amount as a text of it, for `Decimal` to read."""
    answers = KeptAnswer.objects.filter(key=key_of(statement))
    kept = answers.values_list("rows", "counted_at").first()
    if kept is None:
        return rows_of(statement)
    if (read := _read.get()) is not None:
        read.append(kept[1])
    return [tuple(row) for row in kept[0]]


@contextmanager
def times() -> Iterator[list[datetime]]:
    """When the answers were counted that are read within, as they are read."""
    read: list[datetime] = []
    token = _read.set(read)
    try:
        yield read
    finally:
        _read.reset(token)


def oldest() -> datetime | None:
    """When the oldest of them was counted; None: every page counts what it shows."""
    found: datetime | None = KeptAnswer.objects.aggregate(at=Min("counted_at"))["at"]
    return found
