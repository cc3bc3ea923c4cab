"""The header of a delimited text: on which line it stands, and what is above it.

Reports have a title, the period and a blank line above their table. This looks at the
first records only and knows no field of an import: the same text has the same header
for everybody.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

DELIMITER_NAMES = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
# Characters and records that are looked at to find the header.
HEAD_LENGTH = 262_144
HEAD_RECORDS = 60

# A line of its own in which one spreadsheet tells another the delimiter.
_SEPARATOR_LINE = re.compile(r'\ufeff?"?sep=(.?)"?[,;\t|]*\s*\Z', re.IGNORECASE)
# Cells that no column is called by: numbers, dates, addresses.
_VALUE = re.compile(r"[+\-(]?[\d.,]+[\d.,:/\s%+\-TZ€$£)]*\Z|\S+@\S+\.\S+\Z|https?://")


@dataclass(frozen=True, slots=True)
class Record:
    """A record of the head: `line` is its first line, `end` its last, from 1."""

    line: int
    end: int
    cells: list[str]
    # Its quotes do not pair up: the cells are what can be made of them.
    is_broken: bool = False

    @property
    def filled(self) -> int:
        """How many cells hold anything."""
        return sum(1 for cell in self.cells if cell.strip())

    @property
    def width(self) -> int:
        """Cells up to the last that is filled."""
        places = [at for at, cell in enumerate(self.cells, 1) if cell.strip()]
        return places[-1] if places else 0

    @property
    def is_preface(self) -> bool:
        """Blank, or the `sep=;` that one spreadsheet writes for another."""
        text = ",".join(self.cells).strip(' \t\r\n\ufeff",;|')
        return not text or bool(_SEPARATOR_LINE.match(text))

    @property
    def names_columns(self) -> bool:
        """Whether no cell is a number, a date or an address."""
        cells = [cell.strip() for cell in self.cells]
        return not any(_VALUE.match(cell) for cell in cells if cell)

    @property
    def words(self) -> str:
        """The record in one line, as people are to see it."""
        cells = (" ".join(cell.replace("\ufeff", "").split()) for cell in self.cells)
        return " ".join(cell for cell in cells if cell)[:120]


@dataclass(frozen=True, slots=True)
class Head:
    """The first records as one delimiter cuts them, and which of them is the header."""

    delimiter: str
    titles: tuple[str, ...]
    header: Record
    rows: tuple[Record, ...]

    @property
    def agreement(self) -> tuple[bool, float]:
        """How likely this delimiter is: a header of several names, and rows that
        fill as many cells or fewer."""
        width = self.header.width
        fitting = sum(1 for row in self.rows if row.width <= width)
        share = fitting / len(self.rows) if self.rows else 1.0
        is_table = width > 1 and self.header.names_columns
        return is_table, share * width


def heads_of(text: str, delimiter: str = "", header_row: int = 0) -> list[Head]:
    """The head of `text` by each delimiter that may cut it, the likeliest first; none
    where it has no record. The text is the beginning of a file, in whole lines.

    `delimiter`, and `header_row` as the line that the header begins on, are what
    somebody says.
    """
    marks = [delimiter] if delimiter else DELIMITER_NAMES.values()
    found = (_head_of(text, mark, header_row) for mark in marks)
    heads = [head for head in found if head is not None]
    named = _SEPARATOR_LINE.match(next(iter(_lines(text[:100])), ""))
    is_named = named[1] if named else None
    return sorted(
        heads,
        key=lambda head: (*head.agreement, head.delimiter == is_named),
        reverse=True,
    )


def _head_of(text: str, delimiter: str, header_row: int) -> Head | None:
    records = list(records_of(text, delimiter, HEAD_RECORDS + header_row))
    if header_row:
        at = next((n for n, one in enumerate(records) if one.line == header_row), -1)
    else:
        at = _header_at(records)
    if at < 0:
        return None
    titles = (one.words for one in records[:at] if not one.is_preface)
    rows = tuple(one for one in records[at + 1 :] if one.width)
    return Head(delimiter, tuple(titles), records[at], rows)


def records_of(text: str, delimiter: str, most: int) -> Iterator[Record]:
    """The first records. Where quotes do not pair up, a line is a record."""
    lines = _lines(text)
    at = skipped = 0
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    for _ in range(most):
        if at >= len(lines):
            return
        is_broken = False
        try:
            cells = next(reader)
            end = skipped + reader.line_num
        except (csv.Error, StopIteration):
            cells, end, is_broken = _pieces(lines[at], delimiter), at + 1, True
            skipped = end
            reader = csv.reader(lines[end:], delimiter=delimiter, strict=True)
        yield Record(at + 1, end, cells, is_broken)
        at = end


def _pieces(line: str, delimiter: str) -> list[str]:
    """The cells of a line whatever its quotes are."""
    try:
        return next(csv.reader([line], delimiter=delimiter))
    except csv.Error:
        return [line]


def _lines(text: str) -> list[str]:
    """Lines as a stream of text with newline="" gives them: no other character than
    these ends one."""
    return re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z", text)


def _header_at(records: Sequence[Record]) -> int:
    """The first record as wide as the table. One that is a little narrower counts as
    well, unless a better one follows before the rows begin."""
    table = _width_of_table(records)
    candidate = -1
    for at, one in enumerate(records):
        if one.is_preface:
            continue
        is_full = one.filled >= table
        if candidate >= 0:
            if is_full:
                return at if _begins_rows(records, at) else candidate
        elif is_full:
            return at
        elif one.filled * 2 > table and one.names_columns:
            candidate = at
    if candidate >= 0:
        return candidate
    return next((at for at, one in enumerate(records) if not one.is_preface), -1)


def _begins_rows(records: Sequence[Record], at: int) -> bool:
    """Whether this record is names, and what follows is not."""
    follows = next((one for one in records[at + 1 :] if one.width), None)
    return (
        records[at].names_columns and follows is not None and not follows.names_columns
    )


def _width_of_table(records: Sequence[Record]) -> int:
    """What most records are wide; of two widths as frequent, the greater."""
    widths = Counter(one.width for one in records if not one.is_preface)
    return max(widths, key=lambda width: (widths[width], width), default=0)
