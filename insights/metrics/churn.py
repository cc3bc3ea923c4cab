"""Who left: by month, by six months divided by six, and what that adds up to."""

from dataclasses import dataclass
from math import log

from insights.metrics.intervals import share
from insights.metrics.measures import ENOUGH_FOR_A_SHARE, Measure, Why, without
from web.rules.intervals import wilson

SIX = 6


def monthly_churn(start: int, left: int) -> Measure:
    """Those who left in a month ÷ those who were there when it began.

    By the count at the start, as the field does, not by all existing: who came within
    the month cannot leave the base.
    """
    return _left(start, left)


def churn_a_month(start: int, left: int, months: int = SIX) -> Measure:
    """The monthly churn of a small base: leavers of six months ÷ 6 ÷ the start.

    `count` is all who left in these months. The interval is that of all of them,
    divided by their number.
    """
    whole = _left(start, left)
    if whole.value is None or whole.low is None or whole.high is None:
        return whole
    return Measure(
        whole.value / months,
        count=left,
        base=start,
        low=whole.low / months,
        high=whole.high / months,
    )


def _left(start: int, left: int) -> Measure:
    if start >= ENOUGH_FOR_A_SHARE and left == start:
        return without(Why.EVERYBODY_LEFT, count=left, base=start)
    return share(left, start)


def lost_after(monthly: float, months: int) -> float:
    """The share that is gone after `months` of the same churn: 1 - (1 - churn)ⁿ.

    10 % a month are 46.9 % in six months and 3 % are 16.7 %; six times 10 % would be
    wrong, because fewer are left to leave.
    """
    return float(1 - (1 - monthly) ** months)


def average_stay(monthly: float) -> Measure:
    """In months: 1 ÷ churn, the mean of a geometric distribution. 2 % are 50 months."""
    if monthly <= 0:
        return without(Why.NOBODY_LEFT)
    return Measure(1 / monthly)


def half_life(monthly: float) -> Measure:
    """Months until half are gone: ln ½ ÷ ln(1 - churn). 2 % are 34, not 50: a few who
    stay for very long pull the mean up."""
    if monthly <= 0:
        return without(Why.NOBODY_LEFT)
    if monthly >= 1:
        return without(Why.EVERYBODY_LEFT)
    return Measure(log(0.5) / log(1 - monthly))


@dataclass(frozen=True)
class Balance:
    """How many came and went in a month, and whether the gains replace the losses."""

    gained: int
    lost: int

    @property
    def is_growing(self) -> bool:
        return self.gained > self.lost

    @property
    def replaced(self) -> Measure:
        """Gained for each one lost; no value where nobody left.

        Whoever came or left came with a probability of which Wilson's interval is
        known; its odds are the interval of the ratio (Przyborowski and Wilenski,
        Biometrika 31 (1940): of two counts, given their sum). None of few.
        """
        if not self.lost:
            return without(Why.NOBODY_LEFT, count=self.gained)
        low = high = None
        moved = self.gained + self.lost
        if moved >= ENOUGH_FOR_A_SHARE:
            low, high = (end / (1 - end) for end in wilson(self.gained, moved))
        return Measure(
            self.gained / self.lost,
            count=self.gained,
            base=self.lost,
            low=low,
            high=high,
        )
