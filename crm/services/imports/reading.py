"""Rows of a delimited text with their line numbers; the header and its mapping."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from crm.errors import FileUnusable
from crm.services.imports import columns
from crm.services.imports.columns import Fields
from crm.services.imports.containers import Readable
from crm.services.imports.encoding import (
    Encoding,
    detect_encoding,
    encoding_of_sheet,
    open_bytes,
    shown,
)
from crm.services.imports.headers import (
    DELIMITER_NAMES,
    HEAD_LENGTH,
    Head,
    heads_of,
)
from web.rules.spreadsheets import as_meant

Row = list[str]
FIELD_LIMIT = 131_072
MOST_COLUMNS = 500
MOST_EXAMPLES = 3


class Broken(Row):
    """Stands for a row whose quotes do not pair up: empty, so that it fits no header.

    `cells` is what can be made of it, for the people who mend it.
    """

    def __init__(self, cells: Row) -> None:
        super().__init__()
        self.cells = cells


def unreadable(row: Row) -> tuple[str, Row]:
    """Why a row does not fit the header, and its cells as far as they are known."""
    return ("quoting", row.cells) if isinstance(row, Broken) else ("columns", row)


class Columns(Protocol):
    """What the checks have to know of a table: its header, and where each field is."""

    @property
    def header(self) -> Row:
        """The names of the columns."""

    @property
    def positions(self) -> Mapping[str, int]:
        """Where the column of each field stands, from 0."""


@dataclass(frozen=True)
class Layout:
    """What was chosen for a file: encoding, delimiter, line of the header from 1."""

    encoding: str = ""
    delimiter: str = ""
    header_row: int = 0


@dataclass
class ShortRows:
    """Rows with fewer cells than the header has, as they are met; lines of a few."""

    rows: int = 0
    lines: list[int] = field(default_factory=list)

    def add(self, line: int) -> None:
        """Count the row of this line."""
        self.rows += 1
        if len(self.lines) < MOST_EXAMPLES:
            self.lines.append(line)


@dataclass(frozen=True)
class Table:
    """A file that can be read: how, and which column holds which field."""

    file: Readable
    encoding: Encoding
    head: Head
    positions: Mapping[str, int] = field(default_factory=dict)
    ignored: Sequence[str] = field(default_factory=list)
    # Filled while `rows` goes on. A sheet never writes what is empty at the end.
    short: ShortRows = field(default_factory=ShortRows)

    @property
    def delimiter(self) -> str:
        """What stands between cells."""
        return self.head.delimiter

    @property
    def header(self) -> Row:
        """The names of the columns."""
        return self.head.header.cells

    @property
    def sha256(self) -> str:
        """Of the file that was given, or of its text where it is no spreadsheet."""
        return self.file.sha256 or self.encoding.sha256

    def rows(self) -> Iterator[tuple[int, Row]]:
        """(number of the row's first line, cells); blank lines are no rows.

        Cells as they are meant: without the apostrophe that keeps a spreadsheet from
        running them, and as many as the header has, where those that lack or are too
        many are empty. The rows of a sheet have the numbers that they have there.
        """
        rows = self._sheet_rows() if self.file.sheet else self._written_rows()
        if not self.encoding.has_apostrophes:
            return rows
        return ((line, _as_meant(row)) for line, row in rows)

    def _written_rows(self) -> Iterator[tuple[int, Row]]:
        width, skipped = len(self.header), self.head.header.end
        with (
            closing(_text(self.file.path, self.encoding)) as stream,
            closing(_Again(self)) as again,
        ):
            next(islice(stream, skipped - 1, None), "")
            reader = csv.reader(stream, delimiter=self.delimiter, strict=True)
            before = skipped
            while True:
                try:
                    for row in reader:
                        start = before + 1
                        before = reader.line_num + skipped
                        is_short = len(row) < width
                        if len(row) != width:
                            row = _fitted(row, width)
                        if row and (row[0] or any(map(str.strip, row))):
                            if is_short:
                                self.short.add(start)
                            yield start, row
                    return
                except csv.Error as error:
                    start = before + 1
                    before = reader.line_num + skipped
                    _refuse_runaway_quote(error, start, before)
                    yield start, Broken(again.cells(start))

    def _sheet_rows(self) -> Iterator[tuple[int, Row]]:
        """What was written of a sheet has a record for each of its rows."""
        width, above = len(self.header), self.head.header.line
        with closing(_text(self.file.path, self.encoding)) as stream:
            reader = csv.reader(stream, delimiter=self.delimiter, strict=True)
            for number, row in enumerate(reader, 1):
                if number > above and any(map(str.strip, row)):
                    yield number, row if len(row) == width else _fitted(row, width)


def _fitted(row: Row, width: int) -> Row:
    """The row with as many cells as the header: what lacks at its end is empty, and
    empty cells that are too many are nothing. Where such a cell holds something, nobody
    can tell which cell is meant for which column: the row stays as it is.
    """
    if not row or any(map(str.strip, row[width:])):
        return row
    return row[:width] + [""] * (width - len(row))


def _as_meant(row: Row) -> Row:
    if isinstance(row, Broken):
        return row
    return [as_meant(cell) if cell.startswith("'") else cell for cell in row]


class _Again:
    """Reads single lines again, in rising order; opened when one is asked for."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._stream: io.TextIOWrapper | None = None
        self._at = 0

    def cells(self, number: int) -> Row:
        """The cells of one line, whatever its quotes are."""
        if self._stream is None:
            self._stream = _text(self._table.file.path, self._table.encoding)
        skipped = number - self._at - 1
        self._at = number
        text = next(islice(self._stream, skipped, None), "")
        return next(csv.reader([text], delimiter=self._table.delimiter), [])

    def close(self) -> None:
        if self._stream is not None:
            self._stream.close()


def open_table(
    file: Readable,
    fields: Fields,
    mapping: Mapping[str, str],
    layout: Layout = Layout(),
) -> Table:
    """Find encoding, delimiter and columns; raise FileUnusable with one clear line."""
    columns.check_mapping(fields, mapping)
    tables = [_mapped(table, fields, mapping) for table in open_heads(file, layout)]
    best = max(tables, key=lambda table: len(table.positions))
    check_header(best.head)
    names = columns.names_of(best.header)
    columns.check(names, best.positions, fields, mapping, where=_where(best.head))
    return best


def open_heads(file: Readable, layout: Layout) -> list[Table]:
    """The file by each delimiter that may cut it, the likeliest first; no column is
    mapped yet. Raises FileUnusable."""
    csv.field_size_limit(FIELD_LIMIT)
    _check_delimiter(layout.delimiter)
    if file.sheet:
        encoding, layout = encoding_of_sheet(), replace(layout, delimiter=",")
    else:
        encoding = detect_encoding(file.path, layout.encoding)
    text = _beginning(file.path, encoding)
    if file.sheet:
        encoding = replace(encoding, samples=shown(re.findall('[^\n,"]+', text)))
    heads = heads_of(text, layout.delimiter, layout.header_row)
    if not heads and layout.header_row:
        raise FileUnusable(f"No record begins on line {layout.header_row}.")
    if not heads:
        raise FileUnusable("The file is empty.")
    return [Table(file, encoding, head) for head in heads]


def _check_delimiter(mark: str) -> None:
    if mark and (len(mark) != 1 or mark.isalnum() or mark in "\"'\r\n"):
        known = ", ".join(DELIMITER_NAMES)
        raise FileUnusable(f"A delimiter is one character, or one of {known}.")


def _text(path: Path, encoding: Encoding) -> io.TextIOWrapper:
    return io.TextIOWrapper(
        cast(BinaryIO, open_bytes(path)),
        encoding=encoding.encoding,
        errors=encoding.errors,
        newline="",
    )


def _beginning(path: Path, encoding: Encoding) -> str:
    """The first lines, each of them whole."""
    try:
        with closing(_text(path, encoding)) as stream:
            return stream.read(HEAD_LENGTH) + stream.readline(FIELD_LIMIT)
    except UnicodeError:
        raise FileUnusable("The text of the file cannot be decoded.") from None


def _mapped(table: Table, fields: Fields, mapping: Mapping[str, str]) -> Table:
    names = columns.names_of(table.header)
    positions = columns.positions_of(names, fields, mapping)
    used = set(positions.values())
    ignored = [name for index, name in enumerate(names) if name and index not in used]
    return replace(table, positions=positions, ignored=ignored)


def check_header(head: Head) -> None:
    """Raise FileUnusable where no columns can be told from this header."""
    header = head.header
    if len(header.cells) > MOST_COLUMNS:
        raise FileUnusable(
            f"{len(header.cells)} columns; at most {MOST_COLUMNS} are read."
        )
    if any("\x00" in name for name in header.cells):
        raise FileUnusable("The header holds NUL bytes: this is no text file.")
    if header.is_broken:
        raise FileUnusable(
            f"The quotes of the header on line {header.line} do not pair up."
        )


def _where(head: Head) -> str:
    """Where the header was found, if lines above it were skipped."""
    if not head.titles:
        return ""
    return f" on line {head.header.line} (--header-row names another line)"


def _refuse_runaway_quote(error: csv.Error, start: int, end: int) -> None:
    """A quote that swallows lines would swallow rows: better no import at all."""
    if end > start or "field limit" in str(error) or "unexpected end" in str(error):
        raise FileUnusable(
            f"A quote that opens on line {start} is not closed as it should be "
            f"(noticed on line {end})."
        )
