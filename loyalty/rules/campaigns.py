"""When a campaign of a day goes, and how many people a yes covers."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from crm.rules.dates import moment_at

_FIRST, _LAST = ZoneInfo("Etc/GMT-14"), ZoneInfo("Etc/GMT+12")


def span(on: date, hour: int) -> tuple[datetime, datetime]:
    """The first and the last moment on earth at which a day has this hour."""
    return moment_at(on, hour, _FIRST), moment_at(on, hour, _LAST)


def covered_by_yes(people: int) -> int:
    """A segment breathes: a tenth more than were counted is no new question."""
    return people + people // 10
