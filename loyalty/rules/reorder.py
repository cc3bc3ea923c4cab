"""When a customer is expected to buy a product again, from their own purchases of it.

Pure: days and quantities in, a day out, or None where there is nothing to say. Saying
nothing beats guessing. The rule in words, where it comes from and what it is worth:
docs/reorder-timing.md.

`expected` needs, of one customer and one product, the purchases (day and quantity); of
the customer, `rhythm(all days with a purchase of anything)`, two small values; what the
whole shop lends them (`pooling.Pool`); and
`today`, the shop's day on which the upkeep asks, so that days which went by without a
purchase count too: the backtest asks with its cut-off. `slot`, which of so many days is
the customer's own, decides how far a day that went by is moved; the backtest has none.
Without a rhythm the purchases of the product are all that is known of the customer's
orders; without a day it is asked on the day of the last order. Of who bought a product
once or twice, `first_reorder` asks.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from math import exp, log
from typing import Self

from loyalty.choices import Basis
from loyalty.rules.outlook import TOLERANCE, Outlook, whole
from loyalty.rules.pooling import DEFAULT, Pool, Prior

# Two intervals are the least that can agree or disagree with each other.
FEWEST_PURCHASES = 3
# Below this chance no day is given: see the table of precision against coverage.
LEAST_CONFIDENCE = 0.2
# No one is expected within a week of an order that left the product out.
_SHORTEST_ORDER_GAP = 7
# Three times the normal quantity lasts three times as long; ten times is a wedding.
_MOST_TIMES = 3.0
# The shop's variance counts as so many intervals of somebody's own.
_LENT_INTERVALS = 8
# A shop that brings its old orders finds many a day passed, all on the day of its first
# import. Each of its customers has one day of these, so that they do not get their mail
# on one and the same.
SPREAD_DAYS = 28
_LAST_DAY = date.max.toordinal()
# Who has enough waits half of what a purchase usually lasts them: two to twelve weeks.
_ENOUGH_DAYS = (14, 84)
_ENOUGH_UNKNOWN = 28


class DueBy(StrEnum):
    """What moved the expected day to where it is."""

    INTERVAL = "interval"  # what they have used up by then, going by their intervals
    ORDER = "order"  # their next order, which is expected later than that
    PASSED = "passed"  # that day went by without a purchase: a week from today or later


@dataclass(frozen=True)
class Bought:
    """So much of a product, bought on a day."""

    on: date
    quantity: Decimal


@dataclass(frozen=True)
class Rhythm:
    """How a customer orders, whatever it is: the last day, and the median gap."""

    last_on: date
    gap: int


@dataclass(frozen=True)
class Expected:
    """The next purchase of one product by one customer, and how far to trust it.

    They buy it about `every` days, usually `low` to `high` (the middle half of their
    intervals). The last purchase, by its quantity, should last `days`. `confidence` is
    the chance that they buy within a week of `due_on`; None where all that is known is
    the product (`first_reorder`), which says so in `basis`.
    """

    last_on: date
    days: int
    due_on: date
    intervals: int
    basis: Basis
    every: int
    low: int
    high: int
    confidence: float | None
    due_by: DueBy


def expected(
    purchases: Sequence[Bought],
    orders: Rhythm | None = None,
    pool: Pool | None = None,
    *,
    today: date | None = None,
    slot: int | None = None,
    least: float = LEAST_CONFIDENCE,
) -> Expected | None:
    """The next purchase of one product by one customer; order does not matter."""
    days, quantities = by_day(purchases)
    if len(days) < FEWEST_PURCHASES:
        return None
    gaps = _gaps(days)
    outlook = _outlook(gaps, quantities, pool or Pool())
    gaps.sort()
    last, every = days[-1], whole(_middle(gaps))
    asked = Asked.of(last, orders, today=today, slot=slot, gap=every)
    due, due_by, confidence = asked.answer(outlook)
    if due > _LAST_DAY or confidence is None or confidence < least:
        return None
    return Expected(
        last_on=date.fromordinal(last),
        days=whole(outlook.lasts),
        due_on=date.fromordinal(due),
        intervals=len(gaps),
        basis=Basis.OWN,
        every=every,
        low=gaps[len(gaps) // 4],
        high=gaps[-1 - len(gaps) // 4],
        confidence=confidence,
        due_by=due_by,
    )


@dataclass(frozen=True)
class Asked:
    """When it is asked, as day numbers, because days may lie beyond all calendars."""

    last: int
    by_order: int
    on: int
    # Somebody asks on a day of its own, not because of an order.
    is_later: bool
    slot: int | None

    @classmethod
    def of(
        cls,
        last: int,
        orders: Rhythm | None,
        *,
        today: date | None,
        slot: int | None,
        gap: int,
    ) -> Self:
        """On the day of their last order, or `today` where that is later."""
        ordered = max(last, orders.last_on.toordinal()) if orders else last
        on = max(ordered, today.toordinal()) if today else ordered
        by_order = ordered + max(orders.gap if orders else gap, _SHORTEST_ORDER_GAP)
        return cls(last, by_order, on, on > ordered, slot)

    def answer(self, outlook: Outlook) -> tuple[int, DueBy, float | None]:
        """The day, what moved it there, and the chance that it comes true.

        The window of a day within a week is half over: it is named a week from now.
        """
        by_interval = self.last + outlook.days
        waited, soonest = self.on - self.last, self.on + TOLERANCE
        due, due_by = by_interval, DueBy.INTERVAL
        if max(by_interval, self.by_order) < self.on:
            due, due_by = soonest, DueBy.PASSED
        elif self.by_order > by_interval:
            due, due_by = self.by_order, DueBy.ORDER
        if self.is_later:
            due = max(due, soonest)
        if due > _LAST_DAY:
            return due, due_by, None
        confidence = outlook.chance(due - self.last, waited=waited)
        moved = _moved(due, self.slot) if due_by is DueBy.PASSED else due
        return moved, due_by, confidence


def plain(
    purchases: Sequence[Bought], *, fewest: int = FEWEST_PURCHASES
) -> date | None:
    """The last purchase plus the median gap: what `expected` has to beat.

    Half a day goes to the even number, as in the published count of this rule.
    """
    days, _ = by_day(purchases)
    if len(days) < fewest:
        return None
    due = days[-1] + round(_middle(sorted(_gaps(days))))
    return date.fromordinal(due) if due <= _LAST_DAY else None


def rhythm(order_days: Iterable[date], prior: Prior = DEFAULT) -> Rhythm | None:
    """From all days on which a customer bought anything; None from fewer than two."""
    days = sorted({day.toordinal() for day in order_days})
    if len(days) < 2:
        return None
    return Rhythm(date.fromordinal(days[-1]), whole(exp(prior.order_gap(_gaps(days)))))


def gaps_of(days: Iterable[date]) -> list[int]:
    """The intervals between these days, which come in any order."""
    return _gaps(sorted({day.toordinal() for day in days}))


def logs(days: Iterable[date]) -> list[float]:
    """The logs of the intervals between these days."""
    return [log(gap) for gap in gaps_of(days)]


def by_day(purchases: Iterable[Bought]) -> tuple[list[int], list[float]]:
    """One purchase per day, the earliest first; what is no purchase is left out."""
    found: dict[int, Decimal] = {}
    for bought in purchases:
        if bought.quantity > 0:
            day = bought.on.toordinal()
            before = found.get(day)
            found[day] = bought.quantity if before is None else before + bought.quantity
    days = sorted(found)
    return days, [float(found[day]) for day in days]


def _gaps(days: Sequence[int]) -> list[int]:
    return [after - day for day, after in pairwise(days)]


def _outlook(gaps: Sequence[int], quantities: Sequence[float], pool: Pool) -> Outlook:
    """From their own intervals, drawn towards what the shop lends them."""
    prior, n = pool.prior, len(gaps)
    lasting = [
        log(gap) + prior.quantity * _times(quantities[-1] / quantity)
        for gap, quantity in zip(gaps, quantities, strict=False)
    ]
    own = sum(lasting) / n
    apart = sum((one - own) ** 2 for one in lasting)
    variance = (_LENT_INTERVALS * prior.within + apart) / (_LENT_INTERVALS + n - 1)
    lent = prior.within / prior.pair
    return Outlook(
        mean=(sum(lasting) + lent * pool.mean) / (n + lent),
        spread=variance * (1 + 1 / (n + lent)),
        gone=prior.gone_after(n),
    )


def _times(quantity: float) -> float:
    """The log of a quantity as often as the normal one, within reason."""
    return log(min(_MOST_TIMES, max(1 / _MOST_TIMES, quantity)))


def _moved(earliest: int, slot: int | None) -> int:
    """To the first day from then on that is the customer's own; asked a few days later,
    it is the same one.
    """
    return earliest if slot is None else earliest + (slot - earliest) % SPREAD_DAYS


def _middle(ordered: Sequence[float]) -> float:
    """The median of what is in order; statistics.median would sort it again."""
    half = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[half]
    return (ordered[half - 1] + ordered[half]) / 2


def enough_days(span: int | None) -> int:
    """How many days later to ask somebody again who has enough for now.

    `span`: how many days a purchase usually lasts them; None where nobody knows.
    """
    if span is None:
        return _ENOUGH_UNKNOWN
    shortest, longest = _ENOUGH_DAYS
    return min(max(span // 2, shortest), longest)
