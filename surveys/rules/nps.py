"""The arithmetic of a recommendation score."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from math import sqrt

SCORES = range(11)

Z_95 = 1.96
ENOUGH_FOR_A_RANGE = 10
ENOUGH_FOR_A_SCORE = 30


class Band(StrEnum):
    """The band of a score in a Net Promoter survey."""

    PROMOTER = "promoter"
    PASSIVE = "passive"
    DETRACTOR = "detractor"


class Enough(StrEnum):
    """How far so many answers allow a conclusion."""

    NOT_YET = "not_yet"  # under 10: nothing
    RANGE = "range"  # 10 to 29: where the score lies, not the score
    FULL = "full"  # from 30: the score and where it lies


def classify(score: int) -> Band:
    """0 to 6 would not recommend, 7 and 8 are content, 9 and 10 recommend."""
    if score not in SCORES:
        raise ValueError(f"A score is 0 to 10, not {score}.")
    if score >= 9:
        return Band.PROMOTER
    return Band.PASSIVE if score >= 7 else Band.DETRACTOR


@dataclass(frozen=True)
class NpsResult:
    """Promoters minus detractors in percent of all answers, passives included.

    Each answer is +1, 0 or -1, so the variance is p+ + p- - NPS² and the standard
    error √(variance / n): Cross Validated, "How can I calculate margin of error in a
    NPS (Net Promoter Score) result?".
    """

    promoters: int
    passives: int
    detractors: int
    unit: int = 100

    @property
    def n(self) -> int:
        """How many scores."""
        return self.promoters + self.passives + self.detractors

    @property
    def exact(self) -> float:
        """The score, not rounded."""
        return 100 * (self.promoters - self.detractors) / self.n

    @property
    def score(self) -> int:
        """The score, rounded to a whole number: -100 to 100."""
        return _whole(Decimal(100 * (self.promoters - self.detractors)) / self.n)

    @property
    def standard_error(self) -> float:
        """In points of the score."""
        mean = (self.promoters - self.detractors) / self.n
        spread = (self.promoters + self.detractors) / self.n - mean**2
        return 100 * sqrt(max(spread, 0.0) / self.n)

    @property
    def margin95(self) -> float:
        """Half of the 95 % interval, in points: the one that every page, number and
        sentence about this score uses.

        1.96 standard errors, but never less than full agreement allows:
        where all agree the standard error is 0, and the rule of three (Hanley and
        Lippman-Hand, JAMA 1983) still leaves room for 3 / n who think otherwise.
        """
        return max(Z_95 * self.standard_error, 300 / self.n)

    @property
    def low(self) -> int:
        """The lower end of its interval at 95 %."""
        return max(-100, _whole(Decimal(self.exact - self.margin95)))

    @property
    def high(self) -> int:
        """The upper end of its interval at 95 %."""
        return min(100, _whole(Decimal(self.exact + self.margin95)))

    @property
    def enough(self) -> Enough:
        """Whether there are enough answers to show it."""
        if self.n < ENOUGH_FOR_A_RANGE:
            return Enough.NOT_YET
        return Enough.RANGE if self.n < ENOUGH_FOR_A_SCORE else Enough.FULL


def _whole(value: Decimal) -> int:
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def nps(scores: Iterable[int]) -> NpsResult | None:
    """From single answers; None where there are none."""
    counts: dict[int, int] = {}
    for score in scores:
        counts[score] = counts.get(score, 0) + 1
    return nps_of_counts(counts)


def nps_of_counts(counts: Mapping[int, int]) -> NpsResult | None:
    """From {score: answers}; None where there are none."""
    bands = dict.fromkeys(Band, 0)
    for score, answers in counts.items():
        bands[classify(score)] += answers
    if not any(bands.values()):
        return None
    return NpsResult(
        promoters=bands[Band.PROMOTER],
        passives=bands[Band.PASSIVE],
        detractors=bands[Band.DETRACTOR],
    )


def is_low(score: int) -> bool:
    """Whether the score is that of a detractor (0 to 6)."""
    return classify(score) is Band.DETRACTOR


def is_urgent(score: int) -> bool:
    """A score of 3 or less: the follow-up does not wait for a free hour."""
    return score <= 3
