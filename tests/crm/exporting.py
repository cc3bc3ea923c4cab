"""Exports as the workers make them, and their files as other programs read them."""

import csv
import io
import json
import zipfile
from typing import Any

from openpyxl import load_workbook

from crm.models import Job, StoredFile, User
from crm.services import files, jobs
from crm.services.exports import asking
from tests.factories import NOW, UserFactory


def owner() -> User:
    return User.objects.filter(role="owner").first() or UserFactory(role="owner")


def ask(*names: str, format_name: str = "csv", **filters: str) -> Job:
    return asking.ask(
        names=names, format_name=format_name, filters=filters, by=owner(), now=NOW
    )


def exported(*names: str, format_name: str = "csv", **filters: str) -> StoredFile:
    """Its file, after the workers have done all they can."""
    job = ask(*names, format_name=format_name, **filters)
    while jobs.work(now=NOW, seconds=60).is_unfinished:
        pass
    job.refresh_from_db()
    assert job.state == "done", job.error
    assert job.result is not None
    return job.result


def content(file: StoredFile) -> bytes:
    with files.open_file(file) as opened:
        return opened.read()


def lines_of(data: bytes) -> list[dict[str, str]]:
    """The cells of a CSV file as they stand there."""
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def records_of(data: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in data.splitlines()]


def rows_of(data: bytes) -> list[dict[str, Any]]:
    """The rows of an Excel file, by the names in its first row."""
    sheet = load_workbook(io.BytesIO(data)).active
    head, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def files_in(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}
