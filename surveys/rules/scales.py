"""What the answers of one scale say together: NPS, the satisfied, the mean effort.

Each has its value in its own unit, its 95 % interval, and how far so many answers
allow a conclusion.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from surveys.rules.nps import (
    ENOUGH_FOR_A_RANGE,
    ENOUGH_FOR_A_SCORE,
    Enough,
    nps_of_counts,
)
from surveys.rules.questionnaire import Scale, numbers_of
from web.rules import intervals
from web.rules.intervals import Sums

# An answer that gave no score: to other questions alone.
NO_SCORE = -1
SATISFIED_FROM = 4


class Result(Protocol):
    """What so many answers say, in the unit of their scale."""

    @property
    def n(self) -> int:
        """How many scores."""

    @property
    def unit(self) -> int:
        """The unit of the score: 1 for whole points."""

    @property
    def exact(self) -> float:
        """The score, not rounded."""

    @property
    def low(self) -> float:
        """The lower end of its interval at 95 %."""

    @property
    def high(self) -> float:
        """The upper end of its interval at 95 %."""

    @property
    def margin95(self) -> float:
        """Half the width of its interval at 95 %."""

    @property
    def enough(self) -> Enough:
        """Whether there are enough answers to show it."""


@dataclass(frozen=True)
class CsatResult:
    """The share of 4 and 5 in percent, with the interval of Wilson."""

    satisfied: int
    n: int
    unit: int = 100

    @property
    def exact(self) -> float:
        """The score, not rounded."""
        return 100 * self.satisfied / self.n

    @cached_property
    def _ends(self) -> tuple[float, float]:
        return intervals.wilson(self.satisfied, self.n)

    @property
    def low(self) -> float:
        """The lower end of its interval at 95 %."""
        return 100 * self._ends[0]

    @property
    def high(self) -> float:
        """The upper end of its interval at 95 %."""
        return 100 * self._ends[1]

    @property
    def margin95(self) -> float:
        """Half the width of its interval at 95 %."""
        return (self.high - self.low) / 2

    @property
    def enough(self) -> Enough:
        """Whether there are enough answers to show it."""
        return enough(self.n)


@dataclass(frozen=True)
class MeanResult:
    """The mean of 1 to `most`, with the interval of Student's t.

    Never narrower than full agreement allows: by the rule of three 3 / n may think
    otherwise, by one step at least.
    """

    sums: Sums
    most: int = 7
    unit: int = 1

    @property
    def n(self) -> int:
        """How many scores."""
        return self.sums.n

    @property
    def exact(self) -> float:
        """The score, not rounded."""
        return self.sums.mean

    @property
    def margin95(self) -> float:
        """Half the width of its interval at 95 %."""
        least = 3 / self.n
        return (
            max(intervals.half_of_mean(self.sums), least)
            if self.n > 1
            else self.most - 1.0
        )

    @property
    def low(self) -> float:
        """The lower end of its interval at 95 %."""
        return max(1.0, self.exact - self.margin95)

    @property
    def high(self) -> float:
        """The upper end of its interval at 95 %."""
        return min(float(self.most), self.exact + self.margin95)

    @property
    def enough(self) -> Enough:
        """Whether there are enough answers to show it."""
        return enough(self.n)


def enough(answers: int) -> Enough:
    """How far so many answers allow a conclusion, on every scale the same."""
    if answers < ENOUGH_FOR_A_RANGE:
        return Enough.NOT_YET
    return Enough.RANGE if answers < ENOUGH_FOR_A_SCORE else Enough.FULL


def result_of(scale: Scale, counts: Mapping[int, int]) -> Result | None:
    """From {score: answers}; None where nobody gave a score."""
    given = {score: n for score, n in counts.items() if score != NO_SCORE and n}
    if not given:
        return None
    if not set(given) <= set(numbers_of(scale)):
        raise ValueError(f"{sorted(given)} is not on the scale {scale}.")
    if scale is Scale.NPS:
        return nps_of_counts(given)
    n = sum(given.values())
    if scale is Scale.CSAT:
        satisfied = sum(k for score, k in given.items() if score >= SATISFIED_FROM)
        return CsatResult(satisfied, n)
    total = sum(score * k for score, k in given.items())
    sums = Sums(n, total, sum(score**2 * k for score, k in given.items()))
    return MeanResult(sums, most=numbers_of(scale)[-1])


def worth(scale: Scale, score: int) -> int:
    """What an answer adds to its mean: +1, 0 or -1, whether satisfied, or itself."""
    if scale is Scale.NPS:
        return (score >= 9) - (score <= 6)
    return int(score >= SATISFIED_FROM) if scale is Scale.CSAT else score
