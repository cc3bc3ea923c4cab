"""An uploaded file, into the private storage: checked, never trusted."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import PurePath
from typing import IO

from django.db import transaction

from crm.access import Capability
from crm.errors import FileUnusable, NotAllowed
from crm.models import StoredFile, User
from crm.services import audit, files
from crm.services.imports import recognition

MOST_BYTES = 200 * 1024 * 1024
_NAME_MOST = 200
_TEXT = "text/csv"
_BEGINNINGS = (
    # Workbooks of Excel and LibreOffice are ZIP archives, too.
    (b"PK\x03\x04", "application/zip"),
    (b"\x1f\x8b", "application/gzip"),
)


@transaction.atomic
def take(content: IO[bytes], *, name: str, by: User, now: datetime) -> StoredFile:
    """Keep an upload. `content` is open for reading and can be read from its start.

    Raises NotAllowed, and FileUnusable with what is wrong and what to do.
    """
    if not by.can(Capability.IMPORT_DATA):
        raise NotAllowed
    content_type = type_of(content)
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


def type_of(content: IO[bytes]) -> str:
    """The content type of a file, read from its beginning. Raises FileUnusable where it
    is known to be none that can be imported."""
    head = content.read(4)
    if not head:
        raise FileUnusable("The file is empty. Nothing was kept.")
    for beginning, content_type in _BEGINNINGS:
        if head.startswith(beginning):
            return content_type
    content.seek(0)
    recognition.refuse_foreign(content)
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
