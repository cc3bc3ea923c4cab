"""Whether what goes with an order was bought next, on a day of the past. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from loyalty.rules.cluster_margin import margin95

# As the mail: so many products of one suggestion.
MOST = 3


@dataclass(frozen=True)
class Offer:
    """To one customer: what the rule suggests, as many of the most popular products
    that they do not have, and what they bought afterwards."""

    customer_id: int
    suggested: Sequence[int]
    popular: Sequence[int]
    bought: frozenset[int]


@dataclass(frozen=True)
class Score:
    """Of so many suggested products, how many were bought; shares only of enough."""

    customers: int
    suggested: int
    bought: int
    margin95: float | None

    @property
    def percent(self) -> float | None:
        """Of a hundred suggested, how many were bought; None where too few."""
        return None if self.margin95 is None else 100 * self.bought / self.suggested


@dataclass(frozen=True)
class Backtest:
    """`is_whole`: the orders reach as far as the days in which they may buy; else
    nothing is counted. The gain is in points, of the same customers."""

    cutoff: date
    within: int
    is_whole: bool
    rule: Score
    popular: Score
    gain: float | None
    gain_margin95: float | None


def backtest(
    offers: Iterable[Offer], *, cutoff: date, within: int, last_on: date | None
) -> Backtest:
    """`last_on`: the last day of which orders are known."""
    is_whole = bool(last_on and last_on >= cutoff + timedelta(days=within - 1))
    found = [one for one in offers if one.suggested] if is_whole else []
    tried = Counter({one.customer_id: len(one.suggested) for one in found})
    more = Counter(
        {
            one.customer_id: _hits(one, one.suggested) - _hits(one, one.popular)
            for one in found
        }
    )
    margin = margin95(tried, more)
    return Backtest(
        cutoff=cutoff,
        within=within,
        is_whole=is_whole,
        rule=_score(found, lambda one: one.suggested),
        popular=_score(found, lambda one: one.popular),
        gain=None if margin is None else 100 * sum(more.values()) / tried.total(),
        gain_margin95=margin,
    )


def _score(found: Sequence[Offer], of: Callable[[Offer], Sequence[int]]) -> Score:
    tried = Counter({one.customer_id: len(of(one)) for one in found})
    hits = Counter({one.customer_id: _hits(one, of(one)) for one in found})
    return Score(len(tried), tried.total(), hits.total(), margin95(tried, hits))


def _hits(offer: Offer, products: Sequence[int]) -> int:
    return sum(one in offer.bought for one in products)
