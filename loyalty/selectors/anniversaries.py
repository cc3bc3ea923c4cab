"""Who has an anniversary, found by the index on month and day."""

from datetime import date, timedelta

from crm.rules.choices import LeapDay
from loyalty.rules.anniversary import falls
from loyalty.sql import anniversaries as sql
from messaging.kinds import Due


def due_anniversaries(
    first_on: date, last_on: date, *, offset_days: int, leap_day: LeapDay
) -> Due:
    """Live customers whose anniversary is thanked for from first_on to last_on.

    One row each, because the days never span more than a year. The occurrence is the
    year of the anniversary, also where its mail goes in the year before or after.
    """
    shift = timedelta(days=offset_days)
    return sql.due(falls(first_on - shift, last_on - shift, leap_day), shift)
