"""The refused rows of a job: gathered step by step, handed out as CSV and Excel.

Each step writes what it refused as a part of its own in the job's folder, and the
position names the parts that count: a step that is killed and done again leaves no row
twice. The files are made when the job ends, also where it was cancelled.
"""

import csv
import io
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain, islice
from typing import IO, Any
from uuid import uuid4

from django.utils import translation

from crm.access import Capability
from crm.models import ImportRun, StoredFile, User
from crm.services import files
from crm.services.exports.formats import Csv, Excel
from crm.services.imports.parts import TEXT, Folder
from crm.services.imports.reading import Row
from crm.services.imports.reasons import in_words
from crm.services.imports.rejects import COLUMNS, printable, safe
from crm.services.imports.slices import Refusal
from web.rules import spreadsheets

# A workbook of more takes too long to write; the CSV has them all.
MOST_IN_WORKBOOK = 50_000


class RejectedParts:
    """`names`: of the parts that count."""

    def __init__(self, folder: Folder, header: Row, names: Sequence[str]) -> None:
        self.names = list(names)
        self._folder, self._header = folder, header
        self._part: io.TextIOWrapper | None = None

    @classmethod
    def of(cls, position: Mapping[str, Any], folder: Folder) -> "RejectedParts":
        """Those of a job, from its position."""
        return cls(folder, position["parts"]["header"], position["rejects"])

    def add(self, refusals: Sequence[Refusal]) -> None:
        """Write these rows into the file of this step."""
        if refusals and self._part is None:
            file = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the step)
            self._part = io.TextIOWrapper(file, **TEXT)
        if self._part is not None:
            csv.writer(self._part).writerows(
                [str(one.line), one.code, *one.row] for one in refusals
            )

    def save(self) -> None:
        """Keep what was added as a part."""
        if self._part is None:
            return
        self._part.flush()
        name = f"rejects-{uuid4().hex}"
        self._folder.save(name, self._part.detach())
        self.names.append(name)
        self._part = None

    def store(self, run: ImportRun, *, by: User | None, now: datetime) -> None:
        """Make the files of the run, where any row was refused."""
        if not self.names:
            return
        with translation.override(by.language if by and by.language else None):
            with tempfile.TemporaryFile() as table:
                self._write_csv(table)
                run.rejects_csv = self._keep(table, run, Csv, by, now)
            with tempfile.TemporaryFile() as book:
                self._write_workbook(book)
                run.rejects_xlsx = self._keep(book, run, Excel, by, now)
        run.save(update_fields=["rejects_csv", "rejects_xlsx"])

    def _keep(
        self,
        content: IO[bytes],
        run: ImportRun,
        kind: type[Csv | Excel],
        by: User | None,
        now: datetime,
    ) -> StoredFile:
        content.seek(0)
        return files.store(
            content,
            name=f"refused-rows-{run.pk}.{kind.name}",
            content_type=kind.content_type,
            capability=Capability.IMPORT_DATA,
            by=by,
            now=now,
        )

    def _rows(self) -> Iterator[Row]:
        """Line, code and words of each refused row before its cells, as they were."""
        words: dict[str, str] = {}
        for name in self.names:
            with self._folder.open(name) as file:
                for line, code, *cells in csv.reader(io.TextIOWrapper(file, **TEXT)):
                    if code not in words:
                        words[code] = in_words(code)
                    yield [line, code, words[code], *cells]

    def _write_csv(self, out: IO[bytes]) -> None:
        text = io.TextIOWrapper(out, encoding="utf-8", newline="")
        # Without the mark, Excel takes the file for one in Windows' encoding.
        text.write("\ufeff")
        writer = csv.writer(text)
        writer.writerow(map(safe, [*COLUMNS, *self._header]))
        writer.writerows(map(safe, row) for row in self._rows())
        text.detach()

    def _write_workbook(self, out: IO[bytes]) -> None:
        with Excel.workbook(out) as book:
            sheet = book.add_worksheet()
            sheet.freeze_panes(1, 0)
            # Stays text, also where somebody edits the cell.
            text = book.add_format({"quote_prefix": True})
            head = [*COLUMNS, *self._header]
            for number, row in enumerate(chain([head], self._few())):
                for at, cell in enumerate(row):
                    cell = printable(cell)[: Excel.longest_text]
                    is_formula = spreadsheets.is_formula(cell)
                    sheet.write_string(number, at, cell, text if is_formula else None)

    def _few(self) -> Iterator[Row]:
        return islice(self._rows(), MOST_IN_WORKBOOK)
