"""What the words of a card or letter may hold, and how they are filled in."""

import re
from collections.abc import Mapping
from datetime import date

from messaging.rules import wording

# What staff may write between braces.
PLACEHOLDERS = ("first_name", "name", "years", "shop", "from_name")
_GAP = re.compile(r"\n{3,}")


def filled(text: str, words: Mapping[str, str]) -> str:
    """The text with its placeholders replaced; what is not known leaves no gap."""
    return _GAP.sub("\n\n", wording.fill(text, words)).strip()


def whole_years(since_on: date, on: date) -> int:
    """How many years are over on this day; below 0 before they begin."""
    is_short = (on.month, on.day) < (since_on.month, since_on.day)
    return on.year - since_on.year - is_short
