"""When somebody who bought before has been silent for long. Pure."""

from math import ceil

SHORTEST = 90
_TIMES = 2


def silent_after(usual_gap: float) -> int:
    """Days without an order: twice their own expected gap between orders, and never
    less than a quarter of a year. Anyone who has waited so many is silent, from that
    day on."""
    return max(SHORTEST, ceil(_TIMES * usual_gap))
