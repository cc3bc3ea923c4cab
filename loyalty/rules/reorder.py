"""When a customer is expected to buy a product again, from their own purchases of it.

Pure: days and quantities in, a day out, or None where there is nothing to say. Saying
nothing beats guessing: fewer than three purchase days are no rhythm.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from math import sqrt
from statistics import median

from loyalty.choices import Basis

# Two intervals are the least that can agree or disagree with each other.
FEWEST_PURCHASES = 3


@dataclass(frozen=True)
class Bought:
    on: date
    quantity: Decimal


@dataclass(frozen=True)
class Expected:
    """The last purchase, how many days it should last, and when these are over.

    `low` and `high` are the days between which the middle half of the intervals lay.
    """

    last_on: date
    days: int
    due_on: date
    intervals: int
    basis: Basis
    low: int
    high: int


def expected(purchases: Sequence[Bought]) -> Expected | None:
    """The next purchase of one product by one customer; order does not matter."""
    days = merged(purchases)
    if len(days) < FEWEST_PURCHASES:
        return None
    last = days[-1]
    lasted = sorted(
        (after.on - before.on).days
        * sqrt(float(last.quantity) / float(before.quantity))
        for before, after in zip(days, days[1:], strict=False)
    )
    span = _whole(median(lasted))
    return Expected(
        last_on=last.on,
        days=span,
        due_on=last.on + timedelta(days=span),
        intervals=len(lasted),
        basis=Basis.OWN,
        low=min(span, _whole(lasted[len(lasted) // 4])),
        high=max(span, _whole(lasted[-1 - len(lasted) // 4])),
    )


def plain(purchases: Sequence[Bought]) -> Expected | None:
    """The last purchase plus the median interval: what `expected` has to beat."""
    days = merged(purchases)
    if len(days) < FEWEST_PURCHASES:
        return None
    gaps = sorted((b.on - a.on).days for a, b in zip(days, days[1:], strict=False))
    span = _whole(median(gaps))
    return Expected(
        last_on=days[-1].on,
        days=span,
        due_on=days[-1].on + timedelta(days=span),
        intervals=len(gaps),
        basis=Basis.OWN,
        low=gaps[len(gaps) // 4],
        high=gaps[-1 - len(gaps) // 4],
    )


def merged(purchases: Iterable[Bought]) -> list[Bought]:
    """One purchase per day, the earliest first; what is no purchase is left out."""
    quantities: dict[date, Decimal] = {}
    for bought in purchases:
        if bought.quantity > 0:
            quantities[bought.on] = quantities.get(bought.on, Decimal(0)) + (
                bought.quantity
            )
    return [Bought(on, quantities[on]) for on in sorted(quantities)]


def _whole(days: float) -> int:
    """Half a day counts as one; never the day of the last purchase itself."""
    return max(1, int(days + 0.5))
