"""When a review waits for its reader, and what its stars add up to.

Nothing here decides by the number of stars who is asked or what is published.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from math import sqrt

from feedback.choices import HeldReason

STARS = (1, 2, 3, 4, 5)
# So few stars open a follow-up: somebody asks what went wrong. Recovery, not gating:
# the review goes the same way as any other.
UNHAPPY_STARS = 2
# Below this an average would say more about chance than about the shop.
ENOUGH_REVIEWS = 10
ENOUGH_FOR_ONE_NUMBER = 30

# Each repetition is bounded, so that no text makes them slow.
_EMAIL = re.compile(r"[^\s@]@[\w-]{1,63}(?:\.[\w-]{1,63}){0,4}\.\w{2}")
_LINK = re.compile(
    r"https?:|www\.|[\w-]{2,63}\.(?:com|net|org|info|biz|shop|store|online|io|co|me"
    r"|il|cn|tw|hk|uk|de|fr|eu)\b(?!\.)",
    re.IGNORECASE,
)
_PHONE = re.compile(r"(?:\d[\s().\-/]{0,3}){8}")


def why_held(*texts: str) -> HeldReason:
    """Why a person reads this before it is public: what stands in the words."""
    seen = "\n".join(_plain(text) for text in texts)
    if _EMAIL.search(seen):
        return HeldReason.HAS_EMAIL
    if _LINK.search(seen):
        return HeldReason.HAS_LINK
    if _PHONE.search(seen):
        return HeldReason.HAS_PHONE
    return HeldReason.FIRST_READ


def _plain(text: str) -> str:
    """Full-width and invisible characters are a way to hide an address: undo them."""
    folded = unicodedata.normalize("NFKC", text)
    return "".join(char for char in folded if unicodedata.category(char) != "Cf")


def needs_recovery(stars: int) -> bool:
    """Whether so few stars open a follow-up."""
    return stars <= UNHAPPY_STARS


@dataclass(frozen=True)
class StarSummary:
    """Counts of one to five stars; the average and where it likely lies, if enough.

    `average` is None below ENOUGH_REVIEWS. Below ENOUGH_FOR_ONE_NUMBER only the range
    is shown: `is_sure` is False.
    """

    counts: tuple[int, int, int, int, int]
    total: int
    average: Decimal | None
    low: Decimal | None
    high: Decimal | None

    @property
    def is_sure(self) -> bool:
        """Whether there are enough reviews for one number."""
        return self.total >= ENOUGH_FOR_ONE_NUMBER

    @property
    def missing(self) -> int:
        """How many reviews are missing until the average is shown."""
        return max(0, ENOUGH_REVIEWS - self.total)


def summarise(counts: Mapping[int, int]) -> StarSummary:
    """The range is the mean's 95 % interval with one 1 and one 5 added.

    The two added answers keep it honest where all gave the same stars: ten times five
    does not prove that everybody always will.
    """
    per_star = tuple(counts.get(stars, 0) for stars in STARS)
    total = sum(per_star)
    one, two, three, four, five = per_star
    if total < ENOUGH_REVIEWS:
        return StarSummary((one, two, three, four, five), total, None, None, None)
    low, high = _likely((one + 1, two, three, four, five + 1))
    average = sum(stars * n for stars, n in zip(STARS, per_star, strict=True)) / total
    return StarSummary(
        (one, two, three, four, five),
        total,
        _one_place(average),
        _one_place(max(1.0, low)),
        _one_place(min(5.0, high)),
    )


def _likely(counts: tuple[int, ...]) -> tuple[float, float]:
    n = sum(counts)
    mean = sum(stars * k for stars, k in zip(STARS, counts, strict=True)) / n
    squares = sum(
        k * (stars - mean) ** 2 for stars, k in zip(STARS, counts, strict=True)
    )
    half = 1.96 * sqrt(squares / (n - 1) / n)
    return mean - half, mean + half


def _one_place(value: float) -> Decimal:
    return Decimal(value).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
