"""How a part of a table is written: CSV, JSON Lines, Excel."""

import csv
import io
import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any, ClassVar
from zoneinfo import ZoneInfo

import xlsxwriter
from django.utils.translation import gettext_lazy as _

from crm.datasets import Cell
from crm.services.work_folders import work_folder
from web.rules import spreadsheets

Line = Mapping[str, Cell]


class Format(ABC):
    """One format. A table is written in parts of at most `part_rows` lines."""

    name: ClassVar[str]
    label: ClassVar[Any]  # lazy
    about: ClassVar[Any]  # lazy: whom it is for
    content_type: ClassVar[str]
    part_rows: ClassVar[int]
    # Whether the parts of a table, one behind the other, are one file.
    joins: ClassVar[bool]

    @abstractmethod
    def write(
        self,
        out: IO[bytes],
        columns: Sequence[str],
        lines: Iterable[Line],
        *,
        zone: ZoneInfo,
        is_first: bool,
    ) -> None:
        """Write these lines; the first part of a table begins with the names of the
        columns. Moments are written in `zone`."""


class Csv(Format):
    """Comma-separated values, in UTF-8."""

    name = "csv"
    label = _("CSV")
    about = _("for every spreadsheet and program; can be imported again.")
    content_type = "text/csv"
    part_rows = 20_000
    joins = True

    def write(
        self,
        out: IO[bytes],
        columns: Sequence[str],
        lines: Iterable[Line],
        *,
        zone: ZoneInfo,
        is_first: bool,
    ) -> None:
        """Append lines as CSV, with a byte order mark and a head where `is_first`."""
        text = io.TextIOWrapper(out, encoding="utf-8", newline="")
        writer = csv.writer(text)
        if is_first:
            # Without the mark, Excel takes the file for one in Windows' encoding.
            text.write("\ufeff")
            writer.writerow(map(spreadsheets.harmless, columns))
        for line in lines:
            writer.writerow([_as_text(line.get(name), zone) for name in columns])
        text.detach()


def _as_text(cell: Cell, zone: ZoneInfo) -> str:
    if isinstance(cell, str):
        return spreadsheets.harmless(cell)
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    if isinstance(cell, datetime):
        return cell.astimezone(zone).isoformat()
    return str(cell)


class JsonLines(Format):
    """One JSON object a line."""

    name = "jsonl"
    label = _("JSON Lines")
    about = _("for programmers: one record a line, each value as it is kept.")
    content_type = "application/jsonl"
    part_rows = 20_000
    joins = True

    def write(
        self,
        out: IO[bytes],
        columns: Sequence[str],
        lines: Iterable[Line],
        *,
        zone: ZoneInfo,
        is_first: bool,
    ) -> None:
        """Append one JSON object a line; moments are ISO 8601 in `zone`."""
        for line in lines:
            record = {name: _as_json(line.get(name), zone) for name in columns}
            out.write(json.dumps(record, ensure_ascii=False).encode() + b"\n")


def _as_json(cell: Cell, zone: ZoneInfo) -> object:
    # A decimal as text, as in the API: a float would round it.
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    if isinstance(cell, datetime):
        return cell.astimezone(zone).isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return cell


class Excel(Format):
    """Workbooks of at most 50,000 rows each."""

    name = "xlsx"
    label = _("Excel")
    about = _("for Excel, Numbers and LibreOffice; 50,000 rows a file.")
    content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    # A workbook cannot be continued: each part is one. As many as are written in some
    # seconds, so that a killed worker loses no more.
    part_rows = 50_000
    joins = False
    # What a cell of Excel holds; it calls a file with more damaged.
    longest_text = 32_767
    # Before 1900 a day is text there.
    first_year = 1900
    # No text becomes a link, a number or a formula; rows leave the memory at once.
    options: ClassVar = {
        "constant_memory": True,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "strings_to_formulas": False,
    }

    def write(
        self,
        out: IO[bytes],
        columns: Sequence[str],
        lines: Iterable[Line],
        *,
        zone: ZoneInfo,
        is_first: bool,
    ) -> None:
        """Write one workbook with a sheet; texts stay texts, also those like `=1+1`."""
        with self.workbook(out) as book:
            sheet = book.add_worksheet()
            formats = {
                "head": book.add_format({"bold": True}),
                "day": book.add_format({"num_format": "yyyy-mm-dd"}),
                "moment": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
                # Stays text, also where somebody edits the cell.
                "text": book.add_format({"quote_prefix": True}),
            }
            sheet.freeze_panes(1, 0)
            for at, name in enumerate(columns):
                sheet.write_string(0, at, name, formats["head"])
            for number, line in enumerate(lines, start=1):
                for at, name in enumerate(columns):
                    self._put(sheet, (number, at), line.get(name), zone, formats)

    @classmethod
    @contextmanager
    def workbook(cls, out: IO[bytes]) -> "Iterator[xlsxwriter.Workbook]":
        """An empty workbook that is written to `out` at the end of the block."""
        with work_folder() as folder:
            options = {**cls.options, "tmpdir": str(folder)}
            with xlsxwriter.Workbook(out, options) as book:
                yield book

    def _put(
        self,
        sheet: Any,
        place: tuple[int, int],
        cell: Cell,
        zone: ZoneInfo,
        formats: Mapping[str, Any],
    ) -> None:
        if cell is None or cell == "":
            return
        if isinstance(cell, datetime):
            # A cell has no zone: it is the clock of the shop.
            moment = cell.astimezone(zone).replace(tzinfo=None)
            sheet.write_datetime(*place, moment, formats["moment"])
        elif isinstance(cell, date) and cell.year >= self.first_year:
            sheet.write_datetime(*place, cell, formats["day"])
        elif isinstance(cell, bool):
            sheet.write_boolean(*place, cell)
        elif isinstance(cell, (int, Decimal)):
            sheet.write_number(*place, cell)
        else:
            text = str(cell)[: self.longest_text]
            is_formula = spreadsheets.is_formula(text)
            sheet.write_string(*place, text, formats["text"] if is_formula else None)


FORMATS: dict[str, Format] = {each.name: each for each in (Csv(), Excel(), JsonLines())}
