"""Until when a conversation is put aside, as its forms say it."""

from datetime import date, datetime, timedelta

from django.http import HttpRequest

from crm.rules import dates
from crm.staff import zone_of_reader
from support.errors import SnoozeDayOver
from web.rules.numbers import whole_number

MOST = timedelta(days=365)


def until(request: HttpRequest, now: datetime) -> datetime:
    """The beginning of the day `until` where the reader is, in UTC; without one `days`
    from now: 1 where none are given, a year at most. Raises SnoozeDayOver for what is
    no day, over, or more than a year away."""
    typed = request.POST.get("until", "").strip()
    if typed:
        return _beginning(typed, request, now)
    days = whole_number(request.POST.get("days", "")) or 1
    return now + timedelta(days=min(days, MOST.days))


def _beginning(typed: str, request: HttpRequest, now: datetime) -> datetime:
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        raise SnoozeDayOver from None
    zone = zone_of_reader(request)
    today = dates.local_day(now, zone)
    if not today < day <= today + MOST:
        raise SnoozeDayOver
    return dates.moment_at(day, 0, zone)
