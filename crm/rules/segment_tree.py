"""Conditions that choose customers, as a tree: read from JSON, checked, written back.

A group asks for all, any or none of its parts; a part is a condition or a group.
Days are counted by an argument, never by a clock.
"""

from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from web.errors import InvalidValue

# A group, a group in it, and one in that: what a sentence can still say.
MOST_DEPTH = 3
MOST_CONDITIONS = 40
MOST_VALUES = 200
MOST_CHARACTERS = 200
MOST_PERIOD = 5000


class Match(StrEnum):
    """How the parts of a group are joined."""

    ALL = "all"
    ANY = "any"
    NONE = "none"


class Is(StrEnum):
    """What is asked of a field."""

    ANY_OF = "any_of"
    NONE_OF = "none_of"
    CONTAINS = "contains"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    ON_OR_AFTER = "on_or_after"
    BEFORE = "before"
    IN_LAST = "in_last"
    NOT_IN_LAST = "not_in_last"
    IN_NEXT = "in_next"
    KNOWN = "known"
    UNKNOWN = "unknown"
    YES = "yes"
    NO = "no"


# Those that take a length of time, and those that take nothing.
WITH_PERIOD = frozenset({Is.IN_LAST, Is.NOT_IN_LAST, Is.IN_NEXT})
ALONE = frozenset({Is.KNOWN, Is.UNKNOWN, Is.YES, Is.NO})


class Unit(StrEnum):
    """The unit of a span of time in a condition."""

    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"
    YEARS = "years"


@dataclass(frozen=True)
class Period:
    """A length of time. A month before 31 March is the last day of February."""

    count: int
    unit: Unit

    def before(self, day: date) -> date:
        """The day that lies this long before; the first day there is, where none is."""
        return self._moved(day, -1)

    def after(self, day: date) -> date:
        """The day that lies this span after `day`."""
        return self._moved(day, 1)

    def _moved(self, day: date, sign: int) -> date:
        count = sign * self.count
        try:
            if self.unit is Unit.DAYS:
                return day + timedelta(days=count)
            if self.unit is Unit.WEEKS:
                return day + timedelta(weeks=count)
            months = count if self.unit is Unit.MONTHS else 12 * count
            year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
            last = monthrange(year, month + 1)[1]
            return date(year, month + 1, min(day.day, last))
        except (ValueError, OverflowError):
            return date.max if sign > 0 else date.min


@dataclass(frozen=True)
class Condition:
    """One question about a field.

    `values` are texts as they were typed or chosen; `within` narrows what is counted
    to the last days, `currency` says in which money.
    """

    field: str
    is_: Is
    values: tuple[str, ...] = ()
    period: Period | None = None
    within: Period | None = None
    currency: str = ""


@dataclass(frozen=True)
class Group:
    """Conditions and groups of conditions, joined by `match`."""

    match: Match
    parts: "tuple[Group | Condition, ...]" = field(default_factory=tuple)

    def conditions(self) -> Iterator[Condition]:
        """Every condition in it, in order."""
        for part in self.parts:
            if isinstance(part, Group):
                yield from part.conditions()
            else:
                yield part


def read(raw: object) -> Group:
    """The tree that JSON means. Raises InvalidValue with a code for `conditions`."""
    group = _group(raw, depth=1)
    if sum(1 for _ in group.conditions()) > MOST_CONDITIONS:
        raise _refused("too_many_conditions")
    return group


def as_json(part: Group | Condition) -> dict[str, Any]:
    """As it is stored: `read` of it is the same tree."""
    if isinstance(part, Group):
        return {
            "match": part.match.value,
            "parts": [as_json(one) for one in part.parts],
        }
    written: dict[str, Any] = {"field": part.field, "is": part.is_.value}
    if part.values:
        written["values"] = list(part.values)
    for name, period in (("period", part.period), ("within", part.within)):
        if period is not None:
            written[name] = {"count": period.count, "unit": period.unit.value}
    if part.currency:
        written["currency"] = part.currency
    return written


def _group(raw: object, *, depth: int) -> Group:
    if not isinstance(raw, Mapping) or raw.keys() - {"match", "parts"}:
        raise _refused("conditions_unreadable")
    if depth > MOST_DEPTH:
        raise _refused("conditions_too_deep")
    parts = raw.get("parts", [])
    if not isinstance(parts, list):
        raise _refused("conditions_unreadable")
    try:
        match = Match(raw.get("match", ""))
    except ValueError:
        raise _refused("conditions_unreadable") from None
    return Group(match, tuple(_part(part, depth=depth) for part in parts))


def _part(raw: object, *, depth: int) -> Group | Condition:
    if isinstance(raw, Mapping) and "match" in raw:
        return _group(raw, depth=depth + 1)
    return _condition(raw)


def _condition(raw: object) -> Condition:
    known = {"field", "is", "values", "period", "within", "currency"}
    if not isinstance(raw, Mapping) or raw.keys() - known:
        raise _refused("conditions_unreadable")
    try:
        is_ = Is(raw.get("is", ""))
    except ValueError:
        raise _refused("conditions_unreadable") from None
    values, name, currency = (
        raw.get("values", []),
        raw.get("field", ""),
        raw.get("currency", ""),
    )
    if not (isinstance(values, list) and isinstance(name, str)):
        raise _refused("conditions_unreadable")
    if not all(isinstance(one, str) for one in (*values, currency)):
        raise _refused("conditions_unreadable")
    if len(values) > MOST_VALUES or any(len(one) > MOST_CHARACTERS for one in values):
        raise _refused("too_many_values")
    if any("\x00" in one for one in (*values, name, currency)):
        raise _refused("conditions_unreadable")
    return Condition(
        field=name,
        is_=is_,
        values=tuple(values),
        period=_period(raw.get("period")),
        within=_period(raw.get("within")),
        currency=currency,
    )


def _period(raw: object) -> Period | None:
    if raw is None:
        return None
    if not isinstance(raw, Mapping) or raw.keys() != {"count", "unit"}:
        raise _refused("conditions_unreadable")
    count = raw["count"]
    if type(count) is not int or not 0 < count <= MOST_PERIOD:
        raise _refused("period_out_of_range")
    try:
        return Period(count, Unit(raw["unit"]))
    except ValueError:
        raise _refused("conditions_unreadable") from None


def _refused(code: str) -> InvalidValue:
    return InvalidValue(fields={"conditions": code})
