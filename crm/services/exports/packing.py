"""The parts of an export as one file: alone, or several in a ZIP."""

import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import datetime
from typing import IO

from crm.access import Capability
from crm.models import Job, StoredFile
from crm.services import files
from crm.services.exports.formats import FORMATS, Format
from crm.services.exports.slices import Table

ZIP = "application/zip"


def pack(job: Job, tables: list[Table], *, now: datetime) -> StoredFile:
    """Store what the parts are together."""
    written = FORMATS[job.options["format"]]
    day = f"{job.created_at:%Y-%m-%d}"
    contents = list(_contents(tables, written))
    with tempfile.TemporaryFile() as whole:
        if len(contents) == 1:
            name, parts = contents[0]
            name, content_type = f"{day}-{name}", written.content_type
            _join(parts, whole)
        else:
            name, content_type = f"{day}-export.zip", ZIP
            _zip(contents, whole)
        whole.seek(0)
        return files.store(
            whole,
            name=name,
            content_type=content_type,
            capability=Capability.EXPORT_DATA,
            by=job.started_by,
            now=now,
        )


def _contents(tables: list[Table], written: Format) -> Iterator[tuple[str, list[str]]]:
    """(name, parts) of each file."""
    for table in tables:
        if written.joins or len(table.parts) == 1:
            yield f"{table.name}.{written.name}", table.parts
            continue
        for number, part in enumerate(table.parts, start=1):
            yield f"{table.name}-{number}.{written.name}", [part]


def _zip(contents: list[tuple[str, list[str]]], out: IO[bytes]) -> None:
    # The lowest level: a gigabyte takes ten seconds, and a slice has not many more.
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, parts in contents:
            with archive.open(name, "w", force_zip64=True) as file:
                _join(parts, file)


def _join(parts: list[str], out: IO[bytes]) -> None:
    for part in parts:
        with files.storage().open(part) as content:
            shutil.copyfileobj(content, out)
