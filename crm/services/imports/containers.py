"""From a file as it comes to a text that can be read.

Delimited text, plain or gzip, is read as it lies. A ZIP archive is unpacked, and of a
workbook one sheet is written as text, once, into a folder. What a file is counts by its
content, never by its name.
"""

import csv
import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from zipfile import ZipFile

from crm.errors import FileUnusable
from crm.services.imports import archives, order_items, recognition
from crm.services.imports.encoding import CHUNK, damage_told, open_bytes, refuse_bomb
from crm.services.imports.ods import OdsWorkbook
from crm.services.imports.sheets import Sheet, Workbook
from crm.services.imports.xlsx import XlsxWorkbook
from crm.services.work_folders import work_folder

WORKBOOKS: Mapping[str, Callable[[ZipFile], Workbook]] = {
    "xlsx": XlsxWorkbook,
    "ods": OdsWorkbook,
}
# Rows that are looked at to see whether a sheet holds a table.
_HEAD_ROWS = 60
# Rows between two looks at the clock.
_ROWS_BETWEEN_LOOKS = 100


@dataclass(frozen=True)
class Readable:
    """A text to read, and the file that it is or was made of."""

    # The text, and the name of the file that was given.
    path: Path
    name: str
    # "text", "xlsx" or "ods".
    kind: str = "text"
    # What it was packed in ("zip", "gzip" or nothing), and its name in the archive.
    packed: str = ""
    member: str = ""
    # The sheet that the text was written of, and all that can be chosen.
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    # Cells of it with an error such as #N/A, which are empty.
    errors: int = 0
    # Each item of an order stands in a row of its own, and stood in one cell.
    has_items_apart: bool = False
    # Of the file that was given; empty where the text is that file.
    sha256: str = ""


@dataclass(frozen=True)
class Limit:
    """How much of a workbook is written: `rows` of its sheet, and no more; and `until`
    which moment of `time.monotonic` all of it has to be done."""

    rows: int | None = None
    until: float | None = None

    def refuse_late(self) -> None:
        """Raise FileUnusable where reading took longer than it may."""
        if self.until is not None and time.monotonic() > self.until:
            raise FileUnusable(
                "The workbook is larger than can be read within a minute, and nothing"
                " was brought in. Save its sheet as CSV, and bring that."
            )


@contextmanager
def readable(
    path: Path, *, sheet: str = "", limit: Limit = Limit()
) -> Iterator[Readable]:
    """The file as a text, as long as the block lasts; see as_text."""
    with work_folder() as folder:
        yield as_text(path, folder, sheet=sheet, limit=limit)


def as_text(
    path: Path, folder: Path, *, sheet: str = "", limit: Limit = Limit()
) -> Readable:
    """The file as a text; what has to be written goes into `folder`.

    `sheet` names a sheet, or the file of an archive, or both as FILE/SHEET. Raises
    FileUnusable.
    """
    file = _unpacked(Readable(path, path.name), folder, sheet)
    if file.member:
        sheet = archives.without_name(file.member, sheet)
    kind = _workbook_in(file.path)
    if kind:
        file = _written(file, kind, folder, sheet, limit)
    elif sheet:
        raise FileUnusable(f"There is no sheet {sheet!r}: this is a plain text.")
    else:
        with open_bytes(file.path) as stream, damage_told():
            recognition.refuse_foreign(stream)
        file = _with_items_apart(file, folder, limit)
    return file if file.path == path else replace(file, sha256=_digest(path))


def _unpacked(file: Readable, folder: Path, wanted: str) -> Readable:
    """The file out of its archive; an archive within an archive is refused."""
    if _begins(file.path, recognition.GZIP):
        return _out_of_gzip(replace(file, packed="gzip"), folder)
    if not _is_zip(file.path) or _workbook_in(file.path):
        return file
    target = folder / "unpacked"
    with archives.opened(file.path) as archive:
        name = archives.the_one(archives.files_of(archive), wanted)
        archives.unpack(archive, name, target)
    return _not_packed_again(replace(file, path=target, packed="zip", member=name))


