"""A file that was read once, kept as parts: some thousand rows each, in whole groups.

Whatever the file is, its rows are read once and written as plain tables of text to the
folder of the job (or a temporary one), the scattered groups behind the others. Each
later step reads the parts that are its own, in whatever process it runs.
"""

import csv
import io
import tempfile
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from typing import IO, Any, Protocol
from uuid import uuid4

from django.core.files.base import File
from django.core.files.storage import Storage

from crm.errors import FileUnusable
from crm.services.imports.hashed_ids import IdSet
from crm.services.imports.reading import Broken, Row, Table

# As many as are loaded in one transaction; see orders.SLICE_LINES.
PART_ROWS = 16_000
# Of the first part; each next one has twice as many, up to PART_ROWS. Rows are
# checked while those before them are loaded, and the first ones make the database wait.
FIRST_ROWS = 500
# Rows that are written in one go.
ROWS_AT_ONCE = 100
# Each holds its share of the scattered rows in memory, one after the other.
BUCKETS = 32
# Before the line of a row whose quotes do not pair up.
_BROKEN = "!"
TEXT: dict[str, Any] = {
    "encoding": "utf-8",
    "errors": "surrogatepass",
    "newline": "",
}

Numbered = tuple[int, Row]


@dataclass(frozen=True)
class Folder:
    """Files of one piece of work: a prefix in a storage."""

    storage: Storage
    path: str

    def save(self, name: str, content: Any) -> None:
        """Write it. Names must be new: a killed process may have left an old one."""
        content.seek(0)
        self.storage.save(self._key(name), File(content))

    def open(self, name: str) -> IO[bytes]:
        """A file of the folder, to read."""
        opened: IO[bytes] = self.storage.open(self._key(name))
        return opened

    def delete(self, name: str) -> None:
        """Delete a file of the folder; none: nothing."""
        self.storage.delete(self._key(name))

    def _key(self, name: str) -> str:
        return f"{self.path}/{name}" if self.path else name


