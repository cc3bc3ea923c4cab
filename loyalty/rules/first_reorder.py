"""When somebody is expected to buy again what they bought once or twice.

What is known then is the product: how soon its other customers buy it again; else how
long staff say it lasts; else its season. Which of them it was goes into the result, and
from there into the mail. Pure.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from math import log

from loyalty.choices import Basis
from loyalty.rules.outlook import Outlook
from loyalty.rules.pooling import Pool, Prior
from loyalty.rules.reorder import (
    LEAST_CONFIDENCE,
    Asked,
    Bought,
    DueBy,
    Expected,
    Rhythm,
    by_day,
)

# So many customers must have bought it on several days.
FEWEST_AGAIN = 10
# Of so many buyers the shop's own share counts.
_LENT_BUYERS = 20
# What was bought shortly before the season begins is for that season.
_SEASON_APART = 120
_SEASON_OVER = 550
# Staff's own figure is no statement of chance: about a third of it either way.
_SUPPLY_SPREAD = 0.1
_MOST_TIMES = 3


@dataclass(frozen=True)
class Usual:
    """What is known of a product, whoever buys it."""

    buyers: int = 0
    again: int = 0
    # What it adds to the mean of the shop, on the log scale.
    adds: float = 0.0
    days_of_supply: int | None = None
    season: Sequence[int] = field(default_factory=tuple)


def basis_of(usual: Usual, prior: Prior) -> Basis | None:
    """What an expectation of this product would stand on; None: on nothing."""
    if _is_known(usual, prior):
        return Basis.PRODUCT
    if usual.days_of_supply:
        return Basis.SUPPLY
    if season_starts(usual.season):
        return Basis.SEASON
    return None


def first_expected(
    purchases: Sequence[Bought],
    usual: Usual,
    orders: Rhythm | None = None,
    pool: Pool | None = None,
    *,
    today: date | None = None,
    slot: int | None = None,
) -> Expected | None:
    """The next purchase by somebody with too few of their own."""
    lent = pool or Pool()
    basis = basis_of(usual, lent.prior)
    days, quantities = by_day(purchases)
    if basis is None or not days:
        return None
    if basis is Basis.SEASON:
        return _of_season(days[-1], usual.season, today)
    outlook = _outlook(basis, usual, lent, quantities[-1])
    lasts = max(1, round(outlook.lasts))
    asked = Asked.of(days[-1], orders, today=today, slot=slot, gap=lasts)
    due, due_by, confidence = asked.answer(outlook)
    if confidence is None or due > date.max.toordinal():
        return None
    if basis is Basis.PRODUCT and confidence < LEAST_CONFIDENCE:
        return None
    return _stated(days[-1], lasts, due, basis, due_by)


def season_starts(months: Collection[int]) -> tuple[int, ...]:
    """The months with which a season begins; none where it never ends."""
    return tuple(
        month for month in sorted(set(months)) if (month - 2) % 12 + 1 not in months
    )


def _is_known(usual: Usual, prior: Prior) -> bool:
    """Would somebody who just bought it be expected at all?"""
    if usual.again < FEWEST_AGAIN:
        return False
    outlook = _of_product(usual, Pool(prior, 0.0, usual.adds))
    chance = outlook.chance(outlook.days, waited=0)
    return chance is not None and chance >= LEAST_CONFIDENCE


def _outlook(basis: Basis, usual: Usual, pool: Pool, quantity: float) -> Outlook:
    if basis is Basis.PRODUCT:
        return _of_product(usual, replace(pool, product=usual.adds))
    lasts = (usual.days_of_supply or 1) * min(_MOST_TIMES, max(1, quantity))
    return Outlook(mean=log(lasts), spread=_SUPPLY_SPREAD, gone=pool.prior.gone[0])


def _of_product(usual: Usual, pool: Pool) -> Outlook:
    prior = pool.prior
    once = usual.buyers - usual.again
    return Outlook(
        mean=pool.mean,
        spread=prior.within + prior.pair + (0 if pool.customer else prior.customer),
        gone=(once + _LENT_BUYERS * prior.gone[0]) / (usual.buyers + _LENT_BUYERS),
    )


def _of_season(last: int, months: Sequence[int], today: date | None) -> Expected | None:
    """The first day of a season that begins long enough after the last purchase."""
    after = date.fromordinal(last + _SEASON_APART)
    if today and today > after:
        after = today
    days = (
        date(year, month, 1)
        for year in (after.year, after.year + 1)
        for month in season_starts(months)
        if year <= date.max.year
    )
    due = min((day for day in days if day >= after), default=None)
    if due is None:
        return None
    ahead = due.toordinal() - last
    # A purchase of years ago says nothing of the coming season.
    if ahead > _SEASON_OVER:
        return None
    return _stated(last, ahead, due.toordinal(), Basis.SEASON, DueBy.INTERVAL)


def _stated(last: int, days: int, due: int, basis: Basis, due_by: DueBy) -> Expected:
    return Expected(
        last_on=date.fromordinal(last),
        days=days,
        due_on=date.fromordinal(due),
        intervals=0,
        basis=basis,
        every=days,
        low=days,
        high=days,
        confidence=None,
        due_by=due_by,
    )
