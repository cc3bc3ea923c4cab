"""When a customer is asked, and by when somebody answers a low score."""

from datetime import date, datetime, time, timedelta

from crm.rules import spread

# An answer may be changed for this long after it was given.
CHANGE_WINDOW = timedelta(hours=24)
# Two different scores from one link within this time are a machine trying links.
CLASH_WINDOW = timedelta(seconds=120)
# Nothing of the past is sent, and in the far east tomorrow has begun already.
FIRST_ASK_AFTER = timedelta(days=2)

CLOSES_AT, MIDDAY = time(17), time(12)
LAST_HOUR_FOR_TODAY = 15


def first_ask_on(customer_id: int, every_days: int, start: date) -> date:
    """A day in [start, start + every_days), the same one whenever it is asked."""
    return start + timedelta(days=spread.day_of(customer_id, every_days))


def call_back_by(
    local: datetime, weekend: frozenset[int], within_days: int = 0
) -> datetime:
    """By when somebody should have answered a low score, in the shop's working hours.

    Until 15:00 of a working day: the same day, 17:00. Later, or on a day off: noon of
    the next working day. `weekend` holds weekdays, Monday 0. With `within_days`: 17:00
    of the working day that is so many after this one.
    """
    if within_days:
        day = local.date()
        while within_days:
            day += timedelta(days=1)
            within_days -= day.weekday() not in weekend
        return datetime.combine(day, CLOSES_AT, local.tzinfo)
    if local.weekday() not in weekend and local.hour < LAST_HOUR_FOR_TODAY:
        return datetime.combine(local.date(), CLOSES_AT, local.tzinfo)
    day = local.date() + timedelta(days=1)
    while day.weekday() in weekend:
        day += timedelta(days=1)
    return datetime.combine(day, MIDDAY, local.tzinfo)
