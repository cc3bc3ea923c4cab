"""Local days and hours, 29 February and quiet hours, without a clock of their own.

A moment is an aware datetime in UTC; a day is the customer's own. The zone of the
server is never asked.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from crm.rules.choices import LeapDay

# No till, letter or call that a shop remembers is older. Days before year 1 in another
# zone, which no clock here can show, are far away from it.
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
# Clocks of tills and zones differ; more than this ahead is a mistake.
AHEAD = timedelta(days=2)

_SECOND = timedelta(seconds=1)
# More local days than any zone ever skipped in a row, with quiet hours on both sides.
_DAYS_TO_LOOK_AHEAD = 5


def zone_of(name: str, fallback: str) -> ZoneInfo:
    """The zone of this name, else the fallback, else UTC."""
    return _zone_or_none(name) or _zone_or_none(fallback) or ZoneInfo("UTC")


def is_zone(name: str) -> bool:
    """Whether this is an IANA time zone that we know, such as `Asia/Jerusalem`."""
    return _zone_or_none(name) is not None


@cache
def zone_names() -> tuple[str, ...]:
    """Every zone there is, in order."""
    return tuple(sorted(name for name in available_timezones() if is_zone(name)))


# Kept: ZoneInfo itself keeps eight, and reads the others from the disk each time.
@lru_cache(maxsize=2048)
def _zone_or_none(name: str) -> ZoneInfo | None:
    # "localtime" is a file on many machines: it would be the zone of the server.
    if not name or name == "localtime":
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        # Unknown, not normal ("../x", NUL), or the folder of a region ("America").
        return None


def moment_at(day: date, hour: int, zone: ZoneInfo) -> datetime:
    """When it is this hour of this day there, in UTC.

    An hour that comes twice (clocks go back) is the first of the two. An hour that
    never comes (clocks go forward, a day skipped) is the next moment that does.
    """
    shown = datetime.combine(day, time(hour), tzinfo=zone)
    first = shown.astimezone(UTC)
    # Inside one zone, == compares what the clocks show.
    if first.astimezone(zone) == shown:
        return first
    # In a gap the two readings stand on both sides of the jump: find the jump.
    before = shown.replace(fold=1).astimezone(UTC)
    return _first_moment_showing(shown, before, first)


def _first_moment_showing(
    shown: datetime, before: datetime, after: datetime
) -> datetime:
    while after - before > _SECOND:
        middle = before + timedelta(seconds=(after - before) // _SECOND // 2)
        if middle.astimezone(shown.tzinfo) < shown:
            before = middle
        else:
            after = middle
    return after


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    """The day of this moment in that zone."""
    return moment.astimezone(zone).date()


def yearly(month: int, day: int, year: int, leap_day: LeapDay) -> date:
    """The day of this year on which a yearly date falls."""
    if (month, day) == (2, 29) and not _is_leap(year):
        # An anniversary of 29 February is kept each year, not every four.
        return date(year, 3, 1) if leap_day == LeapDay.MAR_1 else date(year, 2, 28)
    return date(year, month, day)


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def is_quiet(hour: int, quiet_from: int, quiet_until: int) -> bool:
    """From 21 until 8 goes over midnight; equal ends are never quiet."""
    if quiet_from <= quiet_until:
        return quiet_from <= hour < quiet_until
    return hour >= quiet_from or hour < quiet_until


def quiet_until(
    moment: datetime, zone: ZoneInfo, quiet_from: int, quiet_until: int
) -> datetime | None:
    """When the quiet hours around this moment end there; None: it is not quiet.

    Always later than the moment. An end that never comes that day, because clocks
    jumped over it into hours that are quiet themselves, is the end of the next day.
    """
    if not is_quiet(moment.astimezone(zone).hour, quiet_from, quiet_until):
        return None
    today = local_day(moment, zone)
    ends = (
        moment_at(today + timedelta(days=ahead), quiet_until, zone)
        for ahead in range(_DAYS_TO_LOOK_AHEAD)
    )
    return next(
        end
        for end in ends
        if end > moment
        and not is_quiet(end.astimezone(zone).hour, quiet_from, quiet_until)
    )


def city(zone: ZoneInfo) -> str:
    """The name people know a zone by: "Tel Aviv" of Asia/Tel_Aviv."""
    return zone.key.rpartition("/")[2].replace("_", " ")
