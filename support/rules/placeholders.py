"""Places in ready-made words that a name or a number takes."""

import re
from collections.abc import Mapping

NAMES = ("first_name", "name", "company", "author", "shop", "subject", "last_order")
_PLACE = re.compile(r"{(\w+)}")


def unknown(text: str) -> list[str]:
    """Placeholders of the text that do not exist, in the order in which they stand."""
    found = _PLACE.findall(text)
    return [name for name in dict.fromkeys(found) if name not in NAMES]


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its places filled. What is not known stays in its braces, so that
    the writer sees it."""
    return _PLACE.sub(lambda found: values.get(found[1]) or found[0], text)
