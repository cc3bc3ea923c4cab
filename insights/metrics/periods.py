"""Months, quarters, years and spans of one's own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

MONTHS = {"month": 1, "quarter": 3, "year": 12}
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, order=True)
class Period:
    """From `starts_on` to the day before `ends_on`; without `unit`: of one's own."""

    starts_on: date
    ends_on: date
    unit: str = ""

    @property
    def last_day(self) -> date:
        return self.ends_on - ONE_DAY

    @property
    def months(self) -> int:
        """How many months it has, of a period of the calendar."""
        return MONTHS[self.unit]

    def is_over(self, horizon: date | None) -> bool:
        """Whether its last day is one of which everything is known."""
        return horizon is not None and self.last_day <= horizon


def add_months(day: date, months: int) -> date:
    """The first day of the month so many months after that of `day`."""
    whole = day.year * 12 + day.month - 1 + months
    return date(whole // 12, whole % 12 + 1, 1)


def containing(day: date, unit: str) -> Period:
    """The month, quarter or year of this day."""
    length = MONTHS[unit]
    first = date(day.year, (day.month - 1) // length * length + 1, 1)
    return Period(first, add_months(first, length), unit)


def before(period: Period, steps: int = 1) -> Period:
    """The one `steps` before; a span of one's own is followed by one of its length."""
    if not period.unit:
        length = period.ends_on - period.starts_on
        return Period(
            period.starts_on - steps * length, period.ends_on - steps * length
        )
    months = period.months * steps
    return Period(
        add_months(period.starts_on, -months),
        add_months(period.ends_on, -months),
        period.unit,
    )


def until(last: Period, count: int) -> Sequence[Period]:
    """`count` periods of the calendar, the last of them being `last`."""
    return [before(last, steps) for steps in range(count - 1, -1, -1)]


def last_over(horizon: date, unit: str) -> Period:
    """The last one whose every day is known."""
    current = containing(horizon, unit)
    return current if current.is_over(horizon) else before(current)
