"""Which name days fall in a span of days, and what the calendars hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet

from loyalty.models import NameDay, NameDayCalendar
from loyalty.rules.name_days import Listed, day_in

MOST_SHOWN = 50


@dataclass(frozen=True)
class SeveralDays:
    """A name that stands on several days of a calendar."""

    name: str
    days: list[NameDay]


def days_between(first_on: date, last_on: date) -> list[tuple[int, str, date]]:
    """(id, key, day) of every main day from the one to the other, in used calendars."""
    rows = NameDay.objects.filter(
        Q(month__in=_months(first_on, last_on)) | Q(from_easter__isnull=False),
        is_main=True,
        calendar__is_used=True,
    ).select_related("calendar")
    years = range(first_on.year, last_on.year + 1)
    found = [(row.pk, row.key, day_of(row, year)) for row in rows for year in years]
    return [(pk, key, on) for pk, key, on in found if on and first_on <= on <= last_on]


def day_of(row: NameDay, year: int) -> date | None:
    """The day of that year; the calendar comes with the row (select_related)."""
    listed = Listed(row.name, row.month, row.day, row.from_easter)
    return day_in(year, listed, orthodox=row.calendar.is_orthodox)


def calendars() -> QuerySet[NameDayCalendar]:
    """Each with `names` and `several`: how many names, and how many rows are not the
    main one of their name."""
    return NameDayCalendar.objects.annotate(
        names=Count("days", filter=Q(days__is_main=True)),
        several=Count("days", filter=Q(days__is_main=False)),
    )


def several_days(calendar: NameDayCalendar, q: str) -> Sequence[SeveralDays]:
    """Names with more than one day, some at most: those that begin with `q`."""
    keys = (
        calendar.days.filter(is_main=False, name__istartswith=q)
        .order_by("key")
        .values_list("key", flat=True)
        .distinct()[:MOST_SHOWN]
    )
    rows = calendar.days.filter(key__in=list(keys)).order_by("key", "month", "day")
    found: dict[str, list[NameDay]] = {}
    for row in rows:
        found.setdefault(row.key, []).append(row)
    return [SeveralDays(rows[0].name, rows) for rows in found.values()]


def _months(first_on: date, last_on: date) -> set[int]:
    span = (last_on.year - first_on.year) * 12 + last_on.month - first_on.month
    return {(first_on.month - 1 + ahead) % 12 + 1 for ahead in range(span + 1)}
