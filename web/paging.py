"""Pages by the last row seen, not by a number: deep ones cost what the first does.

A list is in the order of some values of its rows. Those of one row are a place in it,
which `write_place` gives an address and `read_place` takes from one; no other module
writes or reads places. A list in the order of ids alone has the id as its place. (The
API has its own contract, `?after=` with an id: `web/api/pages.py`.)
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Generic, TypedDict, TypeVar, overload

from django.db.models import (
    CharField,
    DateField,
    DateTimeField,
    DecimalField,
    IntegerField,
    Model,
    Q,
    QuerySet,
)
from django.http import HttpRequest

T = TypeVar("T", bound=Model)
Value = datetime | date | Decimal | int | str
_A = TypeVar("_A")
_B = TypeVar("_B")
_C = TypeVar("_C")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_WHOLE = re.compile(r"-?[0-9]{1,19}")
_DECIMAL = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,12})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOST_TEXT = 2_000
# No character of a place has to be quoted in an address.
_BETWEEN = "~"


# --- A place in an address -----------------------------------------------------------


def write_place(*values: Value) -> str:
    """The place of a row with these values, for an address. Moments know their zone and
    are kept to the microsecond; decimals are finite."""
    return _BETWEEN.join(_written(value) for value in values)


@overload
def read_place(text: str, kind: type[_A], /) -> tuple[_A] | None: ...
@overload
def read_place(text: str, one: type[_A], two: type[_B], /) -> tuple[_A, _B] | None: ...
@overload
def read_place(
    text: str, one: type[_A], two: type[_B], three: type[_C], /
) -> tuple[_A, _B, _C] | None: ...
def read_place(text: str, *kinds: type) -> tuple[Any, ...] | None:
    """The values of a place, of these types in this order; moments are in UTC.

    None for every text that `write_place` would not write for them, so that an address
    somebody made up or cut short leads to the first page: never an error.
    """
    parts = text.split(_BETWEEN, len(kinds))
    if len(parts) != len(kinds):
        return None
    try:
        return tuple(_READ[kind](part) for kind, part in zip(kinds, parts, strict=True))
    except (ValueError, OverflowError):
        return None


def read_id(text: str) -> int | None:
    """The place in a list in the order of ids; None for a text that is none."""
    place = read_place(text, int)
    return place[0] if place is not None and place[0] >= 0 else None


def _written(value: Value) -> str:
    if isinstance(value, datetime):
        return str((value - _EPOCH) // _MICROSECOND)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, str):
        return urlsafe_b64encode(value.encode()).decode().rstrip("=")
    return str(value)


def _whole(text: str) -> int:
    if not _WHOLE.fullmatch(text) or not -(2**63) <= (number := int(text)) < 2**63:
        raise ValueError
    return number


def _moment(text: str) -> datetime:
    return _EPOCH + _whole(text) * _MICROSECOND


def _day(text: str) -> date:
    if not _DAY.fullmatch(text):
        raise ValueError
    return date.fromisoformat(text)


def _decimal(text: str) -> Decimal:
    if not _DECIMAL.fullmatch(text):
        raise ValueError
    return Decimal(text)


def _text(text: str) -> str:
    if len(text) > _MOST_TEXT or not text.isascii():
        raise ValueError
    # binascii.Error and UnicodeDecodeError are ValueErrors.
    found = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    # PostgreSQL holds no NUL; signs outside of its alphabet are passed over by base64.
    if "\x00" in found or _written(found) != text:
        raise ValueError
    return found


_READ: Mapping[type, Callable[[str], Value]] = {
    datetime: _moment,
    date: _day,
    Decimal: _decimal,
    int: _whole,
    str: _text,
}


# --- A page of rows ------------------------------------------------------------------


@dataclass(frozen=True)
class Page(Generic[T]):
    """Rows in the order shown; a place each way, empty where nothing lies there."""

    rows: list[T]
    newer: str
    older: str


class Sides(TypedDict):
    """The places that an address names: one of them, or neither."""

    older: str
    newer: str


def sides_of(request: HttpRequest) -> Sides:
    """The places in the address of a list, for `page`; empty where it names none."""
    return Sides(older=request.GET.get("older", ""), newer=request.GET.get("newer", ""))


def page(
    found: "QuerySet[T]",
    *,
    by: str,
    size: int,
    older: str = "",
    newer: str = "",
    oldest_first: bool = False,
    read: "Callable[[QuerySet[T]], Iterable[T]]" = list,
) -> Page[T]:
    """One page of at most `size` rows, ordered by the field or annotation `by`, which
    is never NULL: a moment, a day, a number or a text. `read` gets the rows that are
    chosen, as a query, and gives them in the same order.

    `older` and `newer` are places from an address: the page on that side of the row
    they name. A text that is no place counts as none. Without one it is the first
    page: the newest (highest) rows, or the oldest ones with `oldest_first`.
    """
    kind = _kind_of(found, by)
    before, after = read_place(older, kind, int), read_place(newer, kind, int)
    downwards = before is not None or (after is None and not oldest_first)
    rows = list(read(_beside(found, by, before, after, downwards)[: size + 1]))
    more = len(rows) > size
    rows = rows[:size]
    if downwards == oldest_first:
        rows.reverse()
    newest, oldest = (rows[-1:], rows[:1]) if oldest_first else (rows[:1], rows[-1:])
    has_newer = before is not None if downwards else more
    has_older = more if downwards else after is not None
    return Page(
        rows=rows,
        newer=_place_of(newest[0], by) if newest and has_newer else "",
        older=_place_of(oldest[0], by) if oldest and has_older else "",
    )


def _beside(
    found: "QuerySet[T]",
    by: str,
    before: tuple[Any, int] | None,
    after: tuple[Any, int] | None,
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


def _place_of(row: Any, by: str) -> str:
    return write_place(getattr(row, by), row.pk)


def _kind_of(found: "QuerySet[Any]", by: str) -> Any:
    annotation = found.query.annotations.get(by)
    field = annotation.output_field if annotation else found.model._meta.get_field(by)
    return next(kind for known, kind in _KINDS if isinstance(field, known))


# A moment's field is a kind of a day's.
_KINDS: Sequence[tuple[type, type]] = (
    (DateTimeField, datetime),
    (DateField, date),
    (DecimalField, Decimal),
    (IntegerField, int),
    (CharField, str),
)
