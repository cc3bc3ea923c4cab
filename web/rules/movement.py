"""Whether something moved by more than chance would do, over a whole page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import erfc, sqrt

FALSE_DISCOVERIES = 0.05


class Moved(StrEnum):
    """Whether a figure moved more than chance would explain."""

    UNKNOWN = "unknown"
    AWAITED = "awaited"
    BY_CHANCE = "by_chance"
    UP = "up"
    DOWN = "down"


@dataclass(frozen=True)
class Change:
    """How far something moved, in its own unit, and how probable that is by chance."""

    moved: float
    p: float | None  # None: too few to say, or not worked out yet
    is_awaited: bool = False


def change(moved: float, variance: float) -> Change:
    """A difference with its variance, clustered by person already, as a two-sided p."""
    if variance <= 0:
        return Change(moved, None)
    return Change(moved, erfc(abs(moved) / sqrt(2 * variance)))


def movements(
    changes: Mapping[str, Change], rate: float = FALSE_DISCOVERIES
) -> dict[str, Moved]:
    """Name what moved on a page, by key, so that at most `rate` of them are chance.

    Benjamini and Hochberg, Journal of the Royal Statistical Society B 57 (1995): of the
    sorted p the largest k with p(k) ≤ rate x k ÷ m, and all below it. Those of which
    too little is known do not count in m.
    """
    known = {key: one.p for key, one in changes.items() if one.p is not None}
    limit = _limit(sorted(known.values()), rate)
    return {key: _named(one, limit) for key, one in changes.items()}


def _limit(ordered: Sequence[float], rate: float) -> float:
    """The largest p that is still a finding; -1 where there is none."""
    of = len(ordered)
    passing = [p for at, p in enumerate(ordered, start=1) if p <= rate * at / of]
    return max(passing, default=-1.0)


def _named(one: Change, limit: float) -> Moved:
    if one.p is None:
        return Moved.AWAITED if one.is_awaited else Moved.UNKNOWN
    if one.p > limit or not one.moved:
        return Moved.BY_CHANCE
    return Moved.UP if one.moved > 0 else Moved.DOWN
