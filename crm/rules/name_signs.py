"""What a word or a name is, by its words: a title, a company, no name at all."""

import re
from collections.abc import Sequence
from functools import lru_cache

from crm.rules import name_words as known

CJK_RANGES = (
    "\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u3105-\u312f\u31a0-\u31bf\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
CJK = re.compile(f"[{CJK_RANGES}]")
CJK_NAME = re.compile(f"[{CJK_RANGES}·・\\s]+")
# In addresses, in what a program should have filled in, and in no name.
_NO_NAME = re.compile(r"[@0-9{}<>\[\]|%=*_\\/#]")
_MACHINE = re.compile(r"[@{}|%]")
LETTER = re.compile(r"[^\W\d_]")
VIETNAMESE = re.compile("[ăâđêôơưạ-ỹ]", re.IGNORECASE)
_PATRONYMIC = re.compile(r"\w+(ович|евич|ьич|ична|овна|евна|инична)", re.IGNORECASE)
# Endings of Russian and Ukrainian family names that given names do not have.
_SLAVIC_SURNAME = re.compile(
    r"\w{3,}(ов|ев|ёв|ова|ева|ёва|ский|ская|цкий|цкая|енко|ський|ська)", re.IGNORECASE
)
_QUOTES = str.maketrans({"׳": "'", "״": '"', "’": "'", "”": '"'})


# Names of two plain words are nine in ten: what makes one of them more than that.
_TELLING = (
    known.TITLES
    | known.SUFFIXES
    | known.COMPANY
    | known.COMPANY_MAYBE
    | known.JOINED
    | known.VIETNAMESE_SURNAMES
    | known.NOTHING
    | {"na", "nan"}
)
_NOTHING_BEGINS = (
    known.NOTHING
    | {one.casefold() for one in known.NOTHING_AS_WRITTEN}
    | {phrase.partition(" ")[0] for phrase in known.NOTHING_PHRASES}
)


def is_plain(first: str, second: str) -> bool:
    """Two plain words, which can only be given and family name.

    Cyrillic, Chinese, Japanese and Korean names always need a closer look.
    """
    return (
        first.isalpha()
        and second.isalpha()
        and not "\u0400" <= first[0] < "\u0530"
        and first[0] < "\u2e80"
        and first.casefold() not in _TELLING
        and second.casefold() not in _TELLING
    )


def is_nothing(name: str) -> bool:
    """Does a word such as NULL or N/A stand where a name should?"""
    words = name.casefold().split()
    if not words or words[0] not in _NOTHING_BEGINS:
        return False
    if name.strip() in known.NOTHING_AS_WRITTEN:
        return True
    is_listed = all(word in known.NOTHING for word in words)
    return is_listed or " ".join(words) in known.NOTHING_PHRASES


def is_company(name: str) -> bool:
    """`Acme, Inc.`, `Nestlé SA`, `华为有限公司`: recognised by the legal form."""
    head, _, last = name.rstrip(" ,").rpartition(" ")
    bare = bare_word(last)
    if bare in known.COMPANY:
        return True
    if "," in name and any(bare_word(one) in known.COMPANY for one in name.split(",")):
        return True
    if bare in known.COMPANY_MAYBE:
        is_capital = last.isupper() and not name.isupper()
        return is_capital or "." in last or head[-1:] in (",", "&")
    if name.isascii():
        return False
    first = bare_word(name.partition(" ")[0])
    is_first = bool(head) and first in known.COMPANY_FIRST
    return is_first or any(part in name for part in known.COMPANY_PARTS)


def leads_with_family(words: Sequence[str], language: str = "") -> bool:
    """By the language, or by words that only family or father's names have."""
    if len(words) < 2:
        return False
    first, last = words[0].casefold(), words[-1].casefold()
    short = language.casefold().replace("_", "-").partition("-")[0]
    if short in known.FAMILY_FIRST:
        return True
    surnames = known.ROMANISED_SURNAMES.get(short, frozenset())
    if first in surnames and last not in surnames:
        return True
    if first.isascii() and last.isascii():
        return False
    if first in known.VIETNAMESE_SURNAMES and VIETNAMESE.search(" ".join(words)):
        return last not in known.VIETNAMESE_SURNAMES
    if len(words) == 3 and _PATRONYMIC.fullmatch(last):
        return not _PATRONYMIC.fullmatch(words[1])
    is_pair = len(words) == 2 and _SLAVIC_SURNAME.fullmatch(first)
    return bool(is_pair and not _SLAVIC_SURNAME.fullmatch(last))


def is_vietnamese(given: str, family: str) -> bool:
    """A given name of several words whose last one is the name: `Thị Minh Khai`."""
    if given.isascii() and family.isascii():
        # Thi and Van stand in the middle of names and begin none.
        has_middle = given[:4].casefold() in ("thi ", "van ")
        return has_middle and family.casefold() in known.ROMANISED_SURNAMES["vi"]
    is_surname = family.casefold() in known.VIETNAMESE_SURNAMES
    return is_surname and bool(VIETNAMESE.search(f"{given} {family}"))


def is_addressee(text: str) -> bool:
    """May it stand beside an address? What only a program could mean may not."""
    return bool(LETTER.search(text)) and not _MACHINE.search(text)


def could_be_a_name(text: str) -> bool:
    """Whether it has a letter and none of the signs that no name has."""
    return bool(LETTER.search(text)) and not _NO_NAME.search(text)


def leading_titles(words: Sequence[str]) -> int:
    """How many words at the beginning are titles."""
    return next((at for at, one in enumerate(words) if not is_title(one)), 0)


@lru_cache(20_000)
def bare_word(word: str) -> str:
    """Casefolded, without dots and what stands around it."""
    word = word.strip()
    return word.translate(_QUOTES).replace(".", "").strip(",;").casefold()


def is_title(word: str) -> bool:
    """Whether the word is a title, such as Dr or Frau."""
    return bare_word(word) in known.TITLES


def is_suffix(word: str) -> bool:
    """Whether the word is a suffix, such as Jr or PhD."""
    return bare_word(word) in known.SUFFIXES
