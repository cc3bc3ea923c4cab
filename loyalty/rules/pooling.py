"""What the purchases of a whole shop say of one customer and one product.

Intervals between purchases are pooled on the log scale: an interval is the shop's mean,
what this customer adds, what this product adds, and chance. How much each of them
varies is worked out from the shop's own purchases by the method of moments; what is
known of one customer or product is drawn towards the shop by it (empirical Bayes;
Robbins 1956, Efron and Morris 1975). A shop of few purchases begins with `DEFAULT`.
Pure: sums in, values out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import erfc, log, sqrt

# The last of the shares of those who are gone holds for so many intervals and more.
MOST_INTERVALS = 10
# So many intervals, and so many customers or products, the values to begin with count.
_WEIGHT = 30
_QUANTITY_WEIGHT = 5
_LEAST_VARIANCE = 0.01
# Two intervals of one customer and product always have something of their own.
_LEAST_OF_PAIR = 0.1
_ROUNDS = 50


@dataclass(frozen=True)
class Prior:
    """Logs of days, and their variances."""

    mean: float = log(30)
    # Between the intervals of one customer and one product.
    within: float = 0.03
    customer: float = 0.5
    product: float = 0.3
    # What a customer and a product have together, beside what each has.
    pair: float = _LEAST_OF_PAIR
    # Twice the quantity lasts 2^quantity times as long: 1 is used up, 0 is a taste.
    quantity: float = 1.0
    # Between orders of anything.
    order_mean: float = log(30)
    order_within: float = 0.1
    order_customer: float = 2.0
    # The share that never buys it again, after so many intervals.
    gone: tuple[float, ...] = (
        *(0.6, 0.4, 0.25, 0.2, 0.15, 0.12),
        *(0.1, 0.08, 0.08, 0.08, 0.08),
    )

    def gone_after(self, intervals: int) -> float:
        """The chance that a purchase after so many intervals was the last one."""
        return self.gone[min(intervals, MOST_INTERVALS)]

    def of_customer(self, intervals: int, total: float) -> float:
        """What a customer adds, from the sum of the logs of all their intervals."""
        return self._drawn(intervals, total, self.customer)

    def of_product(self, intervals: int, total: float) -> float:
        """The same of a product."""
        return self._drawn(intervals, total, self.product)

    def order_gap(self, gaps: Sequence[int]) -> float:
        """The log of the days between orders of one customer, drawn to the shop's."""
        total, n = sum(map(log, gaps)), len(gaps)
        drawn = (total - n * self.order_mean) / (
            n + self.order_within / self.order_customer
        )
        return self.order_mean + drawn

    def _drawn(self, intervals: int, total: float, variance: float) -> float:
        return (total - intervals * self.mean) / (intervals + self.within / variance)


DEFAULT = Prior()


@dataclass(frozen=True)
class Pool:
    """All that is lent to one customer and one product."""

    prior: Prior = DEFAULT
    customer: float = 0.0
    product: float = 0.0

    @property
    def mean(self) -> float:
        """The log of an interval of which nothing is known but who and what."""
        return self.prior.mean + self.customer + self.product


@dataclass(frozen=True)
class Groups:
    """Intervals by customer, by product or by both: how many groups, and of the count
    n and the sum s of each the sums of n² and s²/n."""

    count: int
    of_squares: float
    of_means: float


@dataclass(frozen=True)
class Moments:
    """Sums over all intervals of pairs that have two or more."""

    intervals: int
    total: float
    squares: float
    pairs: Groups
    customers: Groups
    products: Groups
    # Of logs of days with logs of quantities, and of the latter with themselves.
    quantity_days: float
    quantity_squares: float
    orders: int
    order_total: float
    order_squares: float
    order_customers: Groups
    # Pairs of a customer and a product, and those bought on two days or more.
    bought: int
    bought_again: int


def learned(found: Moments) -> Prior:
    """The values of a shop; those to begin with count as thirty more intervals."""
    mean, within, of_pair = _parts(
        found.intervals, found.total, found.squares, found.pairs, DEFAULT.within
    )
    of_customer = _variance(found.intervals, found.total, found.customers, within)
    of_product = _variance(found.intervals, found.total, found.products, within)
    order_mean, order_within, of_orders = _parts(
        found.orders,
        found.order_total,
        found.order_squares,
        found.order_customers,
        DEFAULT.order_within,
    )
    return Prior(
        mean=mean,
        within=within,
        customer=_blend(of_customer, found.customers.count, DEFAULT.customer),
        product=_blend(of_product, found.products.count, DEFAULT.product),
        pair=max(_LEAST_OF_PAIR, of_pair - of_customer - of_product),
        quantity=_quantity(found),
        order_mean=order_mean,
        order_within=order_within,
        order_customer=_blend(
            of_orders, found.order_customers.count, DEFAULT.order_customer
        ),
        gone=(_first_gone(found), *DEFAULT.gone[1:]),
    )


def gone(
    again: Mapping[int, int], waiting: Mapping[int, Sequence[tuple[float, int]]]
) -> tuple[float, ...]:
    """The share that is gone after 2, 3, … intervals, by expectation–maximisation.

    `again` is how many bought again after so many intervals; `waiting` those who
    have not, yet, as the chance to wait so long for somebody who comes back, and how
    many wait so. Of two who wait equally long both may be gone, or late.
    """
    return tuple(
        _gone(again.get(n, 0), waiting.get(n, ()), DEFAULT.gone[n])
        for n in range(2, MOST_INTERVALS + 1)
    )


def below(value: float) -> float:
    """The share of a normal distribution below so many standard deviations."""
    return 0.5 * erfc(-value / sqrt(2))


def _gone(again: int, waiting: Sequence[tuple[float, int]], share: float) -> float:
    people = again + sum(count for _, count in waiting)
    begun = share
    for _ in range(_ROUNDS):
        lost = sum(
            count * share / (share + (1 - share) * chance) for chance, count in waiting
        )
        share = (lost + _WEIGHT * begun) / (people + _WEIGHT)
    return share


def _parts(
    n: int, total: float, squares: float, groups: Groups, begun: float
) -> tuple[float, float, float]:
    """The mean, the variance within groups, and that between them."""
    mean = (total + _WEIGHT * DEFAULT.mean) / (n + _WEIGHT)
    free = n - groups.count
    within = (squares - groups.of_means + _WEIGHT * begun) / (free + _WEIGHT)
    return mean, within, _variance(n, total, groups, within)


def _variance(n: int, total: float, groups: Groups, within: float) -> float:
    """Between groups of unequal sizes, by the method of moments."""
    if groups.count < 2:
        return _LEAST_VARIANCE
    spread = (groups.of_means - total * total / n) / (groups.count - 1)
    size = (n - groups.of_squares / n) / (groups.count - 1)
    return max(_LEAST_VARIANCE, (spread - within) / size)


def _blend(value: float, count: int, begun: float) -> float:
    return (value * count + begun * _WEIGHT) / (count + _WEIGHT)


def _quantity(found: Moments) -> float:
    slope = (found.quantity_days + _QUANTITY_WEIGHT * DEFAULT.quantity) / (
        found.quantity_squares + _QUANTITY_WEIGHT
    )
    return min(1.0, max(0.0, slope))


def _first_gone(found: Moments) -> float:
    once = found.bought - found.bought_again
    return (once + _WEIGHT * DEFAULT.gone[0]) / (found.bought + _WEIGHT)
