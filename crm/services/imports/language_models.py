"""How likely a text is in a language: letter pairs, or characters in Chinese, Japanese
and Korean. Pure; learnt from Babel's words and from a few names when first asked.

Everything is a natural logarithm of a probability.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable
from functools import cache, lru_cache

from babel import Locale

from crm.services.imports.language_samples import NAMES

# Names weigh more than words for countries: they are what files hold.
NAME_WEIGHT = 12
FOREIGN = math.log(1e-5)  # a letter that the language does not have
CASE = -4.0  # a capital behind a small letter
MIXED = -6.0  # a Latin letter beside a Chinese character
CJK = frozenset({"zh", "zh-hant", "ja", "ko"})
# Marks of Latin, Hebrew, Arabic and Thai that stand on the letter before them.
_MARKS = "\u0300-\u036f\u0591-\u05c7\u064b-\u0652\u0e31-\u0e4e"
_WORD = re.compile(rf"[^\W\d_]+(?:[{_MARKS}]+[^\W\d_]*)*")
# The characters that the national standards put first, as they are most used.
_COMMON = {
    "zh": ("gb2312", range(0xB0, 0xD8), range(0xA1, 0xFF)),
    "zh-hant": ("big5", range(0xA4, 0xC7), (*range(0x40, 0x7F), *range(0xA1, 0xFF))),
    "ja": ("euc_jp", (0xA4, 0xA5, *range(0xB0, 0xD0)), range(0xA1, 0xFF)),
    "ko": ("euc_kr", range(0xB0, 0xC9), range(0xA1, 0xFF)),
}
_RARE = math.log(2e-7)


def words(text: str) -> list[str]:
    """The runs of letters, with the marks that stand on them."""
    return _WORD.findall(text)


@lru_cache(maxsize=50_000)
def score(word: str, language: str) -> float:
    """How likely a run of letters is as a word of the language."""
    if language in CJK:
        return _of_characters(word, language)
    pairs, singles, letters = _pairs(language)
    folded = f"^{word.lower()}$"
    found = 0.0
    for before, letter in zip(folded, folded[1:], strict=False):
        known = singles.get(before, 0)
        share = known / (known + 8)
        pair = pairs.get(before + letter, 0) / known if known else 0.0
        found += math.log(share * pair + (1 - share) * letters.get(letter, 1e-5))
    return found + CASE * _odd_capitals(word)


def _of_characters(word: str, language: str) -> float:
    characters = _characters(language)
    mixed = sum(
        before.isascii() != after.isascii()
        for before, after in zip(word, word[1:], strict=False)
    )
    return MIXED * mixed + sum(
        -3.0 if one.isascii() else characters.get(one, _RARE) for one in word
    )


def _odd_capitals(word: str) -> int:
    """Capitals behind a small letter, and small beginnings of capitals: jOHN."""
    return sum(
        after.isupper() and before.islower()
        for before, after in zip(word, word[1:], strict=False)
    )


@cache
def _pairs(
    language: str,
) -> tuple[Counter[str], Counter[str], dict[str, float]]:
    """Pairs of letters, how often each letter leads one, and each letter's share."""
    pairs: Counter[str] = Counter()
    for word, weight in _corpus(language):
        folded = f"^{word.lower()}$"
        for before, letter in zip(folded, folded[1:], strict=False):
            pairs[before + letter] += weight
    singles: Counter[str] = Counter()
    ends: Counter[str] = Counter()
    for pair, count in pairs.items():
        singles[pair[0]] += count
        ends[pair[1]] += count
    total = ends.total()
    return pairs, singles, {one: count / total for one, count in ends.items()}


def _corpus(language: str) -> Iterable[tuple[str, int]]:
    for word in words(NAMES.get(language, "")):
        yield word, NAME_WEIGHT
    for word in words(" ".join(_babel(language))):
        yield word, 1


@cache
def _babel(language: str) -> tuple[str, ...]:
    name = {"zh-hant": "zh_Hant"}.get(language, language)
    data = Locale.parse(name)
    found = (*data.territories.values(), *data.languages.values())
    return tuple(str(one) for one in found)


@cache
def _characters(language: str) -> dict[str, float]:
    """Half by what is used in names and words, half evenly over the common ones."""
    encoding, leads, trails = _COMMON[language]
    common = {
        bytes((lead, trail)).decode(encoding, "ignore")
        for lead in leads
        for trail in trails
    } - {""}
    seen = Counter(one for one in NAMES[language] for _ in range(NAME_WEIGHT))
    seen.update(one for text in _babel(language) for one in text if one in common)
    total = seen.total()
    return {
        one: math.log(0.6 * seen[one] / total + 0.4 / len(common))
        for one in common.union(seen)
    }
