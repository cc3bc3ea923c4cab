"""A file that somebody hands us, into the private storage: checked, never trusted."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import PurePath
from typing import IO

from django.db import transaction

from crm.access import Capability
from crm.errors import FileUnusable, NotAllowed
from crm.models import StoredFile, User
from crm.services import audit, files

MOST_BYTES = 200 * 1024 * 1024
_NAME_MOST = 200
_HEAD_BYTES = 65_536
_TEXT = "text/csv"
_BEGINNINGS = (
    # Workbooks of Excel and LibreOffice are ZIP archives, too.
    (b"PK\x03\x04", "application/zip"),
    (b"\x1f\x8b", "application/gzip"),
)
# What people take for a table, and what to do instead.
_STRANGE = (
    (b"\xd0\xcf\x11\xe0", "an old workbook (.xls)", "Save it as .xlsx or CSV."),
    (b"%PDF", "a PDF", "Export the table as CSV or Excel."),
    (b"Rar!", "a RAR archive", "Pack it as ZIP, or upload the file itself."),
    (b"7z\xbc\xaf", "a 7-Zip archive", "Pack it as ZIP, or upload the file itself."),
    (b"\x89PNG", "a picture", "Export the table as CSV or Excel."),
    (b"\xff\xd8\xff", "a picture", "Export the table as CSV or Excel."),
)


@transaction.atomic
def take(content: IO[bytes], *, name: str, by: User, now: datetime) -> StoredFile:
    """Keep an upload. `content` is open for reading and can be read from its start.

    Raises NotAllowed, and FileUnusable with what is wrong and what to do.
    """
    if not by.can(Capability.IMPORT_DATA):
        raise NotAllowed
    head = content.read(_HEAD_BYTES)
    content_type = type_of(head)
    content.seek(0)
    _refuse_large(content)
    file = files.store(
        content,
        name=_clean_name(name),
        content_type=content_type,
        capability=Capability.IMPORT_DATA,
        by=by,
        now=now,
    )
    audit.record("import.uploaded", f"file:{file.pk}", now=now)
    return file


def type_of(head: bytes) -> str:
    """The content type of a file that begins so. Raises FileUnusable."""
    if not head:
        raise FileUnusable("The file is empty. Nothing was kept.")
    for beginning, content_type in _BEGINNINGS:
        if head.startswith(beginning):
            return content_type
    for beginning, what, cure in _STRANGE:
        if head.startswith(beginning):
            raise FileUnusable(f"This is {what}, which cannot be imported. {cure}")
    return _TEXT


def _refuse_large(content: IO[bytes]) -> None:
    size = sum(len(chunk) for chunk in _chunks(content))
    content.seek(0)
    if size > MOST_BYTES:
        raise FileUnusable(
            f"The file has more than {MOST_BYTES // 1024 // 1024} MB, which is as much"
            " as can be uploaded. Pack it as ZIP, or upload it in several files."
        )


def _chunks(content: IO[bytes]) -> Iterator[bytes]:
    """A megabyte at a time, and no more than shows that it is too much."""
    left = MOST_BYTES + 1
    while left > 0 and (chunk := content.read(min(1024 * 1024, left))):
        left -= len(chunk)
        yield chunk


def _clean_name(name: str) -> str:
    bare = "".join(sign for sign in PurePath(name).name if sign.isprintable())
    return bare[-_NAME_MOST:] or "upload"
