"""Who stayed: the rate over a span, cohorts, and how soon people come back."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import exp, log, sqrt
from operator import itemgetter

from insights.metrics.intervals import quantile, share
from insights.metrics.measures import ENOUGH_FOR_A_SHARE, Measure, Why, without
from web.rules.intervals import Z_95


@dataclass(frozen=True)
class Span:
    """Customers over a span of time.

    `gained_new` came for the first time and `gained_back` after an absence; both count
    only where they are there at the end. Whoever was there at the start, left and came
    back within the span is one of `gained_back`, so nobody can be kept twice.
    """

    start: int
    gained_new: int
    gained_back: int
    end: int

    @property
    def gained(self) -> int:
        return self.gained_new + self.gained_back

    @property
    def kept(self) -> int:
        return self.end - self.gained

    @property
    def lost(self) -> int:
        return self.start - self.kept


def retention(span: Span) -> Measure:
    """(customers at the end - gained) ÷ customers at the start.

    The formula of customer retention rate, as Harvard Business School Online and most
    textbooks give it: 1000 at the start, 200 gained and 1100 at the end are 90 %.
    """
    if not 0 <= span.kept <= span.start:
        raise ValueError(f"{span} does not add up.")
    if not span.start:
        return without(Why.EVERYBODY_NEW if span.end else Why.NOBODY)
    if not span.kept and span.start >= ENOUGH_FOR_A_SHARE:
        return without(Why.EVERYBODY_LEFT, base=span.start)
    return share(span.kept, span.start)


def cohort(size: int, active: Sequence[int | None]) -> list[Measure]:
    """A row of a cohort table: who of `size` is active in each later period.

    None stands for a period that is not over. The share of each period is of the whole
    cohort, as in a triangle of retention (Fader and Hardie, Journal of Interactive
    Marketing 21 (2007), table 1).
    """
    return [
        without(Why.NOT_OVER, base=size) if count is None else share(count, size)
        for count in active
    ]


def mean_of_cohorts(rows: Iterable[tuple[int, Sequence[int | None]]]) -> list[Measure]:
    """One measure for each period: all active of all cohorts in which it is over.

    A mean weighted by the sizes; a cohort whose period is not over does not count in
    it, neither above nor below the line.
    """
    counts: dict[int, int] = {}
    sizes: dict[int, int] = {}
    for size, active in rows:
        for period, count in enumerate(active):
            if count is not None:
                counts[period] = counts.get(period, 0) + count
                sizes[period] = sizes.get(period, 0) + size
    return [share(counts[period], sizes[period]) for period in sorted(counts)]


def repeat_rate(buyers: int, more_than_once: int) -> Measure:
    """Those who bought on two days or more ÷ all who bought."""
    return share(more_than_once, buyers)


def gap(days: Mapping[int, int], part: float = 0.5) -> Measure:
    """The number of days between orders that `part` do not exceed; the median first.

    `days` is {days between two orders: how often}.
    """
    return quantile(days, part)


@dataclass(frozen=True)
class Step:
    """The share that has come back within `days`, with its 95 % interval."""

    days: int
    share: float
    low: float
    high: float
    waiting: int  # those of whom this day is known


def read_off(
    back: Mapping[int, int], waiting: Mapping[int, int], days: Sequence[int]
) -> list[Step]:
    """The curve from a first to a second order on each of these days; empty under
    ENOUGH_FOR_A_SHARE people.

    `back` is {days until the second order: people}; `waiting` is {days watched: people
    without one}. Whoever is new counts for as long as they were watched: Kaplan and
    Meier, JASA 53 (1958), with Greenwood's variance on the log(-log) scale (Kalbfleisch
    and Prentice 1980), which keeps the interval between 0 and 1. `waiting` of a step
    are those who were watched until that day and had not come back before it. Days on
    which nobody was watched any more, or before anybody came back, are left out.
    """
    events, found = list(_events(back, waiting)), []
    watched = sorted({*back, *waiting})
    gone = [0, *accumulate(back.get(at, 0) + waiting.get(at, 0) for at in watched)]
    for day in days:
        at_risk = gone[-1] - gone[bisect_left(watched, day)]
        reached = bisect_right(events, day, key=itemgetter(0))
        if reached and at_risk:
            _day, stays, spread = events[reached - 1]
            found.append(_step(day, stays, spread, at_risk))
    return found


def watched_until(
    back: Mapping[int, int], waiting: Mapping[int, int], most: int
) -> int:
    """The last day on which at least `most` are at risk; 0 where there is none."""
    at_risk = 0
    for day in sorted({*back, *waiting}, reverse=True):
        at_risk += back.get(day, 0) + waiting.get(day, 0)
        if at_risk >= most:
            return day
    return 0


def _events(
    back: Mapping[int, int], waiting: Mapping[int, int]
) -> Iterator[tuple[int, float, float]]:
    """Each day on which somebody came back: it, the share that has not by then, and the
    sum of Greenwood's variance. None of too few."""
    at_risk = sum(back.values()) + sum(waiting.values())
    if at_risk < ENOUGH_FOR_A_SHARE:
        return
    stays, spread = 1.0, 0.0
    for day in sorted({*back, *waiting}):
        events = back.get(day, 0)
        # At the very end all who are left may come back at once: no interval holds 1.
        if events and events < at_risk:
            stays *= 1 - events / at_risk
            spread += events / (at_risk * (at_risk - events))
            yield day, stays, spread
        at_risk -= events + waiting.get(day, 0)


def _step(day: int, stays: float, spread: float, at_risk: int) -> Step:
    half = Z_95 * sqrt(spread) / abs(log(stays))
    widest, narrowest = stays ** exp(half), stays ** exp(-half)
    return Step(day, 1 - stays, 1 - narrowest, 1 - widest, at_risk)
