"""How many were customers when a period began, stayed, came and left.

From the sums by month, or counted from the spells where no sum is kept.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from itertools import accumulate

from django.db import connection
from psycopg.sql import SQL, Composable, Composed

from insights.choices import Basis
from insights.metrics.movement import Both, Share
from insights.metrics.periods import MONTHS, Period
from insights.metrics.retention import Span
from insights.models import Cell
from insights.selectors import kept
from insights.selectors.once import once_a_page
from insights.selectors.rows import rows_of
from insights.sql import cells
from insights.sql import people as sql

EVERYBODY = SQL("true")


@dataclass(frozen=True)
class Counts:
    """The customers of a span by what became of them, as sql.people.GROUPS does."""

    start: int
    kept: int
    lost: int
    new: int
    back: int
    end: int

    @property
    def left(self) -> Share:
        """Those who left, of those who were there when it began."""
        return Share(self.lost, self.start)

    @property
    def span(self) -> Span:
        return Span(self.start, self.new, self.back, self.end)

    @classmethod
    def of(cls, start: int, new: int, back: int, end: int) -> "Counts":
        kept = end - new - back
        return cls(start, kept, start - kept, new, back, end)


def over_time(
    basis: Basis, periods: Sequence[Period], dimension: str = "all", value: str = ""
) -> list[Counts]:
    """The counts of neighbouring periods of one unit, from the sums."""
    found = _by_month(basis.value, dimension, value)
    return [_counted(found, period) for period in periods]


def _names(unit: str) -> tuple[str, ...]:
    return ("new", "back", "lost", f"new_gone_in_{unit}", f"back_gone_in_{unit}")


@dataclass(frozen=True)
class _Months:
    """Running sums: who was there before each month, and after the last one; of who
    came first or again, those who stayed within a month, a quarter and a year."""

    months: list[date]
    there: list[int]
    stayed: Mapping[str, tuple[list[int], list[int]]]


@once_a_page
def _by_month(basis: str, dimension: str, value: str) -> _Months:
    """Of one value of a dimension, of all units in one query."""
    gone = [name for unit in MONTHS for name in _names(unit)[3:]]
    rows = list(
        Cell.objects.filter(basis=basis, dimension=dimension, value=value)
        .order_by("month")
        .values_list("month", "new", "back", "lost", *gone)
    )
    return _Months(
        [row[0] for row in rows],
        _running(row[1] + row[2] - row[3] for row in rows),
        {
            unit: (
                _running(row[1] - row[at] for row in rows),
                _running(row[2] - row[at + 1] for row in rows),
            )
            for unit, at in zip(MONTHS, (4, 6, 8), strict=True)
        },
    )


def _running(values: Iterable[int]) -> list[int]:
    return list(accumulate(values, initial=0))


def _counted(found: _Months, period: Period) -> Counts:
    first = bisect_left(found.months, period.starts_on)
    after = bisect_left(found.months, period.ends_on)
    new, back = found.stayed[period.unit]
    return Counts.of(
        start=found.there[first],
        new=new[after] - new[first],
        back=back[after] - back[first],
        end=found.there[after],
    )


def by_value(basis: Basis, period: Period, dimension: str) -> dict[str, Counts]:
    """The counts of a period of the calendar for each country, source or owner."""
    statement = cells.by_value(
        basis.value, dimension, period.unit, (period.starts_on, period.ends_on)
    )
    return {
        value: Counts.of(start, new, back, start + moved)
        for value, start, moved, new, back in rows_of(statement)
    }


def counted(basis: Basis, period: Period, who: Composable = EVERYBODY) -> Counts:
    """The counts of any span of those whom `who` chooses, from the spells."""
    [found] = counted_each(basis, [period], who)
    return found


def counted_each(
    basis: Basis, periods: Sequence[Period], who: Composable = EVERYBODY
) -> list[Counts]:
    """The same for each of these spans, by one query."""
    if not periods:
        return []
    spans = [(period.starts_on, period.ends_on) for period in periods]
    with connection.cursor() as cursor:
        cursor.execute(sql.counts(basis.value, spans, who))
        found = [dict(zip(sql.GROUPS, row, strict=True)) for row in cursor.fetchall()]
    return [Counts(*(row[field.name] for field in fields(Counts))) for row in found]


def in_both_statement(
    basis: Basis,
    pairs: Sequence[tuple[Period, Period]],
    who: tuple[Composable, Composable] = (EVERYBODY, EVERYBODY),
) -> Composed:
    """What `in_both` asks."""
    spans = [
        ((was.starts_on, was.ends_on), (now.starts_on, now.ends_on))
        for was, now in pairs
    ]
    return sql.in_both(basis.value, spans, who)


def in_both(
    basis: Basis,
    pairs: Sequence[tuple[Period, Period]],
    who: tuple[Composable, Composable] = (EVERYBODY, EVERYBODY),
) -> list[Both]:
    """For each earlier and later span, those who were customers when both began, and
    how many of them were kept, by one query. `who`: whom of, in either."""
    if not pairs:
        return []
    return [Both(*row) for row in kept.rows(in_both_statement(basis, pairs, who))]


def values_of(basis: Basis, dimension: str) -> list[str]:
    """Each country, source or owner that anybody has or had."""
    cells = Cell.objects.filter(basis=basis.value, dimension=dimension)
    return list(cells.order_by("value").values_list("value", flat=True).distinct())


def most_bought(before: date, *, most: int) -> list[int]:
    """The ids of the products that most people had bought before a day."""
    with connection.cursor() as cursor:
        cursor.execute(sql.most_bought(before, most))
        return [pk for (pk,) in cursor.fetchall()]
