"""How far two figures lie apart, with its doubt."""

from math import hypot

from insights.metrics.measures import Measure
from web.rules.intervals import Z_95
from web.rules.movement import Change, change


def difference(first: Measure, second: Measure) -> Measure | None:
    """second - first, with its 95 % interval where both have one; None where either
    has no value.

    The interval of a difference from those of its two parts: Newcombe, Statistics in
    Medicine 17 (1998), method 10, for shares; Zou and Donner, ibid. 27 (2008), for any.
    The two are taken as independent: of the same people the true one is narrower.
    """
    if first.value is None or second.value is None:
        return None
    apart = second.value - first.value
    if first.low is None or first.high is None:
        return Measure(apart)
    if second.low is None or second.high is None:
        return Measure(apart)
    down = hypot(second.value - second.low, first.high - first.value)
    up = hypot(second.high - second.value, first.value - first.low)
    return Measure(apart, low=apart - down, high=apart + up)


def as_change(apart: Measure | None) -> Change:
    """The same with how probable it is by chance, from the width of its interval."""
    if apart is None or apart.value is None or apart.low is None or apart.high is None:
        return Change(0.0, None)
    half = (apart.high - apart.low) / 2
    return change(apart.value, (half / Z_95) ** 2)
