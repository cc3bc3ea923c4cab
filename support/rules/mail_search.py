"""What a search for mails looks through, and what is asked of it.

Words are spelled as in the search for customers (crm/rules/search.py). Chinese,
Japanese and Korean are looked for by pairs of characters that stand side by side: one
by one, nearly every longer mail has every common character.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping

from crm.rules import search
from crm.rules.customer_search import word_likes
from crm.rules.name_signs import CJK_RANGES

# Of the body; what stands further down is seldom looked for.
BODY_MOST = 20_000
TYPED_MOST = 200
_WORDS_MOST = 8
_RUN = re.compile(f"[{CJK_RANGES}]{{2,}}")
_NUMBER = re.compile(r"#?([0-9]{1,18})")
# As the index has them (support_number_ends).
_DIGITS = re.compile(r"[0-9]{4,}")
_END_MOST = 20
_BEGIN_LEAST = 4


def text_of(
    *,
    subject: str,
    body: str,
    people: Iterable[tuple[str, str]],
    files: Iterable[str],
) -> str:
    """The one text of a mail that is searched. `people` are names and addresses."""
    named = (part for person in people for part in person)
    return search.search_text(
        *(_paired(part) for part in (subject, *named, *files, body[:BODY_MOST]))
    )


def likes(typed: str) -> list[tuple[str, ...]]:
    """The patterns of LIKE for a query: one of each group must match. Empty where it
    asks for nothing."""
    return [word_likes(word) for word in _words(typed)]


def beginnings(typed: str) -> Mapping[str, str]:
    """By the pattern of each address of a query one of its beginning: what stands
    before the @ and two letters more. A domain is in so many mails that it tells
    nothing."""
    found: dict[str, str] = {}
    for part in typed[:TYPED_MOST].replace("\0", "").split():
        name, at, domain = part.partition("@")
        whole, begin = _words(part), _words(name + domain[:2])
        is_one = len(whole) == len(begin) == 1
        if not (at and is_one and len(begin[0]) >= _BEGIN_LEAST):
            continue
        if whole[0].startswith(begin[0]):
            found |= dict(zip(word_likes(whole[0]), word_likes(begin[0]), strict=True))
    return found


def number_in(typed: str) -> str:
    """How the longest number of a query begins in the index of numbers; empty where
    none has four digits."""
    numbers = [word for word in _words(typed) if _DIGITS.fullmatch(word)]
    return max(numbers, key=len, default="")[:_END_MOST]


def number_of(typed: str) -> int | None:
    """The number of a conversation, where it is typed with or without #."""
    found = _NUMBER.fullmatch(typed.strip())
    return int(found[1]) if found else None


def _words(typed: str) -> list[str]:
    words = search.search_words(_paired(typed[:TYPED_MOST].replace("\0", "")))
    return words[:_WORDS_MOST]


def _paired(text: str) -> str:
    if text.isascii():
        return text
    return _RUN.sub(_pairs, unicodedata.normalize("NFKC", text))


def _pairs(run: re.Match[str]) -> str:
    codes = [f"u{ord(character):x}" for character in run[0]]
    pairs = (first + second for first, second in zip(codes, codes[1:], strict=False))
    return f" {' '.join(pairs)} "
