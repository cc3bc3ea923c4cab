"""The closed lists of loyalty; the database refuses what is not in them."""

from enum import StrEnum


class Basis(StrEnum):
    """What an expected day stands on."""

    OWN = "own"
