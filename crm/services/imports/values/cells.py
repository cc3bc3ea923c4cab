"""What every reader of cells shares: refusals, remembered answers, plain text.

A file repeats itself: a thousand days, a hundred prices, one currency. What was read
once is not read again. A refusal is remembered too: it is a Refused with its code.
"""

import re
from collections.abc import Callable
from typing import TypeVar

from crm.customer_facts import CustomerFact
from crm.rules import names
from web.errors import InvalidValue
from web.rules import text

# Enough for the repeats of a file, and bounded whatever the file holds.
REMEMBERED = 20_000
# Words that programs write where there is nothing. `NA` is a country, `no` a language.
NOTHING = frozenset(
    "n/a #n/a #n/a! n.a. null (null) <null> [null] #null! \\n none nan undefined"
    " - -- --- – — ? ?? ??? #ref! #value! #name? #div/0! #num!".split()
)
_LONGEST_NOTHING = max(map(len, NOTHING))
CELL_SHOWN = 60  # characters of a cell in a message

_INVISIBLE = re.compile(
    "[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]"
)
# Joiners and marks beside letters stay in names: scripts and emoji need them.
_NEVER_MEANT = re.compile("[\u00ad\u202a-\u202e\u2066-\u2069\ufeff]")
# Full-width signs, and every blank there is. Not NFKC: it makes 122 of 12².
_NARROW: dict[int, str] = {
    **{0xFF01 + at: chr(0x21 + at) for at in range(94)},
    **dict.fromkeys((0xA0, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000), " "),
}
_TEXT_FORMULA = re.compile(r'="([^"]*)"')

T = TypeVar("T")


class Refused(str):
    """The code of a refusal, standing where a value would, and the cell it is about."""

    __slots__ = ("cell",)
    cell: str

    def __new__(cls, code: str, cell: str = "") -> "Refused":
        self = super().__new__(cls, code)
        self.cell = shown(cell)
        return self

    def of(self, column: str) -> "Refused":
        """The same refusal, naming the column: missing -> customer_missing."""
        return Refused(f"{column}_{self.removeprefix('number_')}", self.cell)


def shown(cell: str) -> str:
    """Its beginning, as people and the database can read it."""
    text = cell.strip()[:CELL_SHOWN].encode("utf-8", "backslashreplace").decode()
    return text.replace("\x00", "\\x00")


def remembering(read: Callable[[str], T]) -> Callable[[str], T]:
    """`read`, asked once for each text."""
    known: dict[str, T] = {}

    def answer(raw: str) -> T:
        try:
            return known[raw]
        except KeyError:
            if len(known) >= REMEMBERED:
                known.clear()
            value = known[raw] = read(raw)
            return value

    return answer


def is_nothing(raw: str) -> bool:
    """Blank, or a word such as N/A or NULL for no value."""
    return not raw or (
        len(raw) <= _LONGEST_NOTHING + 2 and (raw.strip().casefold() or "-") in NOTHING
    )


def plain(raw: str) -> str:
    """The cell of a number, a day, an address or an id as people mean it.

    Without invisible characters, with narrow letters and blanks, without the apostrophe
    or the ="…" by which spreadsheets keep text as it is; empty where nothing is meant.
    """
    if not raw.isascii():
        raw = _INVISIBLE.sub("", raw).translate(_NARROW)
    raw = raw.strip()
    if raw[:1] == "'":
        raw = raw[1:].lstrip()
    elif raw[:1] == "=" and (found := _TEXT_FORMULA.fullmatch(raw)):
        raw = found[1].strip()
    return "" if is_nothing(raw) else raw


def folded(word: str) -> str:
    """A word to compare: no capitals, single blanks, narrow letters."""
    return " ".join(plain(word).casefold().split())


def visible(raw: str) -> str:
    """A text without the characters that turn it around or cannot be seen."""
    return raw if raw.isascii() else _NEVER_MEANT.sub("", raw)


def name_line(most: int) -> Callable[[str], str]:
    """Reads a column of names; entities of web pages are decoded."""
    read_line = one_line(most)
    return lambda raw: read_line(
        names.readable(visible(raw)) if "&" in raw else visible(raw)
    )


def line_of(fact: CustomerFact) -> Callable[[str], str]:
    """Reads the column of a fact, as the form does."""

    def read(raw: str) -> str:
        if is_nothing(raw):
            return ""
        try:
            return fact.read(visible(raw), field="value", most=fact.most)
        except InvalidValue as error:
            return Refused(error.fields["value"], raw)

    return read


def one_line(most: int, *, required: bool = False) -> Callable[[str], str]:
    """Reads a text column; what is refused comes back as Refused."""

    def read(raw: str) -> str:
        try:
            value = text.one_line(raw, field="value", most=most)
        except InvalidValue as error:
            return Refused(error.fields["value"], raw)
        return value if value or not required else Refused("missing")

    return read
