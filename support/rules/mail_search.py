"""What a search for mails looks through, and what is asked of it.

Words are spelled as in the search for customers (crm/rules/search.py). Chinese,
Japanese and Korean are looked for by pairs of characters that stand side by side: one
by one, nearly every longer mail has every common character.

The index knows each four letters that stand side by side in a word, the last three, and
after a blank the two that a word begins with (support_word_parts). A word of four
letters or more is where all its fours are, or nearly: the text itself is looked at.
"""

import re
import unicodedata
from collections.abc import Iterable

from crm.rules import search
from crm.rules.name_signs import CJK_RANGES

# Of the body; what stands further down is seldom looked for.
BODY_MOST = 20_000
# As far as the index goes: PostgreSQL takes no more parts than come of it.
BYTES_MOST = 230_000
TYPED_MOST = 200
_WORDS_MOST = 8
_RUN = re.compile(f"[{CJK_RANGES}]{{2,}}")
_NUMBER = re.compile(r"#?([0-9]{1,18})")
_PART = 4
_BEGIN_LEAST = 4
# Shorter words are looked for where a word begins.
ANYWHERE = 3


def text_of(
    *,
    subject: str,
    body: str,
    people: Iterable[tuple[str, str]],
    files: Iterable[str],
) -> str:
    """The one text of a mail that is searched. `people` are names and addresses."""
    named = (part for person in people for part in person)
    text = search.search_text(
        *(_paired(part) for part in (subject, *named, *files, body[:BODY_MOST]))
    )
    return text.encode()[:BYTES_MOST].decode(errors="ignore")


def words(typed: str) -> list[str]:
    """The words of a query, which must all be in one mail; none where it asks for
    nothing. Letters and digits alone."""
    found = search.search_words(_paired(typed[:TYPED_MOST].replace("\0", "")))
    return found[:_WORDS_MOST]


def parts(word: str) -> str:
    """What the index is asked for, as a tsquery: whatever has the word has these."""
    if len(word) < ANYWHERE:
        # The whole beginning where two letters are typed.
        return _lexeme(f" {word}", is_begin=len(word) == 1)
    if len(word) < _PART:
        return _lexeme(word, is_begin=True)
    fours = (word[at : at + _PART] for at in range(len(word) - _PART + 1))
    return " & ".join(_lexeme(four) for four in dict.fromkeys(fours))


def _lexeme(part: str, *, is_begin: bool = False) -> str:
    quoted = part.replace("\\", "\\\\").replace("'", "''")
    return f"'{quoted}'{':*' if is_begin else ''}"


def beginnings(typed: str) -> dict[str, str]:
    """By each word of a query that is an address its beginning: what stands before the
    @ and two letters more. A domain is in so many mails that it tells nothing."""
    found: dict[str, str] = {}
    for part in typed[:TYPED_MOST].replace("\0", "").split():
        name, at, domain = part.partition("@")
        whole, begin = words(part), words(name + domain[:2])
        is_one = len(whole) == len(begin) == 1
        if not (at and is_one and len(begin[0]) >= _BEGIN_LEAST):
            continue
        if whole[0].startswith(begin[0]):
            found[whole[0]] = begin[0]
    return found


def number_of(typed: str) -> int | None:
    """The number of a conversation, where it is typed with or without #."""
    found = _NUMBER.fullmatch(typed.strip())
    return int(found[1]) if found else None


def _paired(text: str) -> str:
    if text.isascii():
        return text
    return _RUN.sub(_pairs, unicodedata.normalize("NFKC", text))


def _pairs(run: re.Match[str]) -> str:
    codes = [f"u{ord(character):x}" for character in run[0]]
    pairs = (first + second for first, second in zip(codes, codes[1:], strict=False))
    return f" {' '.join(pairs)} "
