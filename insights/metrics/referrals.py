"""Who came because somebody recommended us: a share between two bounds.

The answer on the record says it of some; of those who gave no answer nobody knows. The
share lies between those who said so and those who said so or nothing (mission: ask each
new customer how they heard, and show the unexplained rest beside it).
"""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

# Parts of answers that mean a recommendation, in the languages of our pages.
WORDS = (
    *("friend", "recommend", "referral", "referred", "word of mouth", "family"),
    *("colleague", "朋友", "推荐", "推薦", "口碑", "介绍", "介紹", "家人", "同事"),
    *("חבר", "המלצ", "פה לאוזן", "משפחה", "קולגה"),
)


def is_recommendation(answer: str) -> bool:
    """Whether an answer to "how did you hear of us" names somebody who told them."""
    folded = answer.casefold().replace("-", " ")
    return any(word in folded for word in WORDS)


class Told(StrEnum):
    """What the record, a survey and a code say together of how somebody came."""

    SURE = "sure"  # by recommendation, and nothing says otherwise
    DISPUTED = "disputed"  # one says so, another names something else
    OTHER = "other"  # in another way
    UNKNOWN = "unknown"  # nothing says anything: the unexplained rest


def told(says: Collection[str]) -> Told:
    """Of what each says: "yes", "no" or "" for nothing."""
    heard = set(says) - {""}
    if not heard:
        return Told.UNKNOWN
    if "yes" not in heard:
        return Told.OTHER
    return Told.DISPUTED if "no" in heard else Told.SURE


@dataclass(frozen=True)
class Bounds:
    """`low` said so; `high` said so or nothing. None: nobody, or no revenue."""

    low: float | None
    high: float | None


def bounds(said: Decimal | int, unknown: Decimal | int, total: Decimal | int) -> Bounds:
    """Both ends of the share of `total`."""
    if total <= 0 or said < 0 or unknown < 0 or said + unknown > total:
        return Bounds(None, None)
    return Bounds(float(said / total), float((said + unknown) / total))
