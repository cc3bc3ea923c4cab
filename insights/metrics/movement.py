"""Whether a share moved by more than chance would do."""

from dataclasses import dataclass

from insights.metrics.measures import ENOUGH_FOR_A_SHARE
from web.rules.movement import Change, change


@dataclass(frozen=True)
class Share:
    """`count` of `base` people, each counted once."""

    count: int
    base: int


@dataclass(frozen=True)
class Both:
    """People who are in the base of both periods, and how many were counted in each:
    they are not independent, so their covariance is taken off the variance."""

    base: int = 0
    in_both: int = 0
    in_earlier: int = 0
    in_later: int = 0


def change_of_shares(earlier: Share, later: Share, both: Both | None = None) -> Change:
    """The difference of two shares of periods that do not overlap.

    A z-test whose variances come from shares with one more of either kind (Agresti
    and Caffo, The American Statistician 54 (2000)): none or all do not look certain.
    People in both periods are one cluster each: variance of the difference is the sum
    of both less twice their covariance (Binder, International Statistical Review 51
    (1983)); with everybody in both it is McNemar's.
    """
    if min(earlier.base, later.base) < ENOUGH_FOR_A_SHARE:
        return Change(0.0, None)
    first, second = earlier.count / earlier.base, later.count / later.base
    spread = _variance(earlier) + _variance(later)
    if both is not None and both.base:
        spread -= 2 * _covariance(both, first, second) / (earlier.base * later.base)
    return change(second - first, spread)


def _variance(one: Share) -> float:
    near = (one.count + 1) / (one.base + 2)
    return near * (1 - near) / one.base


def _covariance(both: Both, first: float, second: float) -> float:
    """Σ (a - first)(b - second) over the people of both periods."""
    return (
        both.in_both
        - second * both.in_earlier
        - first * both.in_later
        + first * second * both.base
    )
