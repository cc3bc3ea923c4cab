"""Which days of the year have their occasion in a span of days, and for whom.

A day of the year is one number (month * 100 + day), because the index is by that.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from crm.rules.choices import LeapDay
from crm.rules.dates import EARLIEST, yearly
from loyalty.rules.anniversary import Falls, day_key, falls

MILESTONE_DAYS = (100,)
MILESTONE_YEARS = (5, 10, 20)


@dataclass(frozen=True)
class Occasion:
    """Who began on a day of this key, from `since` to `until`, has it on `on`.

    `occurrence` makes it the same one again, whatever becomes of the day meanwhile.
    """

    key: int
    occurrence: str
    on: date
    since: date
    until: date


def whole_years(first_on: date, last_on: date, leap_day: LeapDay) -> list[Occasion]:
    """Each whole year since the day that they began."""
    return [
        Occasion(day.key, str(day.on.year), day.on, EARLIEST.date(), _year_before(day))
        for day in falls(first_on, last_on, leap_day)
    ]


def milestones(first_on: date, last_on: date, leap_day: LeapDay) -> list[Occasion]:
    """100 days, 5, 10 and 20 years since the day that they began; each once in a
    life."""
    return [
        *_after_years(falls(first_on, last_on, leap_day)),
        *_after_days(first_on, last_on),
    ]


def milestone_words(occurrence: str) -> tuple[int, bool]:
    """(5, True) of "5y", (100, False) of "100d": how many, and whether years."""
    return int(occurrence[:-1]), occurrence.endswith("y")


def milestone_on(since_on: date, occurrence: str, leap_day: LeapDay) -> date:
    """The day of a milestone of somebody who began then."""
    number, is_years = milestone_words(occurrence)
    if is_years:
        return yearly(since_on.month, since_on.day, since_on.year + number, leap_day)
    return since_on + timedelta(days=number)


def _after_years(days: list[Falls]) -> Iterator[Occasion]:
    for day in days:
        for years in MILESTONE_YEARS:
            began = day.on.year - years
            yield Occasion(
                day.key,
                f"{years}y",
                day.on,
                date(began, 1, 1),
                date(began, 12, 31),
            )


def _after_days(first_on: date, last_on: date) -> Iterator[Occasion]:
    for days in MILESTONE_DAYS:
        for ahead in range((last_on - first_on).days + 1):
            on = first_on + timedelta(days=ahead)
            began = on - timedelta(days=days)
            yield Occasion(day_key(began), f"{days}d", on, began, began)


def _year_before(day: Falls) -> date:
    return date(day.on.year - 1, 12, 31)