def _out_of_gzip(file: Readable, folder: Path) -> Readable:
    """A text can be read as it lies; a workbook has to be read here and there."""
    with open_bytes(file.path) as stream, damage_told():
        head = stream.read(4)
        if not head.startswith((*recognition.ZIP, recognition.GZIP)):
            return file
        target = folder / "unpacked"
        with target.open("wb") as written:
            written.write(head)
            while chunk := stream.read(CHUNK):
                written.write(chunk)
                refuse_bomb(written.tell())
    return _not_packed_again(replace(file, path=target))


def _not_packed_again(file: Readable) -> Readable:
    is_archive = _is_zip(file.path) and not _workbook_in(file.path)
    if is_archive or _begins(file.path, recognition.GZIP):
        raise FileUnusable(
            "The archive holds another archive. Unpack it, and bring the file in it."
        )
    return file


def _begins(path: Path, start: bytes) -> bool:
    try:
        with path.open("rb") as stream:
            return stream.read(len(start)) == start
    except OSError as error:
        raise FileUnusable(f"{path.name} cannot be read: {error.strerror}.") from None


def _is_zip(path: Path) -> bool:
    return any(_begins(path, start) for start in recognition.ZIP)


def _workbook_in(path: Path) -> str:
    """The kind of the workbook that a ZIP archive is; nothing where it is none."""
    if not _is_zip(path):
        return ""
    with archives.opened(path) as archive:
        return recognition.workbook_in(archive)


def _written(
    file: Readable, kind: str, folder: Path, wanted: str, limit: Limit
) -> Readable:
    target = folder / "sheet"
    with archives.opened(file.path) as archive:
        workbook = WORKBOOKS[kind](archive)
        sheets = workbook.sheets()
        number = _chosen(workbook, sheets, wanted)
        workbook.errors = 0
        _write(workbook, number, target, limit)
        return replace(
            file,
            path=target,
            kind=kind,
            sheet=sheets[number].name,
            sheets=tuple(sheet.name for sheet in sheets if not sheet.is_hidden),
            errors=workbook.errors,
        )


def _chosen(workbook: Workbook, sheets: Sequence[Sheet], wanted: str) -> int:
    """The sheet that is wanted, else the first to be seen that holds a table: a row of
    several cells; else the first that holds anything."""
    if wanted:
        for number, sheet in enumerate(sheets):
            if sheet.name.strip().casefold() == wanted.strip().casefold():
                return number
        there = ", ".join(sheet.name for sheet in sheets if not sheet.is_hidden)
        raise FileUnusable(f"There is no sheet {wanted!r}. There are: {there}.")
    filled = -1
    for number, sheet in enumerate(sheets):
        if sheet.is_hidden:
            continue
        rows = [cells for _, cells in islice(workbook.rows(number), _HEAD_ROWS)]
        if any(sum(map(bool, cells)) > 1 for cells in rows):
            return number
        if rows and filled < 0:
            filled = number
    if filled < 0:
        raise FileUnusable("The workbook has no sheet with anything in it.")
    return filled


def _write(workbook: Workbook, number: int, target: Path, limit: Limit) -> None:
    """A record for each row of the sheet, up to the last that is filled."""
    size, next_row = 0, 1
    with target.open("w", encoding="utf-8", errors="surrogatepass", newline="") as text:
        write = csv.writer(text, lineterminator="\n").writerow
        for row, cells in workbook.rows(number):
            if row < next_row:
                raise FileUnusable("The workbook is damaged: its rows are in disorder.")
            if limit.rows and row > limit.rows:
                return
            if not row % _ROWS_BETWEEN_LOOKS:
                limit.refuse_late()
            text.write("\n" * (row - next_row))
            write(cells)
            next_row = row + 1
            size += len(cells) + sum(map(len, cells))
            refuse_bomb(size)


def _with_items_apart(file: Readable, folder: Path, limit: Limit) -> Readable:
    """Where the items of an order stand in one cell, a text with a row for each."""
    target = folder / "items"
    with damage_told():
        if not order_items.unfold(file.path, target, most_rows=limit.rows):
            return file
    return replace(file, path=target, has_items_apart=True)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