@dataclass(frozen=True)
class Parts:
    """What is known of a file that was read, and the name that its parts begin with."""

    name: str
    count: int
    rows: int
    header: Row
    positions: Mapping[str, int]
    ignored: list[str]
    file_name: str
    sha256: str
    encoding: str
    samples: list[str]
    # Somebody is named by an address where an id may stand.
    names_addresses: bool = False
    # Rows with fewer cells than the header has, and the lines of a few.
    short_rows: int = 0
    short_lines: Sequence[int] = ()

    def as_json(self) -> dict[str, Any]:
        """All of it for the position of a job."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Parts":
        """What `as_json` gave."""
        return cls(**data)

    def torn(self, folder: Folder) -> IdSet:
        """The groups of which a row cannot be read."""
        with folder.open(f"{self.name}-torn") as file:
            return IdSet(file.read())

    def read(self, folder: Folder, number: int) -> Iterator[Numbered]:
        """(line in the file, cells) of each row of one part."""
        return _read(folder, self.name, number)


class Grouping(Protocol):
    """Finds the groups of rows while they come in order; see precheck.Groups."""

    # Those whose rows stand apart.
    scattered: IdSet
    names_addresses: bool

    def key_of(self, row: Row) -> str:
        """Of a row that has as many cells as the header; "" stands alone."""
        ...

    def add(self, row: Row) -> bool:
        """Whether another group begins with this row."""
        ...

    def torn(self) -> IdSet:
        """Hashes of the groups whose rows stand in several places of the file."""


def divide(
    table: Table,
    folder: Folder,
    groups: Grouping | None = None,
    *,
    until: float | None = None,
) -> Parts:
    """Read all rows and write the parts, in which groups stay whole.

    `until`: a moment of `time.monotonic`. Raises FileUnusable where it is over, and
    where the text cannot be decoded.
    """
    try:
        writer = _Writer(folder, until)
        torn = IdSet()
        if groups is None:
            for numbered in table.rows():
                writer.add(numbered, may_end=True)
        else:
            for line, row in table.rows():
                writer.add((line, row), may_end=groups.add(row))
            torn = groups.torn()
            if groups.scattered:
                writer = _regrouped(writer, groups, len(table.header))
        writer.close()
    except UnicodeError:
        raise FileUnusable("The text of the file cannot be decoded.") from None
    folder.save(f"{writer.name}-torn", io.BytesIO(torn.as_bytes()))
    return Parts(
        name=writer.name,
        count=writer.count,
        rows=writer.rows,
        header=list(table.header),
        positions=dict(table.positions),
        ignored=list(table.ignored),
        file_name=table.file.name[:200],
        sha256=table.sha256,
        encoding=table.encoding.name,
        samples=list(table.encoding.samples),
        names_addresses=groups is not None and groups.names_addresses,
        short_rows=table.short.rows,
        short_lines=table.short.lines,
    )


class _Writer:
    """Writes rows to parts; a part ends where one may, once it has enough."""

    def __init__(self, folder: Folder, until: float | None) -> None:
        self.folder, self.name, self.until = folder, uuid4().hex, until
        self.count = self.rows = 0
        self._rows_here = 0
        self._open()

    def add(self, numbered: Numbered, *, may_end: bool) -> None:
        if may_end and self._rows_here >= min(PART_ROWS, FIRST_ROWS << self.count):
            self._save()
            self._open()
        line, row = numbered
        self._rows_here += 1
        if isinstance(row, Broken):
            self._held.append([f"{_BROKEN}{line}", *row.cells])
        else:
            self._held.append([line, *row])
        if len(self._held) >= ROWS_AT_ONCE:
            self._write()

    def close(self) -> None:
        if self._rows_here:
            self._save()

    def _open(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 (closed when it is saved)
        self._held: list[list[object]] = []
        self._rows_here = 0

    def _write(self) -> None:
        """As text in the memory first: a file that is text itself takes three times as
        long for a row."""
        text = io.StringIO(newline="")
        csv.writer(text).writerows(self._held)
        self._file.write(text.getvalue().encode(TEXT["encoding"], TEXT["errors"]))
        self._held.clear()

    def _save(self) -> None:
        if self.until is not None and time.monotonic() > self.until:
            raise FileUnusable(
                "The file is larger than can be read within a minute, and nothing was"
                " brought in. Divide it into several files with the same header and"
                " bring them one after the other."
            )
        self._write()
        self.folder.save(_part(self.name, self.count), self._file)
        self._file.close()
        self.rows += self._rows_here
        self.count += 1


def _regrouped(written: _Writer, groups: Grouping, width: int) -> _Writer:
    """The same rows, those of scattered groups last and then together."""
    written.close()
    writer = _Writer(written.folder, written.until)
    with ExitStack() as files:
        buckets = [
            files.enter_context(tempfile.TemporaryFile("w+", **TEXT))
            for _ in range(BUCKETS)
        ]
        spools = [csv.writer(file) for file in buckets]
        last = ""
        for line, row in _rows_of(written):
            key = groups.key_of(row) if len(row) == width else last
            if key in groups.scattered and len(row) == width:
                spool = spools[zlib.crc32(key.encode("utf-8", "replace")) % BUCKETS]
                spool.writerow([key, str(line), *row])
            else:
                writer.add((line, row), may_end=not key or key != last)
                last = key
        for file in buckets:
            for group in _groups_in(file):
                for at, numbered in enumerate(group):
                    writer.add(numbered, may_end=at == 0)
    return writer


def _rows_of(written: _Writer) -> Iterator[Numbered]:
    """Its rows; each part is deleted behind it."""
    for number in range(written.count):
        yield from _read(written.folder, written.name, number)
        written.folder.delete(_part(written.name, number))


def _groups_in(file: IO[str]) -> Iterable[list[Numbered]]:
    file.seek(0)
    groups: dict[str, list[Numbered]] = {}
    for key, line, *row in csv.reader(file):
        groups.setdefault(key, []).append((int(line), row))
    return groups.values()


def _part(name: str, number: int) -> str:
    return f"{name}-{number:06}"


def _read(folder: Folder, name: str, number: int) -> Iterator[Numbered]:
    with folder.open(_part(name, number)) as file:
        text = io.TextIOWrapper(file, **TEXT)
        for row in csv.reader(text):
            line = row.pop(0)
            if line.startswith(_BROKEN):
                yield int(line[1:]), Broken(row)
            else:
                yield int(line), row
