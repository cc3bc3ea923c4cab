"""95 % intervals: of a share, of a ratio of two sums, of a quantile."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, floor, sqrt

from insights.metrics.measures import ENOUGH_FOR_A_SHARE, Measure, Why, without
from web.rules.intervals import Z_95, Sums, half_of_mean, wilson


def share(count: int, base: int) -> Measure:
    """count of base, with Wilson's interval; no value under ENOUGH_FOR_A_SHARE."""
    if not 0 <= count <= base:
        raise ValueError(f"{count} of {base} is no share.")
    if not base:
        return without(Why.NOBODY)
    if base < ENOUGH_FOR_A_SHARE:
        return without(Why.TOO_FEW, count=count, base=base)
    low, high = wilson(count, base)
    return Measure(count / base, count=count, base=base, low=low, high=high)


def mean(sums: Sums) -> Measure:
    """Of an amount over people, with Student's interval; no value under
    ENOUGH_FOR_A_SHARE people."""
    if not sums.n:
        return without(Why.NOBODY)
    if sums.n < ENOUGH_FOR_A_SHARE:
        return without(Why.TOO_FEW, base=sums.n)
    half = half_of_mean(sums)
    return Measure(sums.mean, base=sums.n, low=sums.mean - half, high=sums.mean + half)


@dataclass(frozen=True)
class PairSums:
    """Sums over people of two amounts x and y, their squares and their product."""

    n: int
    x: float
    y: float
    xx: float
    yy: float
    xy: float


def ratio(sums: PairSums) -> Measure:
    """Σy ÷ Σx over people, with its interval; no value where Σx is not above 0.

    The variance is that of a ratio estimate, n ÷ (n - 1) x Σ(y - Rx)² ÷ (Σx)²:
    Cochran, Sampling Techniques (1977), 6.4. It comes from sums that SQL makes in one
    scan, where a bootstrap would draw a million people a thousand times.
    """
    if not sums.n:
        return without(Why.NOBODY)
    if sums.x <= 0:
        return without(Why.NO_REVENUE, base=sums.n)
    if sums.n < ENOUGH_FOR_A_SHARE:
        return without(Why.TOO_FEW, base=sums.n)
    value = sums.y / sums.x
    squares = sums.yy - 2 * value * sums.xy + value**2 * sums.xx
    spread = sqrt(max(squares, 0.0) * sums.n / (sums.n - 1)) / sums.x
    half = Z_95 * spread
    return Measure(value, base=sums.n, low=max(0.0, value - half), high=value + half)


def quantile(counts: Mapping[int, int], part: float) -> Measure:
    """The value below which `part` of all lie, of {value: how often}.

    The smallest value that at least `part` do not exceed. The interval is that of order
    statistics by the normal approximation to the binomial: Conover, Practical
    Nonparametric Statistics (1999), 3.2.
    """
    if not 0 < part < 1:
        raise ValueError(f"{part} is no part.")
    everybody = sum(counts.values())
    if not everybody:
        return without(Why.NOBODY)
    if everybody < ENOUGH_FOR_A_SHARE:
        return without(Why.TOO_FEW, base=everybody)
    half = Z_95 * sqrt(everybody * part * (1 - part))
    return Measure(
        _ranked(counts, ceil(part * everybody)),
        base=everybody,
        low=_ranked(counts, max(1, floor(part * everybody - half))),
        high=_ranked(counts, min(everybody, ceil(part * everybody + half) + 1)),
    )


def _ranked(counts: Mapping[int, int], rank: int) -> float:
    """The value at this rank, 1 being the smallest."""
    passed = 0
    for value in sorted(counts):
        passed += counts[value]
        if passed >= rank:
            break
    return float(value)
