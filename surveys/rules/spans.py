"""Spans of days over which answers are counted, the newest last."""

from collections.abc import Sequence
from datetime import date, timedelta
from enum import StrEnum

Days = tuple[date, date]

ONE_DAY = timedelta(days=1)
ROLLING_DAYS = 90


class Unit(StrEnum):
    """The spans into which results are divided."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    ROLLING = "rolling"


SHOWN = {
    Unit.DAY: 30,
    Unit.WEEK: 26,
    Unit.MONTH: 24,
    Unit.QUARTER: 12,
    Unit.ROLLING: 24,
}


def newest(unit: Unit, today: date) -> list[Days]:
    """The newest spans, oldest first, as first and last days; the last holds today.

    Weeks begin on Monday. Rolling ones end with each month, and today; they overlap.
    """
    shown = SHOWN[unit]
    if unit is Unit.DAY:
        return [(day, day) for day in _back(today, 1, shown)]
    if unit is Unit.WEEK:
        monday = today - timedelta(days=today.weekday())
        return [(day, day + timedelta(days=6)) for day in _back(monday, 7, shown)]
    month = today.replace(day=1)
    if unit is Unit.ROLLING:
        firsts = [add_months(month, -back) for back in range(shown - 2, -1, -1)]
        return [rolling(last) for last in (*(day - ONE_DAY for day in firsts), today)]
    length = 3 if unit is Unit.QUARTER else 1
    first = (
        month if length == 1 else date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
    )
    return [
        months(add_months(first, -length * back), length)
        for back in range(shown - 1, -1, -1)
    ]


def rolling(last: date) -> Days:
    """The 90 days until this one."""
    return last - timedelta(days=ROLLING_DAYS - 1), last


def months(first: date, count: int) -> Days:
    """So many whole months, of which the first begins on this day."""
    return first, add_months(first, count) - ONE_DAY


def of_whole_months(unit: Unit, today: date) -> list[Days]:
    """The same of spans that whole months make up: rolling ones are three months that
    end with each one. What is counted by month alone can be told of these."""
    if unit is not Unit.ROLLING:
        return newest(unit, today)
    month = today.replace(day=1)
    shown = SHOWN[unit]
    return [
        months(add_months(month, -back - 2), 3) for back in range(shown - 1, -1, -1)
    ]


def compared(unit: Unit, today: date) -> tuple[Days, Days]:
    """The last two spans that are over and do not overlap."""
    if unit is Unit.ROLLING:
        after = rolling(today - ONE_DAY)
        return rolling(after[0] - ONE_DAY), after
    *_, before, after, _current = newest(unit, today)
    return before, after


def compared_months(today: date, count: int) -> tuple[Days, Days]:
    """The last so many whole months that are over, and as many before them."""
    month = today.replace(day=1)
    after = months(add_months(month, -count), count)
    return months(add_months(month, -2 * count), count), after


def add_months(day: date, count: int) -> date:
    """The first day of the month so many months after that of `day`."""
    whole = day.year * 12 + day.month - 1 + count
    return date(whole // 12, whole % 12 + 1, 1)


def _back(last: date, step: int, count: int) -> Sequence[date]:
    return [last - timedelta(days=step * back) for back in range(count - 1, -1, -1)]
