"""OpenDocument spreadsheets (ISO 26300), read row by row in bounded memory."""

import zipfile
from collections.abc import Iterator

from crm.errors import FileUnusable
from crm.services.imports import sheets
from crm.services.imports.markup import Attributes, Handler, read_all, steps
from crm.services.imports.sheets import MOST_CELLS, MOST_ROWS, Cells, Sheet

_CONTENT = "content.xml"
_ENCRYPTED = b"encryption-data"
# A file may write the same rows again and again in a few characters.
_MOST_REPEATED = 10_000_000


class OdsWorkbook:
    """The sheets of an open archive; see sheets.Workbook."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.errors = 0
        self._archive = archive
        names = archive.namelist()
        if "META-INF/manifest.xml" in names:
            with archive.open("META-INF/manifest.xml") as stream:
                if _ENCRYPTED in stream.read(1_000_000):
                    raise FileUnusable(
                        "This is a workbook protected by a password. Save it without "
                        "the password, and bring that."
                    )
        if _CONTENT not in names:
            raise FileUnusable(f"The workbook is damaged: it lacks {_CONTENT!r}.")

    def sheets(self) -> list[Sheet]:
        """Its sheets, in their order."""
        handler = _Tables()
        read_all(self._archive.open(_CONTENT), handler)
        return [Sheet(n, style in handler.hidden) for n, style in handler.tables]

    def rows(self, number: int) -> Iterator[tuple[int, Cells]]:
        """(number of the row, from 1; its cells) of one sheet."""
        handler = _Rows(number)
        for _ in steps(self._archive.open(_CONTENT), handler):
            for row, times, cells in handler.rows:
                for again in range(times):
                    yield row + again, list(cells)
            handler.rows.clear()
            if handler.is_over:
                break
        self.errors += handler.errors


class _Tables(Handler):
    """The names and styles of the tables, and which styles hide one."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[tuple[str, str]] = []
        self.hidden: set[str] = set()
        self._style = ""
        self._level = 0

    def start(self, name: str, attributes: Attributes) -> None:
        self.depth += 1
        if name == "table:table":
            self._level += 1
            if self._level == 1 and len(self.tables) < sheets.MOST_SHEETS:
                shown = attributes.get("table:name", "")[:255]
                self.tables.append((shown, attributes.get("table:style-name", "")))
        elif name == "style:style":
            self._style = attributes.get("style:name", "")
        elif name == "style:table-properties" and (
            attributes.get("table:display") == "false"
        ):
            self.hidden.add(self._style)

    def end(self, name: str) -> None:
        self.depth -= 1
        self.text.clear()
        if name == "table:table":
            self._level -= 1


