"""Answers of slow statements, kept so that a page need not wait for them.

services/kept_answers.py says which, and counts them again once an hour. A statement of
which none is kept is asked now: so a page says the same with and without them, but for
what changed within the hour, of which it tells.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from hashlib import sha256
from typing import Any

from psycopg.sql import SQL, Composable

from insights.selectors.rows import rows_of

_KEPT = SQL(
    "SELECT key, rows::text, counted_at FROM insights_keptanswer WHERE key = ANY ({})"
)
_read: ContextVar[list[datetime] | None] = ContextVar("read_answers", default=None)


def key_of(statement: Composable) -> str:
    """What an answer is found by."""
    return sha256(statement.as_string().encode()).hexdigest()


def rows(statement: Composable) -> list[tuple[Any, ...]]:
    """Its rows as they are kept, else counted now. Whole numbers and texts come back as
    they were; an amount as a text of it, for `Decimal` to read."""
    [found] = rows_of_each([statement])
    return found


def rows_of_each(statements: Sequence[Composable]) -> list[list[tuple[Any, ...]]]:
    """The same of several, which are looked up together."""
    keys = [key_of(one) for one in statements]
    kept = {key: found for key, *found in rows_of(_KEPT.format(keys))}
    return [
        _told(*kept[key]) if key in kept else rows_of(statement)
        for key, statement in zip(keys, statements, strict=True)
    ]


def _told(answer: str, counted_at: datetime) -> list[tuple[Any, ...]]:
    if (read := _read.get()) is not None:
        read.append(counted_at)
    return [tuple(row) for row in json.loads(answer)]


@contextmanager
def times() -> Iterator[list[datetime]]:
    """When the answers were counted that are read within, as they are read."""
    read: list[datetime] = []
    token = _read.set(read)
    try:
        yield read
    finally:
        _read.reset(token)
