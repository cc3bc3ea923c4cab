"""The first rows of a file as they were read, for people who decide about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.services.imports.containers import Limit, Readable, as_text
from crm.services.imports.headers import HEAD_RECORDS
from crm.services.imports.options import Options
from crm.services.imports.reading import Layout, Table, check_header, open_heads
from crm.services.work_folders import work_folder
from web.rules.spreadsheets import as_meant

SHOWN_ROWS = 20
SHOWN_TITLES = 5


@dataclass(frozen=True)
class Preview:
    """How a file was read, and its first rows. Lines are counted from 1."""

    # "text", "xlsx" or "ods"; packed in "zip", "gzip" or nothing.
    kind: str
    packed: str
    # The file in the archive that was read, where there is one.
    member: str
    # The sheet that was read and all that can be chosen; none of a text.
    sheet: str
    sheets: tuple[str, ...]
    # How the text is encoded, and cells that look different in another encoding.
    encoding: str
    samples: tuple[str, ...]
    delimiter: str
    # The line that the header begins on, and the lines of text above it.
    header_row: int
    titles: tuple[str, ...]
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    # What was done to read it, in words.
    notes: tuple[str, ...]

    @property
    def columns(self) -> int:
        """How many columns the header has."""
        return len(self.header)


def describe(path: Path, options: Options) -> Preview:
    """How the file is read with these options; raises FileUnusable.

    Only the head of a spreadsheet is read. A text is read through once, to tell its
    encoding, and is not held in memory.
    """
    with work_folder() as folder:
        file = as_text(
            path,
            folder,
            sheet=options.sheet,
            limit=Limit(rows=HEAD_RECORDS + options.header_row),
        )
        layout = Layout(options.encoding, options.delimiter, options.header_row)
        table = open_heads(file, layout)[0]
        check_header(table.head)
        return _preview(file, table)


def _preview(file: Readable, table: Table) -> Preview:
    head = table.head
    rows = [_shown(row.cells, table) for row in head.rows[:SHOWN_ROWS]]
    return Preview(
        kind=file.kind,
        packed=file.packed,
        member=file.member,
        sheet=file.sheet,
        sheets=file.sheets,
        encoding="" if file.sheet else table.encoding.name,
        samples=table.encoding.samples,
        delimiter="" if file.sheet else head.delimiter,
        header_row=head.header.line,
        titles=head.titles,
        header=tuple(name.strip().strip("\ufeff") for name in head.header.cells),
        rows=tuple(rows),
        notes=tuple(_notes(file, table)),
    )


def _shown(cells: list[str], table: Table) -> tuple[str, ...]:
    """A row as the import takes it; cells beyond the header are shown as they are."""
    width = len(table.header)
    if not any(cell.strip() for cell in cells[width:]):
        cells = cells[:width] + [""] * (width - len(cells))
    if not table.encoding.has_apostrophes:
        return tuple(cells)
    return tuple(as_meant(cell) for cell in cells)


def _notes(file: Readable, table: Table) -> list[str]:
    head, width = table.head, len(table.header)
    notes = []
    if file.packed:
        notes.append(_("The file was unpacked."))
    if file.sheet and len(file.sheets) > 1:
        notes.append(_("Only one sheet is read: %s.") % file.sheet)
    if file.errors:
        notes.append(_("Cells with an error, such as #N/A, are empty."))
    if file.has_items_apart:
        notes.append(_("Each item of an order is a line of its own here."))
    if head.titles:
        notes.append(_skipped(head.titles))
    if any(len(row.cells) < width for row in head.rows):
        notes.append(_("Cells that are missing at the end of a row are empty."))
    if any(row.width > width for row in head.rows):
        notes.append(_("Rows with more cells than the header will be refused."))
    if any(row.is_broken for row in head.rows):
        notes.append(_("Rows whose quotes do not pair up will be refused."))
    return notes


def _skipped(titles: Sequence[str]) -> str:
    words = " · ".join(titles[:SHOWN_TITLES])
    if len(titles) > SHOWN_TITLES:
        words += " …"
    return ngettext(
        "%(count)s line above the header was skipped: %(words)s",
        "%(count)s lines above the header were skipped: %(words)s",
        len(titles),
    ) % {"count": len(titles), "words": words}
