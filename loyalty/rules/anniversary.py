"""On which day somebody has been a customer for a whole number of years."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from crm.rules.choices import LeapDay
from crm.rules.dates import yearly

# A longer span would hold the same day of two years; no one is thanked for a year ago.
LONGEST_SPAN = timedelta(days=364)
_ONE_DAY = timedelta(days=1)
_LEAP_KEY = 229


@dataclass(frozen=True)
class Falls:
    """Who began on this day of the year (month * 100 + day) has it on this date."""

    key: int
    on: date


def day_key(day: date) -> int:
    """Month and day as one number: 1231 for 31 December."""
    return day.month * 100 + day.day


def anniversary(since_on: date, year: int, leap_day: LeapDay) -> date | None:
    """The day in this year; None before one whole year has passed."""
    if year <= since_on.year:
        return None
    return yearly(since_on.month, since_on.day, year, leap_day)


def years_on(since_on: date, on: date) -> int:
    """How many years the anniversary on this day completes."""
    return on.year - since_on.year


def falls(first_on: date, last_on: date, leap_day: LeapDay) -> list[Falls]:
    """Every day of the year that has its anniversary from first_on to last_on.

    At most a year back from the last day, so that each key stands once.
    """
    return [
        Falls(key, day)
        for day in _days(max(first_on, last_on - LONGEST_SPAN), last_on)
        for key in _keys_on(day, leap_day)
    ]


def _days(first_on: date, last_on: date) -> Iterator[date]:
    day = first_on
    while day <= last_on:
        yield day
        day += _ONE_DAY


def _keys_on(day: date, leap_day: LeapDay) -> Iterator[int]:
    yield day_key(day)
    # 29 February is a day of its own in a leap year, and joins another in the rest.
    if day_key(day) != _LEAP_KEY and yearly(2, 29, day.year, leap_day) == day:
        yield _LEAP_KEY
