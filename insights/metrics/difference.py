"""How far two figures lie apart, with its doubt."""

from math import hypot, sqrt

from insights.metrics.measures import ENOUGH_FOR_A_SHARE, Measure
from insights.metrics.movement import Both, Share, variance_of_change
from web.rules.intervals import Z_95
from web.rules.movement import Change, change


def difference(
    first: Measure, second: Measure, *, repeated: bool = False
) -> Measure | None:
    """second - first, with its 95 % interval where both have one; None where either
    has no value.

    The interval of a difference from those of its two parts, which are independent:
    Newcombe, Statistics in Medicine 17 (1998), method 10, for shares; Zou and Donner,
    ibid. 27 (2008), for any. `repeated`: the same people may be in both, and how their
    two times go together is not known. Then both widths are added up: however they are
    correlated, the error of a difference is at most the sum of both (the inequality of
    Cauchy and Schwarz), so the interval may be too wide and never too narrow.
    """
    if first.value is None or second.value is None:
        return None
    apart = second.value - first.value
    if first.low is None or first.high is None:
        return Measure(apart)
    if second.low is None or second.high is None:
        return Measure(apart)
    down = (second.value - second.low, first.high - first.value)
    up = (second.high - second.value, first.value - first.low)
    width = sum if repeated else _across
    return Measure(apart, low=apart - width(down), high=apart + width(up))


def _across(sides: tuple[float, float]) -> float:
    return hypot(*sides)


def of_repeated(first: Share, second: Share, both: Both) -> Measure | None:
    """The same of two shares where it is known who is in both; None under
    ENOUGH_FOR_A_SHARE people. The people are clusters: see `variance_of_change`."""
    if min(first.base, second.base) < ENOUGH_FOR_A_SHARE:
        return None
    apart = second.count / second.base - first.count / first.base
    half = Z_95 * sqrt(variance_of_change(first, second, both))
    return Measure(apart, low=apart - half, high=apart + half)


def as_change(apart: Measure | None) -> Change:
    """The same with how probable it is by chance, from the width of its interval."""
    if apart is None or apart.value is None or apart.low is None or apart.high is None:
        return Change(0.0, None)
    half = (apart.high - apart.low) / 2
    return change(apart.value, (half / Z_95) ** 2)
