"""How a name is split, written, greeted and sorted, whatever its script.

Everything here is worked out from given and family name; a language gives their order
where a file or a form knows it. What is no name (NULL, an address, a company) is never
greeted: an empty greeting is "Hello," in the mail.
"""

import html
import re
import unicodedata
from collections.abc import Sequence

from crm.rules import name_signs as signs
from crm.rules import name_words as known
from web.rules.text import ascii_domain, one_line

# What a column holds; casefolding may lengthen a name.
SORT_NAME_LENGTH = 260

# Letters that have no decomposition into a base and a mark.
_BARE = str.maketrans(
    {
        **{"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe"},
        **{"ı": "i", "ħ": "h", "ŋ": "n", "’": "'", "‘": "'", "ʼ": "'"},
        **{"‐": "-", "‑": "-", "–": "-", "—": "-", "־": "-", "״": '"', "׳": "'"},
    }
)
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_DIRECTION = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_ENTITY = re.compile(
    r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});"
)
_KEPT_MARKS = frozenset({0, 8, 9})  # no mark, kana voicing, virama: they change a word


def readable(text: str) -> str:
    """A name as people write it: without the entities of web pages (O&#39;Brien)."""
    for _ in range(2):  # some shops escape twice
        if "&" not in text or ";" not in text:
            break
        text = _ENTITY.sub(lambda found: html.unescape(found[0]), text)
    return text.replace("\xa0", " ")


def name_line(value: str, *, field: str, most: int) -> str:
    """A line that names somebody or something; O&#39;Brien is meant as O'Brien."""
    return one_line(readable(value), field=field, most=most)


def split_name(full: str, language: str = "") -> tuple[str, str]:
    """(given, family). `王小明` and `山田 太郎` lead with the family, and so do names
    in Hungarian, Vietnamese and official Russian; others end with it."""
    words = full.split()
    is_told = language[:2].lower() in known.LANGUAGES_THAT_TELL
    if len(words) == 2 and not is_told and signs.is_plain(*words):
        return words[0], words[1]
    full = " ".join(words)
    if not full:
        return "", ""
    if signs.is_company(full) or "@" in full:
        return "", full
    if "," in full:
        return _split_commas(full, language)
    if signs.CJK_NAME.fullmatch(full):
        return _split_cjk(full)
    titles = signs.leading_titles(words)
    if signs.leads_with_family(words[titles:], language):
        given = [*words[:titles], *words[titles + 1 :]]
        return " ".join(given), words[titles]
    return _split_western(words)


def full_name(given: str, family: str) -> str:
    """As it is written: `Anna Berg`, but `王小明`, the family first and no space."""
    is_latin = given.isascii() or family.isascii()
    if not is_latin and signs.CJK.search(given) and signs.CJK.search(family):
        return family + given
    if "," in given and family:
        # As older imports split `Berg, Ana, MD`.
        first, _, rest = given.partition(",")
        return f"{first} {family},{rest}"
    if " " in given and signs.is_vietnamese(given, family):
        return f"{family} {given}"
    if family and signs.bare_word(given) in known.COMPANY:
        return f"{family}, {given}"
    return f"{given} {family}".strip()


def mail_name(given: str, family: str) -> str:
    """The name beside the address in a mail's header; empty where there is none."""
    full = full_name(given, family)
    return "" if signs.is_nothing(full) or not signs.is_addressee(full) else full


def greeting_name(given: str, family: str) -> str:
    """How a mail addresses somebody: `Anna`, `王小明`, `A. Berg`; empty if unknown."""
    if len(given) > 1 and signs.is_plain(given, family):
        return given
    if signs.CJK.search(given) and signs.CJK.search(family):
        return "" if signs.is_company(family + given) else family + given
    full = full_name(given, family)
    if signs.is_nothing(full) or signs.is_company(full):
        return ""
    given = given.partition(",")[0]
    family = family.partition(",")[0]
    family = (
        family if signs.could_be_a_name(family) and not signs.is_nothing(family) else ""
    )
    if not signs.could_be_a_name(given) or signs.is_nothing(given):
        return _direction_free(family)
    return _direction_free(_greeted(given, family))


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


def mask_email(email: str) -> str:
    """`d•••@example.org`: enough to recognise, too little to write to."""
    local, at, domain = email.rpartition("@")
    return f"{local[:1]}•••@{domain}" if at else ""


def _split_commas(full: str, language: str) -> tuple[str, str]:
    """`Berg, Ana`, and what was earned or inherited stays behind: `Berg, Ana, MD`."""
    parts = [part.strip() for part in full.split(",") if part.strip()]
    earned: list[str] = []
    while len(parts) > 1 and signs.is_suffix(parts[-1]):
        earned.insert(0, parts.pop())
    if not parts:
        return "", ""
    if len(parts) > 1:
        return ", ".join(parts[1:]), ", ".join([parts[0], *earned])
    given, family = split_name(parts[0], language)
    if not family and (earned or full.endswith(",")):
        given, family = "", given
    return given, ", ".join([family, *earned]) if earned else family


def _split_cjk(full: str) -> tuple[str, str]:
    family, space, given = full.partition(" ")
    if space:
        return given, family
    if len(full) < 2 or "·" in full or "・" in full:
        return full, ""
    is_long = full[:2] in known.TWO_CHARACTER_SURNAMES and len(full) > 2
    length = 2 if is_long else 1
    return full[length:], full[:length]


def _split_western(words: Sequence[str]) -> tuple[str, str]:
    end = len(words)
    while end > 1 and signs.is_suffix(words[end - 1]):
        end -= 1
    start = end - 1
    while start > 1 and words[start - 1].lower() in known.PARTICLES:
        if words[start - 2] in known.COUPLED:
            break  # Ana & Ben Berg
        start -= 1
    if start == 0:
        return " ".join(words), ""
    if all(signs.is_title(word) for word in words[:start]):
        # "Mrs Berg": the one real name is the family's, and the title stays with it.
        return "", " ".join(words)
    return " ".join(words[:start]), " ".join(words[start:])


def _greeted(given: str, family: str) -> str:
    words = given.split()
    if signs.is_vietnamese(given, family):
        return words[-1]
    if not signs.is_vietnamese(family, given) and signs.leads_with_family(
        [*words, *family.split()]
    ):
        # Taken apart the other way round by an import that did not know better.
        words, family = [*words[1:], *family.split()], ""
        if signs.VIETNAMESE.search(given):
            return words[-1]
    real = [word.strip("\"'“”„«»()") for word in words if not signs.is_title(word)]
    real = [word for word in real if signs.LETTER.search(word) or word in known.COUPLED]
    if known.COUPLED.issuperset(real):
        real = []
    if len(real) > 2 and real[1].casefold() in known.COUPLED:
        return " ".join(real[:3])
    if len(real) > 1 and real[0].casefold() in known.JOINED:
        return " ".join(real[:2])
    for word in real:
        if len(word.rstrip(".")) > 1:
            return word
    # Initials and titles need the family's name behind them.
    return " ".join(part for part in (*(real or words), family) if part)


def _direction_free(text: str) -> str:
    return _DIRECTION.sub("", text).strip(" ,;")


def _ascii_lower(text: str) -> str:
    if text.isascii():
        return text.lower()
    return "".join(c.lower() if c.isascii() else c for c in text)
