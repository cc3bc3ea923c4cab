"""Excel workbooks (ECMA-376), read row by row in bounded memory."""

import posixpath
import re
import zipfile
from collections.abc import Iterator
from typing import IO

from crm.errors import FileUnusable
from crm.services.imports import sheets
from crm.services.imports.markup import Attributes, Handler, local, read_all, steps
from crm.services.imports.number_formats import Styles, Writer, whole
from crm.services.imports.shared_strings import RichText, SharedStrings, unescaped
from crm.services.imports.sheets import MOST_CELLS, MOST_ROWS, Cells, Sheet

_ROOT_RELATIONS = "_rels/.rels"
_MOST_PARTS = 100_000


class XlsxWorkbook:
    """The sheets of an open archive; see sheets.Workbook."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.errors = 0
        self._archive = archive
        self._names = {name.lower(): name for name in archive.namelist()}
        root = self._relations(_ROOT_RELATIONS, "")
        self._part = root.first("/officeDocument") or "xl/workbook.xml"
        self._contents = _Contents()
        read_all(self._opened(self._part), self._contents)
        folder, file = posixpath.split(self._part)
        self._related = self._relations(f"{folder}/_rels/{file}.rels", folder)
        self._strings: SharedStrings | None = None
        self._writers: list[Writer] | None = None

    def sheets(self) -> list[Sheet]:
        """Its sheets, in their order."""
        return [sheet for sheet, _ in self._worksheets()]

    def rows(self, number: int) -> Iterator[tuple[int, Cells]]:
        """(number of the row, from 1; its cells) of one sheet."""
        _, part = self._worksheets()[number]
        handler = _Rows(self._shared(), self._formats())
        for _ in steps(self._opened(part), handler):
            yield from handler.rows
            handler.rows.clear()
        self.errors += handler.errors

    def _worksheets(self) -> list[tuple[Sheet, str]]:
        """Those with cells: charts and dialogues stand in the list as well."""
        return [
            (sheet, self._related.parts[key])
            for sheet, key in self._contents.sheets
            if self._related.kinds.get(key, "").endswith("/worksheet")
        ]

    def _shared(self) -> SharedStrings:
        if self._strings is None:
            part = self._related.first("/sharedStrings")
            self._strings = SharedStrings(self._opened(part) if part else None)
        return self._strings

    def _formats(self) -> list[Writer]:
        if self._writers is None:
            styles = Styles()
            if part := self._related.first("/styles"):
                read_all(self._opened(part), styles)
            self._writers = styles.writers(self._contents.from_1904)
        return self._writers

    def _relations(self, part: str, folder: str) -> "_Relations":
        relations = _Relations(folder)
        if part.lower() in self._names:
            read_all(self._opened(part), relations)
        return relations

    def _opened(self, part: str) -> IO[bytes]:
        """A part by its name, whose case does not matter."""
        name = self._names.get(part.lower())
        if name is None:
            raise FileUnusable(f"The workbook is damaged: it lacks {part[:80]!r}.")
        return self._archive.open(name)


class _Relations(Handler):
    """Which parts belong to a part, by key: their names and kinds."""

    def __init__(self, folder: str) -> None:
        super().__init__()
        self._folder = folder
        self.parts: dict[str, str] = {}
        self.kinds: dict[str, str] = {}

    def first(self, kind: str) -> str:
        keys = (key for key, known in self.kinds.items() if known.endswith(kind))
        return self.parts.get(next(keys, ""), "")

    def start(self, name: str, attributes: Attributes) -> None:
        self.depth += 1
        if local(name) == "Relationship" and len(self.parts) < _MOST_PARTS:
            key, target = attributes.get("Id", ""), attributes.get("Target", "")
            path = posixpath.normpath(posixpath.join("/", self._folder, target))
            self.parts[key] = path.lstrip("/")
            self.kinds[key] = attributes.get("Type", "")

    def end(self, name: str) -> None:
        self.depth -= 1
        self.text.clear()


class _Contents(Handler):
    """The workbook's own part: its sheets, and where its days begin."""

    def __init__(self) -> None:
        super().__init__()
        self.sheets: list[tuple[Sheet, str]] = []
        self.from_1904 = False

    def start(self, name: str, attributes: Attributes) -> None:
        self.depth += 1
        name = local(name)
        if name == "workbookPr":
            self.from_1904 = attributes.get("date1904") in ("1", "true")
        elif name == "sheet" and len(self.sheets) < sheets.MOST_SHEETS:
            state = attributes.get("state", "visible")
            sheet = Sheet(attributes.get("name", "")[:255], state != "visible")
            key = next((v for k, v in attributes.items() if k.endswith(":id")), "")
            self.sheets.append((sheet, key))

    def end(self, name: str) -> None:
        self.depth -= 1
        self.text.clear()


