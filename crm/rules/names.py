"""How a name is split, greeted and sorted, whatever its script."""

import re
import unicodedata
from collections.abc import Sequence

# What a column holds; casefolding may lengthen a name.
SORT_NAME_LENGTH = 260

_TITLES = (
    "mr mrs ms miss mx dr prof sir madam herr frau fr mag ing dipl univ mme mlle sr sra"
    " dott sig sigra rev hon"
)
# Words that belong to the family name behind them: van der Berg, de la Cruz.
_PARTICLES = (
    "van von der den de del della di da do dos das du la le ter ten zu zum zur af av"
    " bin ibn al el ben bat mac st"
)
_SUFFIXES = "jr sr ii iii iv phd md mba msc bsc esq dds"
_LONG_SURNAMES = (
    "欧阳 歐陽 司马 司馬 上官 诸葛 諸葛 司徒 东方 東方 独孤 獨孤 慕容 夏侯 皇甫"
    " 尉迟 尉遲 长孙 長孫 宇文 令狐 公孙 公孫 端木 申屠 轩辕 軒轅 南宫 南宮"
)
TITLES = frozenset(_TITLES.split())
PARTICLES = frozenset(_PARTICLES.split())
SUFFIXES = frozenset(_SUFFIXES.split())
TWO_CHARACTER_SURNAMES = frozenset(_LONG_SURNAMES.split())

# Letters that have no decomposition into a base and a mark.
_BARE = str.maketrans(
    {
        **{"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe"},
        **{"ı": "i", "ħ": "h", "ŋ": "n", "’": "'", "‘": "'", "ʼ": "'"},
        **{"‐": "-", "‑": "-", "–": "-", "—": "-", "־": "-", "״": '"', "׳": "'"},
    }
)
CJK_RANGES = (
    "\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u3105-\u312f\u31a0-\u31bf\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
_CJK = re.compile(f"[{CJK_RANGES}]")
_CJK_NAME = re.compile(f"[{CJK_RANGES}·・\\s]+")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_KEPT_MARKS = frozenset({0, 8, 9})  # no mark, kana voicing, virama: they change a word


def split_name(full: str) -> tuple[str, str]:
    """(given, family). `王小明` and `山田 太郎` lead with the family, others end."""
    full = " ".join(full.split())
    if "," in full:
        family, given = (part.strip() for part in full.split(",", 1))
        if not _is_suffix(given):
            return (given, family) if given else ("", family)
    if full and _CJK_NAME.fullmatch(full):
        return _split_cjk(full)
    return _split_western(full.split(" ")) if full else ("", "")


def full_name(given: str, family: str) -> str:
    """As it is written: `Anna Berg`, but `王小明`, the family first and no space."""
    if _CJK.search(given) and _CJK.search(family):
        return family + given
    return f"{given} {family}".strip()


def greeting_name(given: str, family: str) -> str:
    """How a mail addresses somebody: `Anna`, `王小明`, `A. Berg`; empty if unknown."""
    is_ascii = given.isascii() or family.isascii()
    if not is_ascii and _CJK.search(given) and _CJK.search(family):
        return family + given
    words = [word for word in given.split() if not _is_title(word)]
    for word in words:
        if len(word.rstrip(".")) > 1:
            return word
    return " ".join(part for part in (*words, family) if part)


def sort_name(given: str, family: str) -> str:
    """The key of every list of people; it needs no collation of the database."""
    return fold(f"{family} {given}")[:SORT_NAME_LENGTH].rstrip()


def fold(text: str) -> str:
    """Without case, marks and invisible characters; spaces made single."""
    if text.isascii():
        return " ".join(text.lower().split())
    text = unicodedata.normalize("NFKC", text).casefold()
    text = _INVISIBLE.sub("", text)
    bare = "".join(
        character
        for character in unicodedata.normalize("NFD", text)
        if unicodedata.combining(character) in _KEPT_MARKS
    )
    # After the marks are gone: ǽ is æ with an accent.
    plain = unicodedata.normalize("NFC", bare).translate(_BARE)
    return " ".join(plain.split())


def normalise_email(email: str) -> str:
    """The form that decides whether two addresses are one.

    Case never matters; the rule is ASCII-only for the local part, so that a Turkish I
    stays itself. Domains are compared in punycode. Plus and dots are kept.
    """
    local, at, domain = email.strip().rpartition("@")
    if not at:
        return _ascii_lower(domain)
    return f"{_ascii_lower(local)}@{ascii_domain(domain)}"


def ascii_domain(domain: str) -> str:
    """The domain as mail servers see it; one that has no such form stays."""
    if domain.isascii():
        return domain.lower()
    try:
        return domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return domain.casefold()


def mask_email(email: str) -> str:
    """`d•••@example.org`: enough to recognise, too little to write to."""
    local, at, domain = email.rpartition("@")
    return f"{local[:1]}•••@{domain}" if at else ""


def _split_cjk(full: str) -> tuple[str, str]:
    family, space, given = full.partition(" ")
    if space:
        return given, family
    if len(full) < 2 or "·" in full or "・" in full:
        return full, ""
    length = 2 if full[:2] in TWO_CHARACTER_SURNAMES and len(full) > 2 else 1
    return full[length:], full[:length]


def _split_western(words: Sequence[str]) -> tuple[str, str]:
    end = len(words)
    while end > 1 and _is_suffix(words[end - 1]):
        end -= 1
    start = end - 1
    while start > 1 and words[start - 1].lower() in PARTICLES:
        start -= 1
    if start == 0:
        return " ".join(words), ""
    if all(_is_title(word) for word in words[:start]):
        # "Mrs Berg": the one real name is the family's, and the title stays with it.
        return "", " ".join(words)
    return " ".join(words[:start]), " ".join(words[start:])


def _is_title(word: str) -> bool:
    return word.rstrip(".").lower() in TITLES


def _is_suffix(word: str) -> bool:
    return word.replace(".", "").lower() in SUFFIXES


def _ascii_lower(text: str) -> str:
    if text.isascii():
        return text.lower()
    return "".join(c.lower() if c.isascii() else c for c in text)
