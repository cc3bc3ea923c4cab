"""Codes as people write them: an alphabet without look-alikes, and one normal form."""

import re
import unicodedata
from collections.abc import Callable

from web.rules.text import WITHOUT_LOOK_ALIKES

LENGTH = 12
_GROUP = 4
SHORTEST, LONGEST = 4, 40
# Longer than any code of ours, so that it is never made: for previews.
SAMPLE = "SAMPLE-ONLY-NOCODE"
# Who typed no receipt number at the till: a key of its own for the order.
NO_RECEIPT = "till:"
# What people put between the groups, and letters that look like another one.
_BETWEEN = re.compile(r"[\s\-_.\u2010-\u2015\u2212]+")
_ALIKE = str.maketrans("OIL", "011")
_NORMAL = re.compile(rf"[0-9A-Z]{{{SHORTEST},{LONGEST}}}")


def made(random_below: Callable[[int], int]) -> str:
    """A new code as it is written; `random_below` as `secrets.randbelow`."""
    many = len(WITHOUT_LOOK_ALIKES)
    letters = "".join(WITHOUT_LOOK_ALIKES[random_below(many)] for _ in range(LENGTH))
    return written(letters)


def written(key: str) -> str:
    """In groups of four, which are read and typed with fewer mistakes."""
    groups = (key[at : at + _GROUP] for at in range(0, len(key), _GROUP))
    return "-".join(groups)


def normal(text: str) -> str:
    """How codes are compared: without case, spaces and hyphens, with O as 0, and I and
    L as 1. "" for what is no code."""
    plain = unicodedata.normalize("NFKC", text[: LONGEST * 4]).upper()
    key = _BETWEEN.sub("", plain).translate(_ALIKE)
    return key if _NORMAL.fullmatch(key) else ""
