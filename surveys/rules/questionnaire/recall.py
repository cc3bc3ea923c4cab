"""Known facts in the words of a question: `your {product|order} from {day|last time}`.

What stands behind the stroke is read where the fact is not known.
"""

import re
from collections.abc import Iterator, Mapping

FACTS = ("first_name", "shop", "product", "order", "day", "score")
# The only one that is known of everybody.
ALWAYS_KNOWN = frozenset({"shop"})

_PLACE = re.compile(r"\{([a-z_]+)(?:\|([^{}|]*))?\}")
_BRACE = re.compile(r"[{}]")


def recalled(words: str, facts: Mapping[str, str]) -> str:
    """With each fact in its place; an unknown one never leaves a brace to read."""
    return _PLACE.sub(lambda place: facts.get(place[1]) or place[2] or "", words)


def places(words: str) -> Iterator[tuple[str, str]]:
    """Each fact that is recalled, and what is read without it."""
    for place in _PLACE.finditer(words):
        yield place[1], place[2] or ""


def has_stray_brace(words: str) -> bool:
    """A brace that opens or closes no place: the customer would read it."""
    return bool(_BRACE.search(_PLACE.sub("", words)))
