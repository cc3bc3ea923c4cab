"""What makes two records likely one person: no Django, no clock."""

from collections.abc import Collection
from enum import StrEnum


class Likeness(StrEnum):
    """Why two records may be one. The last three need names that are nearly alike."""

    EMAIL = "email"
    PHONE = "phone"
    NAME = "name"  # written alike, but for case and accents
    BIRTHDAY = "birthday"
    COMPANY = "company"
    POSTCODE = "postcode"


WEIGHTS = {
    Likeness.EMAIL: 4,
    Likeness.PHONE: 4,
    Likeness.NAME: 3,
    Likeness.BIRTHDAY: 3,
    Likeness.COMPANY: 2,
    Likeness.POSTCODE: 2,
}
# Names are near from this share of common trigrams on: "Ana Berg" and "Anna Berg" have
# 0.7, two people of one family about 0.4.
NEAR = 0.5
# An address that more records carry is an office's, and says nothing of a person.
MOST_SHARING = 10
# The same of a company, a day or a postcode, for names that begin alike.
MOST_ALIKE = 300
# So many people of one company, day or postcode are compared with one person: "n/a" may
# be the company of everybody.
MOST_COMPARED = 5_000


def strength(reasons: Collection[str]) -> int:
    """The sum of the weights: the order of the list."""
    return sum(WEIGHTS[Likeness(reason)] for reason in reasons)
