"""How long a reward is good: to the end of a day of the shop."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from crm.rules import dates


def last_day(granted_on: date, life_days: int | None) -> date | None:
    """The day on which it is good for the last time; None: it does not run out. A life
    of one day ends on the day after."""
    return None if life_days is None else granted_on + timedelta(days=life_days)


def year_before(day: date) -> date:
    """The first of the twelve months that end with this day: of 10 March 2027 it is
    11 March 2026, and of 28 February 2029 it is 29 February 2028."""
    try:
        same = day.replace(year=day.year - 1)
    except ValueError:  # 29 February
        same = day.replace(year=day.year - 1, day=28)
    return same + timedelta(days=1)


def day_to_do(granted_on: date, days: int) -> date:
    """By when somebody must have done it; none: on the same day."""
    return granted_on + timedelta(days=days)


def moment_after(day: date | None, zone: ZoneInfo) -> datetime | None:
    """When that day is over in the shop."""
    if day is None:
        return None
    return dates.moment_at(day + timedelta(days=1), 0, zone)
