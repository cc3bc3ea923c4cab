"""Ids, addresses, telephone numbers and tags, as people and programs type them."""

import json
import re
from collections.abc import Callable

from crm.services.imports.values.cells import NOTHING, Refused, one_line, plain
from web.errors import InvalidValue
from web.rules import text

MOST_TAGS = 50
# What separates tags; empty: whichever of them the cell has.
TAG_MARKS = {"": "", "comma": ",", "semicolon": ";"}

_PLAIN_ID = re.compile(r"[A-Za-z0-9#][A-Za-z0-9_./-]*")
_SCIENTIFIC = re.compile(r"[0-9](?:[.,][0-9]+)?[eE]\+[0-9]{1,3}")
_SEVERAL = re.compile(r"[\s,;/|]+")
_SEVERAL_PHONES = re.compile(r"\s*[,;|]\s*|\s+/\s*|\s*/\s+|\s+(?:or|und|and)\s+")
_IN_BRACKETS = re.compile(r"<\s*([^<>\s]+@[^<>\s]+)\s*>")
_MAILTO = re.compile("^mailto:", re.IGNORECASE)
_REMARK = re.compile(r"\s*\([^()0-9]*\)")


def identifier(most: int, *, required: bool = False) -> Callable[[str], str]:
    """Reads an id. One that is an address has no capitals; a number that a spreadsheet
    cut (1.23E+12) is refused, because many ids were made one."""
    read_line = one_line(most, required=required)

    def read(raw: str) -> str:
        is_plain = _PLAIN_ID.fullmatch(raw) and len(raw) <= most
        if is_plain and raw.casefold() not in NOTHING:
            return raw
        value = read_line(_id_text(raw))
        if "@" in value and not isinstance(value, Refused):
            return value.lower() if _is_address(value) else value
        if "+" in value and _SCIENTIFIC.fullmatch(value):
            return Refused("scientific", value)
        return value

    return read


def _id_text(raw: str) -> str:
    """An apostrophe is part of an id, but before digits."""
    bare = plain(raw)
    if raw.lstrip()[:1] == "'" and not bare[:1].isdigit():
        return raw
    return bare


def _is_address(value: str) -> bool:
    try:
        return bool(text.valid_email(value))
    except InvalidValue:
        return False


def addresses_in(raw: str) -> list[str]:
    """Every email address of a cell: mailto:, `Ana <a@x>`, several with a mark."""
    cell = plain(raw)
    named = _IN_BRACKETS.findall(cell)
    found = named or _SEVERAL.split(_REMARK.sub("", cell).strip(" ,;/|"))
    bare = [_MAILTO.sub("", one.strip("<>()'\".:")) for one in found]
    # Part of what somebody typed is somebody else: `ana berg@example.org`.
    return bare if all(map(_is_address, bare)) else []


def phones_in(raw: str) -> list[str]:
    """What may be telephone numbers in a cell: tel:, a remark behind, several."""
    cell = re.sub(r"^(?:tel|phone|mobile|fax):\s*", "", plain(raw), flags=re.IGNORECASE)
    cell = re.sub(r"(?<=[0-9]{5})\.0$", "", cell)  # a number of a spreadsheet
    parts = _SEVERAL_PHONES.split(_REMARK.sub("", cell))
    return [part for part in parts if sum(map(str.isdigit, part)) >= 3]


def tags(mark: str = "") -> Callable[[str], str]:
    """Reads names between commas or semicolons as a JSON list, empty for none.

    A cell that has both is refused until `mark` says which one separates; a semicolon
    at its end says it too.
    """
    said = TAG_MARKS[mark]
    clean: Callable[[str], str] = one_line(60)

    def read(raw: str) -> str:
        if not plain(raw):
            return ""
        if not said and "," in raw and ";" in raw and raw.rstrip()[-1] != ";":
            return Refused("tags_ambiguous", raw)
        found = dict.fromkeys(map(clean, raw.split(said or _mark_in(raw))))
        for tag in found:
            if isinstance(tag, Refused):
                return tag.of("tags")
        if len(found) > MOST_TAGS:
            return Refused("tags_too_many", raw)
        wanted = sorted({tag.casefold(): tag for tag in found if tag}.values())
        return json.dumps(wanted, ensure_ascii=False) if wanted else ""

    return read


def _mark_in(raw: str) -> str:
    return ";" if ";" in raw else ","
