"""What every formula returns: a value with its doubt, or why there is none."""

from dataclasses import dataclass
from enum import StrEnum

# Under so many people a share is written as "3 of 9", never in percent.
ENOUGH_FOR_A_SHARE = 30


class Why(StrEnum):
    """Why there is no figure."""

    NOBODY = "nobody"  # nobody to count
    TOO_FEW = "too_few"  # fewer than ENOUGH_FOR_A_SHARE
    EVERYBODY_LEFT = "everybody_left"  # of those at the start none is there
    EVERYBODY_NEW = "everybody_new"  # nobody was there at the start
    NOT_OVER = "not_over"  # later orders may still change it
    SHORT_HISTORY = "short_history"  # not known from far enough back
    NO_REVENUE = "no_revenue"  # nothing was earned, or more was paid back
    NO_SPEND = "no_spend"  # no cost is known
    NOBODY_BACK = "nobody_back"  # nobody has bought again yet
    NOT_HERE = "not_here"  # of those who are customers in this way it is not known
    NOBODY_LEFT = "nobody_left"  # without leavers no stay can be worked out


@dataclass(frozen=True)
class Measure:
    """A value as a plain number (0.9, not 90), `count` of `base` where it is a share,
    and its 95 % interval where one is known.

    `value` is None where there is nothing to say; then `why` is set.
    """

    value: float | None
    count: int = 0
    base: int = 0
    low: float | None = None
    high: float | None = None
    why: Why | None = None

    def __post_init__(self) -> None:
        if (self.value is None) != (self.why is not None):
            raise ValueError("A measure has either a value or a reason.")


def without(why: Why, *, count: int = 0, base: int = 0) -> Measure:
    """A measure of nothing: its reason, with what was counted."""
    return Measure(None, count=count, base=base, why=why)
