"""Rows of a delimited file with their line numbers; the header and its mapping."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from crm.errors import FileUnusable
from crm.services.imports.encoding import Encoding, detect_encoding, open_bytes
from web.rules.spreadsheets import as_meant

Row = list[str]
DELIMITERS = (",", ";", "\t", "|")
FIELD_LIMIT = 131_072
MOST_COLUMNS = 500


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


@dataclass(frozen=True)
class Fields:
    """The columns a kind of import knows. `custom.` columns are open-ended.

    `synonyms`: what else a column may be called, as `folded` writes it -> its field.
    """

    required: frozenset[str]
    known: frozenset[str]
    one_of: tuple[frozenset[str], ...] = ()
    takes_custom: bool = False
    synonyms: Mapping[str, str] = field(default_factory=dict)

    def knows(self, name: str) -> bool:
        is_custom = self.takes_custom and name.startswith("custom.") and name[7:]
        return name in self.known or bool(is_custom)


class Columns(Protocol):
    """What the checks have to know of a table: its header, and where each field is."""

    @property
    def header(self) -> Row: ...

    @property
    def positions(self) -> Mapping[str, int]: ...


@dataclass(frozen=True)
class Table:
    """A file that can be read: how, and which column holds which field."""

    path: Path
    spelling: Encoding
    delimiter: str
    header: Row
    positions: Mapping[str, int]
    ignored: Sequence[str] = field(default_factory=list)

    def rows(self) -> Iterator[tuple[int, Row]]:
        """(number of the row's first line, cells); blank lines are no rows.

        Cells as they are meant: without the apostrophe that keeps a spreadsheet from
        running them.
        """
        rows = self._written_rows()
        if not self.spelling.has_apostrophes:
            return rows
        return ((line, _as_meant(row)) for line, row in rows)

    def _written_rows(self) -> Iterator[tuple[int, Row]]:
        with (
            closing(_text(self.path, self.spelling)) as stream,
            closing(_Again(self)) as again,
        ):
            reader = csv.reader(stream, delimiter=self.delimiter, strict=True)
            _skip_header(reader)
            before = reader.line_num
            while True:
                try:
                    for row in reader:
                        start = before + 1
                        before = reader.line_num
                        if row:
                            yield start, row
                    return
                except csv.Error as error:
                    start = before + 1
                    before = reader.line_num
                    _refuse_runaway_quote(error, start, before)
                    yield start, Broken(again.cells(start))


def _as_meant(row: Row) -> Row:
    if isinstance(row, Broken):
        return row
    return [as_meant(cell) if cell.startswith("'") else cell for cell in row]


class _Again:
    """Reads single lines once more, in rising order; opened when one is asked for."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._stream: io.TextIOWrapper | None = None
        self._at = 0

    def cells(self, number: int) -> Row:
        """The cells of one line, whatever its quotes are."""
        if self._stream is None:
            self._stream = _text(self._table.path, self._table.spelling)
        skipped = number - self._at - 1
        self._at = number
        text = next(islice(self._stream, skipped, None), "")
        return next(csv.reader([text], delimiter=self._table.delimiter), [])

    def close(self) -> None:
        if self._stream is not None:
            self._stream.close()


def open_table(
    path: Path, fields: Fields, mapping: Mapping[str, str], encoding: str = ""
) -> Table:
    """Find encoding, delimiter and columns; raise FileUnusable with one clear line."""
    strange = sorted(name for name in mapping if not fields.knows(name))
    if strange:
        raise FileUnusable(
            f"Unknown fields in --map: {_listed(strange)}. "
            f"Known: {_listed(sorted(fields.known), most=40)}."
        )
    csv.field_size_limit(FIELD_LIMIT)
    spelling = detect_encoding(path, encoding)
    line = _header_line(path, spelling)
    tables = [
        _table(path, spelling, line, mark, fields, mapping) for mark in DELIMITERS
    ]
    best = max(tables, key=lambda table: (len(table.positions), len(table.header)))
    _check_header(best, fields, mapping)
    return best


def _text(path: Path, spelling: Encoding) -> io.TextIOWrapper:
    return io.TextIOWrapper(
        cast(BinaryIO, open_bytes(path)),
        encoding=spelling.encoding,
        errors=spelling.errors,
        newline="",
    )


def _is_preface(line: str) -> bool:
    """Blank, or the `sep=;` that one spreadsheet writes for another."""
    bare = line.strip(" \t\r\n\ufeff,;|")
    return not bare or bare.casefold() == "sep="


def _header_line(path: Path, spelling: Encoding) -> str:
    try:
        with closing(_text(path, spelling)) as stream:
            while line := stream.readline(FIELD_LIMIT):
                if not _is_preface(line):
                    return line
    except UnicodeError:
        raise FileUnusable("The text of the file cannot be decoded.") from None
    raise FileUnusable("The file is empty.")


def _table(
    path: Path,
    spelling: Encoding,
    line: str,
    delimiter: str,
    fields: Fields,
    mapping: Mapping[str, str],
) -> Table:
    try:
        header = next(csv.reader([line], delimiter=delimiter))
    except csv.Error:
        header = []
    names = [cell.strip().strip("\ufeff") for cell in header]
    positions = _positions(names, fields, mapping)
    used = set(positions.values())
    ignored = [name for index, name in enumerate(names) if name and index not in used]
    return Table(path, spelling, delimiter, header, positions, ignored)


def _positions(
    names: Sequence[str], fields: Fields, mapping: Mapping[str, str]
) -> dict[str, int]:
    """Where each field stands: mapped columns first, then those of its own name, then
    those of another name for it."""
    written = [folded(name) for name in names]
    positions = {}
    for name, column in mapping.items():
        if column in names:
            positions[name] = names.index(column)
        elif folded(column) in written:
            positions[name] = written.index(folded(column))
    for index, name in enumerate(written):
        # The name of a custom field keeps its case.
        name = f"custom.{names[index][7:]}" if name.startswith("custom.") else name
        if fields.knows(name) and name not in mapping:
            positions.setdefault(name, index)
    used = set(positions.values())
    for index, name in enumerate(written):
        meant = fields.synonyms.get(name, "")
        if meant and meant not in mapping and index not in used:
            positions.setdefault(meant, index)
    return positions


def folded(name: str) -> str:
    """A column's name without regard to case and spaces."""
    return name.strip().casefold().replace(" ", "_")


def _check_header(table: Table, fields: Fields, mapping: Mapping[str, str]) -> None:
    names = [cell.strip() for cell in table.header]
    if len(names) > MOST_COLUMNS:
        raise FileUnusable(f"{len(names)} columns; at most {MOST_COLUMNS} are read.")
    if any("\x00" in name for name in names):
        raise FileUnusable("The header holds NUL bytes: this is no text file.")
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise FileUnusable(f"Columns that stand twice: {_listed(twice)}.")
    lost = sorted(mapping[name] for name in mapping if name not in table.positions)
    if lost:
        raise FileUnusable(f"Mapped columns that the file lacks: {_listed(lost)}.")
    missing = sorted(fields.required - set(table.positions))
    missing += [
        " or ".join(sorted(group))
        for group in fields.one_of
        if not group & set(table.positions)
    ]
    if missing:
        raise FileUnusable(
            f"Required columns are missing: {_listed(missing)}. "
            f"The file has: {_listed(names)}. Use --map field=column."
        )


def _listed(names: Sequence[str], most: int = 20) -> str:
    shown = ", ".join(repr(name[:60]).strip("'") for name in names[:most])
    return shown + (f" and {len(names) - most} more" if len(names) > most else "")


def _skip_header(reader: Iterator[Row]) -> None:
    for row in reader:
        if not _is_preface(",".join(row)):
            return


def _refuse_runaway_quote(error: csv.Error, start: int, end: int) -> None:
    """A quote that swallows lines would swallow rows: better no import at all."""
    if end > start or "field limit" in str(error) or "unexpected end" in str(error):
        raise FileUnusable(
            f"A quote that opens on line {start} is not closed as it should be "
            f"(noticed on line {end})."
        )
