"""Pages by the last row seen, not by a number: deep ones cost what the first does."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet

T = TypeVar("T", bound=Model)
_CURSOR = re.compile(r"([0-9]{1,17})-([0-9]{1,18})")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Page(Generic[T]):
    """Rows in the order shown; a cursor each way, empty where nothing lies there."""

    rows: list[T]
    newer: str
    older: str


def page(
    found: "QuerySet[T]",
    *,
    by: str,
    size: int,
    older: str = "",
    newer: str = "",
    oldest_first: bool = False,
) -> Page[T]:
    """The rows beside a cursor; one that nobody made is as none."""
    before, after = _read(older), _read(newer)
    downwards = before is not None or (after is None and not oldest_first)
    rows = list(_beside(found, by, before, after, downwards)[: size + 1])
    more = len(rows) > size
    rows = rows[:size]
    if downwards == oldest_first:
        rows.reverse()
    newest, oldest = (rows[-1:], rows[:1]) if oldest_first else (rows[:1], rows[-1:])
    has_newer = before is not None if downwards else more
    has_older = more if downwards else after is not None
    return Page(
        rows=rows,
        newer=_cursor(newest[0], by) if newest and has_newer else "",
        older=_cursor(oldest[0], by) if oldest and has_older else "",
    )


def _beside(
    found: "QuerySet[T]",
    by: str,
    before: tuple[datetime, int] | None,
    after: tuple[datetime, int] | None,
    downwards: bool,
) -> "QuerySet[T]":
    if before is not None:
        at, pk = before
        found = found.filter(
            Q(**{f"{by}__lt": at}) | Q(**{by: at, "pk__lt": pk}), **{f"{by}__lte": at}
        )
    elif after is not None:
        at, pk = after
        found = found.filter(
            Q(**{f"{by}__gt": at}) | Q(**{by: at, "pk__gt": pk}), **{f"{by}__gte": at}
        )
    return found.order_by(*([f"-{by}", "-pk"] if downwards else [by, "pk"]))


def _cursor(row: Any, by: str) -> str:
    return f"{(getattr(row, by) - _EPOCH) // _MICROSECOND}-{row.pk}"


def _read(cursor: str) -> tuple[datetime, int] | None:
    parts = _CURSOR.fullmatch(cursor)
    if parts is None:
        return None
    try:
        at = _EPOCH + int(parts[1]) * _MICROSECOND
    except OverflowError:
        return None
    return at, int(parts[2])
