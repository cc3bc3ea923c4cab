"""Two neighbouring spans of months whose last days are over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from insights.metrics.periods import add_months, containing

YEAR, QUARTER = 12, 3
LENGTHS = (YEAR, QUARTER)
# A trend of three years.
TREND = 12


@dataclass(frozen=True)
class Pair:
    """`months` months before `ends_on`, and as many before those; days are firsts."""

    ends_on: date
    months: int

    @property
    def middle(self) -> date:
        return add_months(self.ends_on, -self.months)

    @property
    def starts_on(self) -> date:
        return add_months(self.ends_on, -2 * self.months)

    def overlaps(self, other: "Pair") -> bool:
        """Whether any of their months are the same."""
        return self.starts_on < other.ends_on and other.starts_on < self.ends_on


def last_end(last: date, today: date) -> date:
    """The end of the last month that is over: a later order is known, or it is past.

    `last` is the day of the newest order. An order that is dated in days to come says
    nothing about the days until then.
    """
    return min(last, today).replace(day=1)


def ends(first: date, last: date, today: date, months: int) -> Sequence[Pair]:
    """The newest pair, and those at the ends of quarters before it, oldest first.

    Only pairs of which a part is known: whose end lies after the month of the `first`
    order.
    """
    newest = last_end(last, today)
    quarter = containing(newest, "quarter").starts_on
    days = {newest} | {add_months(quarter, -3 * back) for back in range(TREND)}
    known = [day for day in sorted(days) if day > first.replace(day=1)]
    return [Pair(day, months) for day in known]
