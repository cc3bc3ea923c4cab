"""What makes two records likely one person: no Django, no clock."""

from collections.abc import Collection
from enum import StrEnum


class Likeness(StrEnum):
    """Why two records may be one. The last two need names that are nearly alike."""

    EMAIL = "email"
    PHONE = "phone"
    NAME = "name"  # written alike, but for case and accents
    BIRTHDAY = "birthday"
    COMPANY = "company"


WEIGHTS = {
    Likeness.EMAIL: 4,
    Likeness.PHONE: 4,
    Likeness.NAME: 3,
    Likeness.BIRTHDAY: 3,
    Likeness.COMPANY: 2,
}
# Names are near from this share of common trigrams on: "Ana Berg" and "Anna Berg" have
# 0.7, two people of one family about 0.4.
NEAR = 0.5
# An address that more records carry is an office's, and says nothing of a person.
MOST_SHARING = 10
# The same of a company or a day, for names that begin alike.
MOST_ALIKE = 300


def strength(reasons: Collection[str]) -> int:
    """The sum of the weights: the order of the list."""
    return sum(WEIGHTS[Likeness(reason)] for reason in reasons)
