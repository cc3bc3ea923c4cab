"""Contenders take turns, round by round; a ratio holds within a round only.

What else the machine does, and what the database owes to its disk, changes from one
minute to the next: two rates of the same moment can be compared, two medians cannot.
"""

from collections.abc import Iterator, Sequence
from statistics import quantiles
from typing import TypeVar

Item = TypeVar("Item")


def in_turn(contenders: Sequence[Item], number: int) -> Iterator[Item]:
    """Another one first each time."""
    first = number % len(contenders)
    yield from contenders[first:]
    yield from contenders[:first]


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> str:
    """Ours to theirs, round by round: the median and the middle half."""
    found = [one / other for one, other in zip(ours, theirs, strict=True)]
    if len(found) == 1:
        return f"{found[0]:.2f}"
    low, middle, high = quantiles(found, n=4, method="inclusive")
    return f"{middle:.2f} ({low:.2f} to {high:.2f})"
