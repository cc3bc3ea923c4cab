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

    @property
    def others(self) -> "Both":
        """The same people by who was not counted: those lost, of those kept."""
        return Both(
            self.base,
            self.base - self.in_earlier - self.in_later + self.in_both,
            self.base - self.in_earlier,
            self.base - self.in_later,
        )


def change_of_shares(earlier: Share, later: Share, both: Both | None = None) -> Change:
    """How far a share moved between periods that do not overlap, and how probable that
    is by chance: a z-test. Too few in either are compared with nothing."""
    if min(earlier.base, later.base) < ENOUGH_FOR_A_SHARE:
        return Change(0.0, None)
    moved = later.count / later.base - earlier.count / earlier.base
    if not moved:
        return Change(0.0, 1.0)
    return change(moved, variance_of_change(earlier, later, both))


def variance_of_change(earlier: Share, later: Share, both: Both | None = None) -> float:
    """The variance of the difference of two shares of one person or more each.

    Those of the shares themselves come from one more of either kind (Agresti and Caffo,
    The American Statistician 54 (2000)): none or all do not look certain. People in
    both periods are one cluster each: it is the sum of both variances less twice their
    covariance (Binder, International Statistical Review 51 (1983)); with everybody in
    both it is McNemar's.
    """
    first, second = earlier.count / earlier.base, later.count / later.base
    spread = _variance(earlier) + _variance(later)
    if both is None or not both.base:
        return spread
    together = _covariance(both, first, second) / (earlier.base * later.base)
    return max(spread - 2 * together, 0.0)


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