class _Rows(RichText):
    """The filled rows of a sheet; `rows` is emptied by whoever reads them.

    Four calls for each cell are most of what a workbook costs, so `start` and `end` do
    what is common without another.
    """

    def __init__(self, strings: SharedStrings, writers: list[Writer]) -> None:
        super().__init__()
        self.rows: list[tuple[int, Cells]] = []
        self.errors = 0
        self._strings = strings
        self._known = strings.known
        self._writers = {str(number): write for number, write in enumerate(writers)}
        self._row: Cells = []
        self._number = self._column = 0
        self._kind: str | None = None
        self._style = "0"
        self._places: dict[str, int] = {}

    def start(self, name: str, attributes: Attributes) -> None:
        self.depth += 1
        if ":" in name:
            name = local(name)
        if name == "c":
            self._kind = attributes.get("t")
            self._style = attributes.get("s", "0")
            letters = attributes.get("r", "").rstrip("0123456789")
            self._column = self._places.get(letters) or self._place(letters)
        elif name == "v":
            self.text.clear()
        elif name == "row":
            self._start_row(attributes.get("r"))
        elif name == "is":
            self.begin()
        else:
            self.start_run(name)

    def end(self, name: str) -> None:
        self.depth -= 1
        if ":" in name:
            name = local(name)
        if name == "v":
            written = "".join(self.text)
            self.text.clear()
            if self._kind == "s" and written.isdigit():
                number = int(written)
                known = self._known
                if number < len(known):
                    self._add(known[number])
                else:
                    self._add(self._strings.get(number))
            elif written:
                self._add(self._cell(written))
        elif name == "c":
            return
        elif name == "row":
            if self._row:
                self.rows.append((self._number, self._row))
        elif name == "is":
            self._add(self.taken())
        elif name == "t" or self._kind == "inlineStr":
            self.end_run(name)
        else:
            self.text.clear()

    def _start_row(self, place: str | None) -> None:
        self._row, self._column, self._kind = [], 0, None
        self._number = self._number + 1 if place is None else whole(place)
        if not 0 < self._number <= MOST_ROWS:
            raise FileUnusable(f"A sheet has at most {MOST_ROWS:,} rows.")

    def _add(self, cell: str) -> None:
        row = self._row
        lacking = self._column - 1 - len(row)
        if not cell:
            return
        if len(cell) > sheets.MOST_CHARACTERS:
            raise FileUnusable(
                f"A cell in row {self._number} has more than "
                f"{sheets.MOST_CHARACTERS:,} characters."
            )
        if lacking > 0:
            row.extend([""] * lacking)
        elif lacking:
            row[self._column - 1] = cell
            return
        row.append(cell)

    def _cell(self, written: str) -> str:
        """Of what is no shared text."""
        kind = self._kind
        if kind is None or kind == "n":
            write = self._writers.get(self._style, sheets.number_as_text)
            return write(written.strip())
        if kind == "b":
            return "TRUE" if written.strip() in ("1", "true") else "FALSE"
        if kind == "e":
            self.errors += 1
            return ""
        if kind == "d":
            return written.strip().replace("T", " ")
        return unescaped(written) if kind == "str" else ""

    def _place(self, letters: str) -> int:
        """A to XFD as 1 to 16384; without letters, the cell behind the last one."""
        if not letters:
            return self._column + 1
        column = 0
        if re.fullmatch("[A-Z]{1,3}", letters):
            for letter in letters:
                column = column * 26 + ord(letter) - 64
        if not 0 < column <= MOST_CELLS:
            raise FileUnusable(
                f"The workbook is damaged: a cell is at {letters[:9]!r}."
            )
        self._places[letters] = column
        return column
