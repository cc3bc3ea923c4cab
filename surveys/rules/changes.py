"""How sure a difference of two spans is, where some people answered more than once."""

from dataclasses import dataclass

from surveys.rules.nps import Z_95
from surveys.rules.scales import Result


@dataclass(frozen=True)
class PersonSums:
    """Sums over people of products: of the number of answers k and of the sum of what
    each is worth, x, in an earlier (1) and a later span (2)."""

    k1k1: int
    k1x1: int
    x1x1: int
    k2k2: int
    k2x2: int
    x2x2: int
    k1k2: int
    k1x2: int
    x1k2: int
    x1x2: int


def variance_of_change(before: Result, after: Result, sums: PersonSums) -> float:
    """The variance of a difference, in the square of its unit, each person one cluster.

    Σ z² over people, z = (x2 - m2 k2) ÷ n2 - (x1 - m1 k1) ÷ n1: linearised as in
    Binder, International Statistical Review 51 (1983). Anyone who answers in both spans
    is not two people. Never less than the margins that are shown give where all agree.
    """
    m1, m2 = before.exact / before.unit, after.exact / after.unit
    first = sums.x1x1 - 2 * m1 * sums.k1x1 + m1**2 * sums.k1k1
    later = sums.x2x2 - 2 * m2 * sums.k2x2 + m2**2 * sums.k2k2
    both = sums.x1x2 - m2 * sums.x1k2 - m1 * sums.k1x2 + m1 * m2 * sums.k1k2
    spread = first / before.n**2 + later / after.n**2 - 2 * both / (before.n * after.n)
    # What rounding leaves of nothing is nothing.
    if spread > 1e-12:
        return after.unit**2 * spread
    return (before.margin95**2 + after.margin95**2) / Z_95**2
