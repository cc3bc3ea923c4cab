"""Which indexes a search for customers asks: no database, no clock."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

MOST_TYPED = 200
MOST_WORDS = 8
_PHONE = re.compile(r"[+\d\s().\-/\u2010-\u2015]+")


@dataclass(frozen=True)
class Pattern:
    """One index to ask: every group of `likes` must match, by any of its members.

    A column in ELSEWHERE is of another table than the customers'.
    """

    column: str
    likes: tuple[tuple[str, ...], ...]


ELSEWHERE = frozenset({"order_number", "second_norm", "second_digits"})


def literal(text: str) -> str:
    r"""For LIKE: %, _ and \ stand for themselves."""
    return re.sub(r"([\\%_])", r"\\\1", text)


def patterns(
    typed: str,
    *,
    words: Sequence[str],
    email: str = "",
    phone_parts: Sequence[str] = (),
    country_code: int | None = None,
) -> list[Pattern]:
    """Which indexes a search asks. `words`: the text as names are kept for searching.

    `email`: the text as addresses are kept, where it is a whole one. `phone_parts`:
    digits of which one must be in the telephone number, however it is written.

    An address is asked of the addresses alone: "@example.org" is in every row.
    """
    text = typed.strip()[:MOST_TYPED]
    if not text or "\0" in text:
        return []
    begins = [_begins("external_id", text), _begins("external_id", text.upper())]
    if " " not in text:
        begins.extend(_addresses(text.lower()))
    if email:
        begins.extend(_addresses(email))
    if "@" not in text:
        begins.extend(_phones(text, country_code))
        if phone_parts:
            parts = tuple(f"%{part}%" for part in phone_parts)
            begins.append(Pattern("phone_digits", (parts,)))
            begins.append(Pattern("second_digits", (parts,)))
        if len(text) >= 3:
            begins.append(_begins("order_number", text.upper()))
        begins.extend(_names(words))
    return list(dict.fromkeys(begins))


def _addresses(text: str) -> list[Pattern]:
    """Chief and second addresses."""
    return [_begins("email_norm", text), _begins("second_norm", text)]


def _begins(column: str, text: str) -> Pattern:
    return Pattern(column, ((literal(text) + "%",),))


def _names(words: Sequence[str]) -> list[Pattern]:
    """Every word must be there: three letters anywhere, fewer at a word's start.

    Three letters are what a trigram index needs; the start of a word counts as one.
    """
    likes = [word_likes(word) for word in words[:MOST_WORDS]]
    return [Pattern("search_text", tuple(likes))] if likes else []


def word_likes(word: str) -> tuple[str, ...]:
    """The patterns of which a searched text must match one."""
    if len(word) >= 3:
        return (f"%{literal(word)}%",)
    return (f"{literal(word)}%", f"% {literal(word)}%")


def _phones(text: str, country_code: int | None) -> list[Pattern]:
    if not _PHONE.fullmatch(text):
        return []
    digits = "".join(re.findall(r"[0-9]", text))
    if len(digits) < 3:
        return []
    starts = [f"+{digits}"]
    if digits.startswith("00"):
        starts.append(f"+{digits[2:]}")
    elif digits.startswith("0") and country_code:
        starts.append(f"+{country_code}{digits[1:]}")
    elif country_code:
        starts.append(f"+{country_code}{digits}")
    return [
        _begins(column, start)
        for start in starts
        for column in ("phone_e164", "second_norm")
    ]
