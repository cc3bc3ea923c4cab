"""Pages by the last row seen, not by a number: deep ones cost what the first does."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Generic, TypeVar

from django.db.models import DateTimeField, Model, Q, QuerySet

T = TypeVar("T", bound=Model)
Place = tuple[datetime | date, int]
_CURSOR = re.compile(r"(-?[0-9]{1,18})((?:-[0-9]{1,18})+)")
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
    """One page of at most `size` rows, ordered by the field `by`, a moment or a day.

    `older` and `newer` are cursors from an address: the page on that side of the row
    they name. A text that is no cursor counts as none. Without one it is the first
    page: the newest rows, or the oldest ones with `oldest_first`.
    """
    before, after = _read(found, by, older), _read(found, by, newer)
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
    before: Place | None,
    after: Place | None,
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
    return write_cursor(getattr(row, by), row.pk)


def write_cursor(moment: datetime | date, *ids: int) -> str:
    """A place in a list ordered by a moment or a day, then by these whole numbers.

    Microseconds since 1970 and the numbers, joined by hyphens: no character of it has
    to be quoted in an address.
    """
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day, tzinfo=UTC)
    parts = [(moment - _EPOCH) // _MICROSECOND, *ids]
    return "-".join(str(part) for part in parts)


def read_cursor(text: str, *, ids: int = 1) -> tuple[datetime, list[int]] | None:
    """The moment, in UTC, and `ids` numbers; None for a text that is no cursor."""
    parts = _CURSOR.fullmatch(text)
    if parts is None:
        return None
    found = [int(part) for part in parts[2].split("-")[1:]]
    if len(found) != ids:
        return None
    try:
        return _EPOCH + int(parts[1]) * _MICROSECOND, found
    except OverflowError:
        return None


def _read(found: "QuerySet[Any]", by: str, cursor: str) -> Place | None:
    place = read_cursor(cursor)
    if place is None:
        return None
    moment, (pk,) = place
    is_moment = isinstance(found.model._meta.get_field(by), DateTimeField)
    return moment if is_moment else moment.date(), pk
