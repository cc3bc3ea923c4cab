"""One slice of an export: some records of one table, written as a part."""

import re
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from django.core.files.base import File
from django.db.models import QuerySet

from crm import selectors
from crm.datasets import Cell, Dataset, get
from crm.errors import ExportUnknown
from crm.models import Job
from crm.rules import dates
from crm.services import files, jobs
from crm.services.exports.formats import FORMATS, Format

# Records that are read in one query.
BATCH = 1_000


@dataclass
class Table:
    """How far one table is: its columns, the last key read, the parts written."""

    dataset: str
    # Of its file, without an ending.
    name: str
    # The value of the field that the dataset is split by.
    only: str = ""
    columns: list[str] = field(default_factory=list)
    after: int = 0
    records: int = 0
    lines: int = 0
    parts: list[str] = field(default_factory=list)
    is_whole: bool = False


def tables_of(job: Job) -> list[Table]:
    """The tables of this job, as far as they are."""
    return [Table(**each) for each in job.position["tables"]]


def as_position(tables: list[Table]) -> dict[str, Any]:
    """The tables as JSON, to be stored with the job."""
    return {"tables": [asdict(table) for table in tables]}


def begin(job: Job) -> tuple[list[Table], int]:
    """The tables with their columns, nothing written yet, and the number of records."""
    tables, total = [], 0
    for name in job.options["datasets"]:
        dataset = _dataset(name)
        rows = dataset.rows(dataset.narrowed(job.options["filters"]))
        columns = [*dataset.columns, *dataset.more_columns(rows)]
        tables += [
            Table(dataset=name, name=file_name, only=only, columns=columns)
            for file_name, only in _files_of(dataset, rows)
        ]
        total += rows.count()
    return tables, total


def _files_of(dataset: Dataset, rows: "QuerySet[Any]") -> list[tuple[str, str]]:
    """(name, value of the field that it is split by) of each file."""
    values: list[str] = []
    if field := dataset.split_by:
        values = list(rows.order_by(field).values_list(field, flat=True).distinct())
    if len(values) < 2:
        return [(dataset.name, "")]
    # Two values may look alike in the name of a file.
    return [
        (f"{dataset.name}-{number}-{re.sub(r'[^0-9A-Za-z]+', '_', value)}", value)
        for number, value in enumerate(values, start=1)
    ]


def _rows_of(job: Job, table: Table) -> "QuerySet[Any]":
    dataset = _dataset(table.dataset)
    rows = dataset.rows(dataset.narrowed(job.options["filters"]))
    return rows.filter(**{dataset.split_by: table.only}) if table.only else rows


def write_part(job: Job, table: Table, *, seconds: float) -> None:
    """Write the next part of this table, and say in it how far it is now. After so many
    seconds it ends, whatever the records are."""
    written = FORMATS[job.options["format"]]
    lines = _Lines(job, table, written, seconds)
    zone = dates.zone_of(selectors.business().time_zone, "UTC")
    with tempfile.TemporaryFile() as part:
        written.write(part, table.columns, lines, zone=zone, is_first=not table.parts)
        part.seek(0)
        name = f"{jobs.folder_of(job.pk)}/{table.name}-{len(table.parts):06}"
        table.parts.append(files.storage().save(name, File(part)))


class _Lines:
    """The lines of one part; the table knows afterwards where the next one begins.

    Whole records only: an order of many lines may make a part somewhat longer.
    """

    def __init__(self, job: Job, table: Table, written: Format, seconds: float) -> None:
        self._rows = _rows_of(job, table)
        self._cells = _dataset(table.dataset).cells
        self._table = table
        self._most = written.part_rows
        self._until = time.monotonic() + seconds

    def __iter__(self) -> Iterator[Mapping[str, Cell]]:
        table, lines = self._table, 0
        while lines < self._most:
            rows = self._rows.filter(pk__gt=table.after).order_by("pk")
            # One more shows whether there is another part.
            found = list(rows[: BATCH + 1])
            batch = found[:BATCH]
            for line in self._cells(batch):
                lines += 1
                yield line
            table.records += len(batch)
            if len(found) <= BATCH:
                table.is_whole = True
                break
            table.after = batch[-1].pk
            if time.monotonic() >= self._until:
                break
        table.lines += lines


def _dataset(name: str) -> Dataset:
    dataset = get(name)
    if dataset is None:
        raise ExportUnknown
    return dataset
