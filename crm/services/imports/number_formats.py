"""What the number of a cell is by its format, in Excel workbooks (ECMA-376, 18.8)."""

import re
from collections.abc import Callable
from functools import lru_cache

from crm.services.imports import sheets
from crm.services.imports.markup import Attributes, Handler, local

_MOST_STYLES = 100_000
# Days and times that are not worked out again.
_DAYS_KNOWN = 10_000
# Writes a number as its format means it.
Writer = Callable[[str], str]


class Styles(Handler):
    """The number formats of cells, by the number of their style."""

    def __init__(self) -> None:
        super().__init__()
        self._codes: dict[int, str] = {}
        self._formats: list[int] = []
        self._is_in_cells = False

    def start(self, name: str, attributes: Attributes) -> None:
        self.depth += 1
        name = local(name)
        if name == "cellXfs":
            self._is_in_cells = True
        elif name == "xf" and self._is_in_cells and len(self._formats) < _MOST_STYLES:
            self._formats.append(whole(attributes.get("numFmtId", "0")))
        elif name == "numFmt" and len(self._codes) < _MOST_STYLES:
            code = attributes.get("formatCode", "")[:255]
            self._codes[whole(attributes.get("numFmtId", "0"))] = code

    def end(self, name: str) -> None:
        self.depth -= 1
        self.text.clear()
        if local(name) == "cellXfs":
            self._is_in_cells = False

    def writers(self, from_1904: bool) -> list[Writer]:
        """For each style of cells how its numbers are written; `from_1904`: days count
        from then."""
        known = {
            number: _writer(meaning_of(number, self._codes.get(number, "")), from_1904)
            for number in set(self._formats)
        }
        return [known[number] for number in self._formats]


def _writer(meaning: str, from_1904: bool) -> Writer:
    if not meaning:
        return sheets.number_as_text
    if meaning == "percent":
        return sheets.percent_as_text
    if meaning.startswith("0"):
        return lambda written: sheets.number_as_text(written).zfill(len(meaning))
    return lru_cache(_DAYS_KNOWN)(_moments(meaning, from_1904))


def _moments(meaning: str, from_1904: bool) -> Writer:
    has_time = meaning != "day"

    def write(written: str) -> str:
        try:
            days = float(written)
            if meaning == "span":
                return sheets.span_as_text(days)
            found = sheets.moment_as_text(days, from_1904=from_1904, has_time=has_time)
        except (ValueError, OverflowError):
            return written
        return sheets.number_as_text(written) if found is None else found

    return write


def whole(written: str) -> int:
    """Return the whole number that is written, 0 where none is."""
    return int(written) if written.isascii() and written.isdigit() else 0


def meaning_of(number: int, code: str) -> str:
    """What a number with this format is: "day", "moment", "time", "span", "percent",
    as many zeros as it has to have digits, or nothing in particular.

    `number` is that of the format; `code` is empty where it is one of those that every
    program knows by their number (ECMA-376, 18.8.30).
    """
    if not code:
        return _BUILT_IN.get(number, "")
    first = _LITERALS.sub("", code.split(";", 1)[0]).lower()
    if "[" in first:
        return "span"
    if re.fullmatch("0{2,}", first):
        return first
    if "%" in first:
        return "percent"
    # A digit that is no part of a second.
    if re.search(r"general|@|[#?]|(?<![s.,0])0", first):
        return ""
    has_day = bool(re.search("[dy年月日]|mmm", first))
    has_time = bool(re.search("[hs]", first))
    if has_day:
        return "moment" if has_time else "day"
    if has_time:
        return "time"
    return "day" if "m" in first else ""


# Words in quotes, single signs, and colours, currencies and languages in brackets.
_LITERALS = re.compile(
    r"\"[^\"]*\"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]", re.IGNORECASE
)
_BUILT_IN = {
    **dict.fromkeys((*range(14, 18), *range(27, 32), *range(34, 37)), "day"),
    **dict.fromkeys(range(50, 59), "day"),
    **dict.fromkeys((18, 19, 20, 21, 32, 33, 45, 47), "time"),
    **dict.fromkeys((9, 10), "percent"),
    22: "moment",
    46: "span",
}