class _Rows(Handler):
    """The filled rows of one table: (number, how often, cells)."""

    def __init__(self, table: int) -> None:
        super().__init__()
        self.rows: list[tuple[int, int, Cells]] = []
        self.errors = 0
        self.is_over = False
        self._wanted = table
        self._table = -1
        self._level = 0
        self._number = 0
        self._written = 0
        self._row: Cells = []
        # Empty cells that stand before the next filled one.
        self._gap = 0
        self._cell: Attributes = {}
        self._paragraphs = 0
        self._is_cell = False
        # The level of a note or picture in the cell, whose text is not the cell's.
        self._beside = 0

    @property
    def _is_here(self) -> bool:
        return self._table == self._wanted and self._level == 1

    def start(self, name: str, attributes: Attributes) -> None:
        self.depth += 1
        if name == "table:table":
            self._level += 1
            if self._level == 1:
                self._table += 1
        elif not self._is_here:
            return
        elif name == "table:table-cell" or name == "table:covered-table-cell":
            self._cell, self._paragraphs, self._is_cell = attributes, 0, True
            self.text.clear()
        elif name == "table:table-row":
            self._row, self._gap = [], 0
            self._repeated = _times(attributes.get("table:number-rows-repeated"))
        elif self._is_cell and not self._beside:
            self._start_text(name, attributes)

    def _start_text(self, name: str, attributes: Attributes) -> None:
        if name == "text:p" or name == "text:h":
            # What stands between paragraphs is no text.
            del self.text[self._paragraphs :]
            if self._paragraphs:
                self.text.append("\n")
        elif name == "text:s":
            self.text.append(" " * min(_times(attributes.get("text:c")), 1_000))
        elif name == "text:tab":
            self.text.append("\t")
        elif name == "text:line-break":
            self.text.append("\n")
        elif name == "office:annotation" or name.startswith("draw:"):
            self._beside = self.depth

    def end(self, name: str) -> None:
        self.depth -= 1
        if name == "table:table":
            self.is_over = self._is_here
            self._level -= 1
        elif not self._is_here:
            self.text.clear()
        elif name == "table:table-cell" or name == "table:covered-table-cell":
            self._end_cell(is_covered=name == "table:covered-table-cell")
        elif name == "table:table-row":
            self._end_row()
        elif self._beside:
            del self.text[self._paragraphs :]
            if self.depth < self._beside:
                self._beside = 0
        elif name == "text:p" or name == "text:h":
            self._paragraphs = len(self.text)
        elif not self._is_cell:
            self.text.clear()

    def _end_cell(self, *, is_covered: bool) -> None:
        self._is_cell, self._beside = False, 0
        shown = "".join(self.text[: self._paragraphs])
        self.text.clear()
        # What a merged cell covers is not seen, and not meant.
        cell = "" if is_covered else self._as_meant(shown)
        times = _times(self._cell.get("table:number-columns-repeated"))
        if not cell:
            self._gap += times
            return
        if len(cell) > sheets.MOST_CHARACTERS:
            raise FileUnusable(
                f"A cell in row {self._number + 1} has more than "
                f"{sheets.MOST_CHARACTERS:,} characters."
            )
        if len(self._row) + self._gap + times > MOST_CELLS:
            raise FileUnusable(f"A sheet has at most {MOST_CELLS:,} columns.")
        self._row += [""] * self._gap + [cell] * times
        self._gap = 0

    def _end_row(self) -> None:
        if self._row:
            if self._number + self._repeated > MOST_ROWS:
                raise FileUnusable(f"A sheet has at most {MOST_ROWS:,} rows.")
            self.rows.append((self._number + 1, self._repeated, self._row))
        self._number += self._repeated

    def _as_meant(self, shown: str) -> str:
        kind = self._cell.get("office:value-type", "")
        if self._cell.get("calcext:value-type") == "error":
            self.errors += 1
            return ""
        if kind in ("float", "currency"):
            written = sheets.number_as_text(self._cell.get("office:value", ""))
            # Zeros before a number are there to be seen.
            is_padded = shown.startswith("0") and shown.lstrip("0") == written
            return shown if is_padded else written
        if kind == "percentage":
            return sheets.percent_as_text(self._cell.get("office:value", ""))
        if kind == "date":
            return self._cell.get("office:date-value", "")[:19].replace("T", " ")
        if kind == "time":
            return _time(self._cell.get("office:time-value", ""), shown)
        if kind == "boolean":
            is_true = self._cell.get("office:boolean-value") == "true"
            return "TRUE" if is_true else "FALSE"
        return shown or self._cell.get("office:string-value", "")


def _times(written: str | None) -> int:
    """How often something is repeated: once, where nothing else is given."""
    if written is None:
        return 1
    is_number = written.isascii() and written.isdigit()
    return min(int(written[:12]), _MOST_REPEATED) if is_number else 1


def _time(written: str, shown: str) -> str:
    """PT14H30M00S as 14:30:00."""
    digits = "".join(sign if sign.isdigit() else " " for sign in written).split()
    if written[:2] != "PT" or len(digits) < 3:
        return shown
    return ":".join(part.zfill(2) for part in digits[:3])
