"""What those who were there before bring now, and how few bring most of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from insights.metrics.intervals import PairSums, ratio
from insights.metrics.measures import ENOUGH_FOR_A_SHARE, Measure, Why, without


@dataclass(frozen=True)
class Movement:
    """The revenue of the same people in an earlier and a later period.

    `people` brought `start` then. Now they bring `expansion` more, where they bring
    more; `contraction` less, where they bring less but something; and `lost` is what
    those brought then who bring nothing now. One currency.
    """

    people: int
    start: Decimal
    expansion: Decimal
    contraction: Decimal
    lost: Decimal

    @property
    def now(self) -> Decimal:
        return self.start + self.expansion - self.contraction - self.lost

    @property
    def is_net_negative_churn(self) -> bool:
        """Whether those who bring more outweigh those who bring less or nothing."""
        return self.start > 0 and self.expansion > self.contraction + self.lost


def gross_retention(moved: Movement, sums: PairSums | None = None) -> Measure:
    """(start - contraction - lost) ÷ start; never above 1, because gains do not count.

    As SaaS accounting defines gross revenue retention (Skok, "SaaS Metrics 2.0").
    `sums` are those of min(then, now) over then, for the interval.
    """
    kept = moved.start - moved.contraction - moved.lost
    found = _of_start(moved, kept, sums)
    # Where one of few is gone, the interval of a ratio reaches beyond all of them.
    return found if found.high is None else replace(found, high=min(found.high, 1.0))


def net_retention(moved: Movement, sums: PairSums | None = None) -> Measure:
    """(start + expansion - contraction - lost) ÷ start: above 1 is net negative churn.

    The one measure of keeping that may exceed 100 %. `sums` are those of now over then.
    """
    return _of_start(moved, moved.now, sums)


def _of_start(moved: Movement, kept: Decimal, sums: PairSums | None) -> Measure:
    if not moved.people:
        return without(Why.NOBODY)
    if moved.start <= 0:
        return without(Why.NO_REVENUE, base=moved.people)
    if moved.people < ENOUGH_FOR_A_SHARE:
        return without(Why.TOO_FEW, base=moved.people)
    doubt = ratio(sums) if sums else None
    return Measure(
        float(kept / moved.start),
        base=moved.people,
        low=doubt.low if doubt else None,
        high=doubt.high if doubt else None,
    )


def revenue_churn(gross: Measure) -> Measure:
    """(contraction + lost) ÷ start: churn by revenue, beside that by customers. It is
    what gross retention, `gross`, leaves of all."""
    if gross.value is None:
        return gross
    return Measure(
        1 - gross.value,
        base=gross.base,
        low=None if gross.high is None else 1 - gross.high,
        high=None if gross.low is None else 1 - gross.low,
    )


def earlier_share(earlier: Decimal, everything: Decimal, people: int) -> Measure:
    """The share of a period's revenue from those who had bought before it began.

    `people` is all who bought in the period. A sum that returns make negative on either
    side gives no share.
    """
    if not people:
        return without(Why.NOBODY)
    if everything <= 0 or not 0 <= earlier <= everything:
        return without(Why.NO_REVENUE, base=people)
    if people < ENOUGH_FOR_A_SHARE:
        return without(Why.TOO_FEW, base=people)
    return Measure(float(earlier / everything), base=people)


@dataclass(frozen=True)
class CurvePoint:
    """The best `people` (a share of all) bring `revenue` (a share of all)."""

    people: float
    revenue: float


def pareto_curve(groups: Sequence[tuple[int, Decimal]]) -> list[CurvePoint]:
    """The curve of the few who bring most; empty where there is nothing to draw.

    `groups` are the numbers and sums of people in order, the best first: one person
    each, or slices of SQL's ntile. Only people with a sum above 0 belong in it. A
    Lorenz curve (Lorenz 1905) read from the top.
    """
    everybody = sum(people for people, _sum in groups)
    everything = sum((amount for _people, amount in groups), Decimal(0))
    if everybody < ENOUGH_FOR_A_SHARE or everything <= 0:
        return []
    points, people, revenue = [CurvePoint(0.0, 0.0)], 0, Decimal(0)
    for count, amount in groups:
        people += count
        revenue += amount
        points.append(CurvePoint(people / everybody, float(revenue / everything)))
    return points


def share_of_the_best(points: Sequence[CurvePoint], people: float = 0.2) -> Measure:
    """What the best fifth, or another part, brings; between two points in a line."""
    if not points:
        return without(Why.TOO_FEW)
    before = points[0]
    for point in points[1:]:
        if point.people >= people:
            break
        before = point
    wide = point.people - before.people
    part = (people - before.people) / wide if wide else 1.0
    return Measure(before.revenue + part * (point.revenue - before.revenue))
