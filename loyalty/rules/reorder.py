"""When a customer is expected to buy a product again, from their own purchases of it.

Pure: days and quantities in, a day out, or None where there is nothing to say. Saying
nothing beats guessing. The rule in words, where it comes from and what it is worth:
docs/reorder-timing.md.

`expected` needs, of one customer and one product, the purchases (day and quantity); of
the customer, `rhythm(all days with a purchase of anything)`, two small values; and
`today`, the shop's day on which the upkeep asks, so that days which went by without a
purchase count too: the backtest asks with its cut-off. `slot`, which of so many days is
the customer's own, decides how far a day that went by is moved; the backtest has none.
Without a rhythm the purchases of the product are all that is known of the customer's
orders; without a day it is asked on the day of the last order.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from math import exp

from loyalty.choices import Basis

# Two intervals are the least that can agree or disagree with each other.
FEWEST_PURCHASES = 3
# A day is right if they buy at most so many days before or after it.
TOLERANCE = 7
# Below this chance no day is given: see the table of precision against coverage.
LEAST_CONFIDENCE = 0.2
# No one is expected within a week of an order that left the product out.
_SHORTEST_ORDER_GAP = 7
# Three times the normal quantity lasts three times as long; ten times is a wedding.
_MOST_TIMES = 3.0
# Who has waited for more than four intervals has stopped.
_STOPPED_AFTER = 4
# A month without a purchase, lent to everybody, so that a busy week is no habit yet.
_LENT_DAYS = 30
_LENT_INTERVALS = 4
# A shop that brings its old orders finds many a day passed, all on the day of its first
# import. Each of its customers has one day of these, so that they do not get their mail
# on one and the same.
SPREAD_DAYS = 28
_WINDOW = 2 * TOLERANCE + 1
_LAST_DAY = date.max.toordinal()


class DueBy(StrEnum):
    """What moved the expected day to where it is."""

    INTERVAL = "interval"  # what they have used up by then, going by their intervals
    ORDER = "order"  # their next order, which is expected later than that
    PASSED = "passed"  # that day went by without a purchase: a week from today or later


@dataclass(frozen=True)
class Bought:
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
    the chance that they buy within a week of `due_on`.
    """

    last_on: date
    days: int
    due_on: date
    intervals: int
    basis: Basis
    every: int
    low: int
    high: int
    confidence: float
    due_by: DueBy


def expected(
    purchases: Sequence[Bought],
    orders: Rhythm | None = None,
    *,
    today: date | None = None,
    slot: int | None = None,
    least: float = LEAST_CONFIDENCE,
) -> Expected | None:
    """The next purchase of one product by one customer; order does not matter."""
    days, quantities = _by_day(purchases)
    if len(days) < FEWEST_PURCHASES:
        return None
    gaps = _gaps(days)
    lasting = _lasting(gaps, quantities)
    lasts = _middle(lasting)
    gaps.sort()
    last, every = days[-1], _whole(_middle(gaps))
    ordered = max(last, orders.last_on.toordinal()) if orders else last
    asked = max(ordered, today.toordinal()) if today else ordered
    confidence = _confidence(lasting, lasts, waited=asked - last, known=asked - days[0])
    if asked - last > _STOPPED_AFTER * lasts or confidence < least:
        return None
    due, due_by = _due(
        by_interval=last + _first_quarter(lasting),
        by_order=ordered + max(orders.gap if orders else every, _SHORTEST_ORDER_GAP),
        asked=asked,
        slot=slot,
    )
    if due > _LAST_DAY:
        return None
    return Expected(
        last_on=date.fromordinal(last),
        days=_whole(lasts),
        due_on=date.fromordinal(due),
        intervals=len(gaps),
        basis=Basis.OWN,
        every=every,
        low=gaps[len(gaps) // 4],
        high=gaps[-1 - len(gaps) // 4],
        confidence=confidence,
        due_by=due_by,
    )


def plain(
    purchases: Sequence[Bought], *, fewest: int = FEWEST_PURCHASES
) -> date | None:
    """The last purchase plus the median gap: what `expected` has to beat.

    Half a day goes to the even number, as in the published count of this rule.
    """
    days, _ = _by_day(purchases)
    if len(days) < fewest:
        return None
    due = days[-1] + round(_middle(sorted(_gaps(days))))
    return date.fromordinal(due) if due <= _LAST_DAY else None


def rhythm(order_days: Iterable[date]) -> Rhythm | None:
    """From all days on which a customer bought anything; None from fewer than two."""
    days = sorted({day.toordinal() for day in order_days})
    if len(days) < 2:
        return None
    return Rhythm(date.fromordinal(days[-1]), _whole(_middle(sorted(_gaps(days)))))


def _by_day(purchases: Iterable[Bought]) -> tuple[list[int], list[float]]:
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


def _lasting(gaps: Sequence[int], quantities: Sequence[float]) -> list[float]:
    """How long the last purchase would last, going by each earlier one; shortest first.

    Each interval in days per unit bought at its beginning, times the last quantity.
    """
    last = quantities[-1]
    return sorted(
        gap * min(_MOST_TIMES, max(1 / _MOST_TIMES, last / quantity))
        for gap, quantity in zip(gaps, quantities, strict=False)
    )


def _first_quarter(lasting: Sequence[float]) -> int:
    """After how many days a quarter of the earlier purchases was used up.

    Not the median: intervals have a long tail to the right, so that the fortnight in
    which most purchases fall lies before it. Where all intervals agree, so do both.
    """
    return _whole(lasting[len(lasting) // 4])


def _due(
    *, by_interval: int, by_order: int, asked: int, slot: int | None
) -> tuple[int, DueBy]:
    """As day numbers, because the day may lie beyond all calendars."""
    if max(by_interval, by_order) < asked:
        return _moved(asked + TOLERANCE, slot), DueBy.PASSED
    if by_order > by_interval:
        return by_order, DueBy.ORDER
    return by_interval, DueBy.INTERVAL


def _moved(earliest: int, slot: int | None) -> int:
    """To the first day from then on that is the customer's own; asked a few days later,
    it is the same one.
    """
    return earliest if slot is None else earliest + (slot - earliest) % SPREAD_DAYS


def _confidence(
    lasting: Sequence[float], middle: float, *, waited: int, known: int
) -> float:
    """The chance of a purchase within the tolerance of the expected day.

    Of somebody who buys at random moments it is 1 - e^(-rate * days), the rate being
    the intervals per day since the first purchase. Of somebody regular it is the share
    of intervals that agree with their median. Both are shrunk, and the greater counts.
    """
    often = 1 - exp(-_WINDOW * len(lasting) / (known + _LENT_DAYS))
    if waited > middle + TOLERANCE:
        return often
    agree = sum(abs(days - middle) <= TOLERANCE for days in lasting)
    return max(often, (agree - 1) / (len(lasting) + _LENT_INTERVALS))


def _middle(ordered: Sequence[float]) -> float:
    """The median of what is in order; statistics.median would sort it again."""
    half = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[half]
    return (ordered[half - 1] + ordered[half]) / 2


def _whole(days: float) -> int:
    """Half a day counts as one; never the day of the last purchase itself."""
    return max(1, int(days + 0.5))
