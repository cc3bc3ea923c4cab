"""The margin of a share that goes by customers, not by what they did. Pure.

Who orders forty products on one day makes forty hits or forty misses of it. It is that
of a ratio estimate over clusters (Cochran, Sampling Techniques, 3rd edition, 9A).
"""

from collections.abc import Mapping
from math import sqrt

# Fewer pairs, or pairs of fewer customers, make no percentage.
ENOUGH_PAIRS = 30
ENOUGH_CUSTOMERS = 10
_Z_95 = 1.96


def margin95(predicted: Mapping[int, int], hits: Mapping[int, int]) -> float | None:
    """Of a share in points, at 95 %: customer to how many were tried, and to how many
    were hits. None where there is too little for a percentage."""
    total, customers = sum(predicted.values()), len(predicted)
    if total < ENOUGH_PAIRS or customers < ENOUGH_CUSTOMERS:
        return None
    share = sum(hits.values()) / total
    spread = sum(
        (hits.get(who, 0) - share * count) ** 2 for who, count in predicted.items()
    )
    return 100 * _Z_95 * sqrt(spread * customers / (customers - 1)) / total
