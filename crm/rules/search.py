"""How a name is kept for searching, and how a query is made the same.

One function, `_spelled`, makes both: what people leave out or write differently (case,
marks, signs inside a word, variants of a letter) is in neither. A query finds a part of
three letters anywhere, a shorter one where a word begins: `customer_search.py`.
"""

import re
import unicodedata
from collections.abc import Callable

from crm.rules.name_signs import CJK_RANGES

SEARCH_WORDS_AT_MOST = 12
# Stands for any sign inside a word while it is taken apart.
SIGN = "-"

_CJK = re.compile(f"[{CJK_RANGES}]")
# Thai, Lao, Myanmar, Khmer, New Tai Lue, Javanese: written without blanks.
_BLANKLESS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u1980-\u19df\ua980-\ua9df]"
)

# Signs of their own that NFKC would make a blank and a mark: O´Brien.
_APOSTROPHES = str.maketrans(dict.fromkeys("´΄᾽᾿", "'"))
# Combining classes of marks that make another word: none, kana voicing, virama, and the
# vowels of Telugu, Thai, Lao and Tibetan. All other marks are left out.
_KEPT_MARKS = frozenset({0, 8, 9, 84, 91, 103, 118, 129, 130, 132})
# Selectors of a glyph and skin tones: shades of the character before.
_SHADES = re.compile(
    "[\u034f\u180b-\u180d\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\U000e0100-\U000e01ef]"
)
_SAME = str.maketrans(
    {
        # Letters that have no decomposition into a base and a mark.
        **{"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe"},
        **{"ı": "i", "ħ": "h", "ŋ": "n"},
        # Letters that are apostrophes, and the tatweel that stretches Arabic words.
        **dict.fromkeys("ʹʺʻʼʽʾʿˈˮˀˁـ", None),
        # Forms by place in a word, by keyboard or by habit.
        **{"ך": "כ", "ם": "מ", "ן": "נ", "ף": "פ", "ץ": "צ"},
        **{"ی": "ي", "ى": "ي", "ک": "ك", "ة": "ه", "ٱ": "ا"},
    }
)
_ASCII_SIGNS = {
    code: SIGN
    for code in range(128)
    if not chr(code).isalnum() and not chr(code).isspace()
}


def search_text(*parts: str) -> str:
    """Return what LIKE '%word%' looks through: words between single blanks.

    Trigrams need three characters, so each Chinese, Japanese or Korean character and
    each symbol is a word of its own: u738b. A word with signs inside is kept without
    them, and what follows a sign again, as a beginning: `o'brien` as obrien, brien.
    Scripts without blanks have each pair of letters as a beginning.
    """
    kept: dict[str, None] = {}
    run = ""
    for word in _spelled(" ".join(parts)):
        if not word.isascii() and _BLANKLESS.search(word):
            run += word.replace(SIGN, "")
            continue
        if run:
            _keep_run(kept, run)
            run = ""
        if SIGN in word:
            _keep(kept, word)
        else:
            kept[word] = None
    _keep_run(kept, run)
    return " ".join(kept)


def customer_search_text(*searchable: str) -> str:
    """The one recipe of crm_customer.search_text, for services and import alike: the
    searchable facts in the order of crm/customer_facts.py, and the external id."""
    return search_text(*searchable)


def search_words(query: str) -> list[str]:
    """Return the words of a query, spelled as search_text does; all must be found."""
    words = (word.replace(SIGN, "") for word in _spelled(query))
    return list(dict.fromkeys(filter(None, words)))[:SEARCH_WORDS_AT_MOST]


def _keep(kept: dict[str, None], word: str) -> None:
    """A word without its signs, and the beginnings behind them."""
    pieces = [piece for piece in word.split(SIGN) if piece]
    if pieces:
        kept["".join(pieces)] = None
        kept.update(dict.fromkeys(pieces[1:]))


def _keep_run(kept: dict[str, None], run: str) -> None:
    """Names of scripts without blanks, as if written in one, and its pairs."""
    if run:
        kept[run] = None
        kept.update(dict.fromkeys(run[at : at + 2] for at in range(1, len(run))))


def _spelled(text: str) -> list[str]:
    """Return the words, each of them with SIGN where a sign stood."""
    if text.isascii():
        return text.lower().translate(_ASCII_SIGNS).split()
    text = unicodedata.normalize("NFKC", text.translate(_APOSTROPHES)).casefold()
    bare = unicodedata.normalize("NFD", text).translate(_WITHOUT_MARKS)
    # After the marks are gone: ǽ is æ with an accent.
    plain = unicodedata.normalize("NFC", bare).translate(_SAME)
    return plain.translate(_IN_WORDS).split()


class _Table(dict[int, str | None]):
    """For str.translate: works a character out once and remembers it."""

    def __init__(self, work_out: Callable[[str], str | None]) -> None:
        self.work_out = work_out

    def __missing__(self, code: int) -> str | None:
        self[code] = self.work_out(chr(code))
        return self[code]


def _without_marks(character: str) -> str | None:
    kept = unicodedata.combining(character) in _KEPT_MARKS
    return character if kept and not _SHADES.match(character) else None


def _in_words(character: str) -> str | None:
    """A letter or digit as it is, a symbol or Han character as a word, else SIGN."""
    if _CJK.match(character):
        return f" u{ord(character):x} "
    if character.isalnum():
        digit = unicodedata.decimal(character, None)
        return character if digit is None else str(digit)
    kind = unicodedata.category(character)
    if kind in {"Cf", "Me"}:
        return None
    if kind[0] == "M" or character.isspace():
        return character
    if kind[0] == "S" and not character.isascii():
        return f" u{ord(character):x} "
    return SIGN


_WITHOUT_MARKS = _Table(_without_marks)
_IN_WORDS = _Table(_in_words)
