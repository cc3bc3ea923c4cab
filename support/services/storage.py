"""Contents of mails in the private storage.

As crm/services/files.py has it: a content is written before its row is committed and
deleted after its row is gone. What a killed process leaves without a row is found by
`purge`. Exports and uploads have another folder and other times of keeping.
"""

import hashlib
import logging
from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.core.files.base import ContentFile
from django.db import transaction

from crm.services import files
from support.models import DraftFile, MailFile, RawMail, SavedReplyFile
from support.services.reading.kinds import detected

logger = logging.getLogger(__name__)

FOLDER = "mails"
StoredFile = MailFile | DraftFile | SavedReplyFile


def save(content: bytes, *, now: datetime) -> str:
    """Write the content and return its key. Raises OSError where it is not taken."""
    key = f"{FOLDER}/{now:%Y-%m}/{uuid4().hex}"
    return files.storage().save(key, ContentFile(content))


def read(key: str) -> bytes:
    """The content. Raises FileNotFoundError where it is gone."""
    with files.storage().open(key) as content:
        return bytes(content.read())


def kept(name: str, content: bytes, *, now: datetime) -> dict[str, Any]:
    """Write a file that somebody brought; what its row says of it."""
    content_type, ending = detected(content)
    return {
        "key": save(content, now=now),
        "name": _file_name(name) or f"file{ending}",
        "content_type": content_type,
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def _file_name(name: str) -> str:
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in last if letter.isprintable()).strip()[-200:]


def copied(file: StoredFile, *, now: datetime) -> dict[str, Any]:
    """Write its content again; what the row of the copy says of it. Raises
    FileNotFoundError."""
    return {"key": save(read(file.key), now=now), **described(file)}


def described(file: StoredFile) -> dict[str, Any]:
    """What a row says of its content, for another row of the same content."""
    return {
        "name": file.name,
        "content_type": file.content_type,
        "size": file.size,
        "sha256": file.sha256,
    }


def delete_on_commit(keys: Collection[str]) -> None:
    """Delete these contents once their rows are gone for good."""
    kept = list(keys)
    if kept:
        transaction.on_commit(lambda: _delete(kept))


def purge(*, now: datetime) -> int:
    """Delete what no row names and was not written just now; how many."""
    gone = 0
    for month in files.folders(FOLDER):
        folder = f"{FOLDER}/{month}"
        lost = [key for key in _keys(folder) if files.is_older(key, now)]
        _delete(lost)
        gone += len(lost)
    return gone


def _keys(folder: str) -> list[str]:
    """The keys in this folder that no row has."""
    stored = {f"{folder}/{name}" for name in files.names(folder)}
    for model in (RawMail, MailFile, DraftFile, SavedReplyFile):
        rows = model.objects.filter(key__startswith=f"{folder}/")
        stored.difference_update(rows.values_list("key", flat=True))
    return sorted(stored)


def _delete(keys: list[str]) -> None:
    for key in keys:
        try:
            files.storage().delete(key)
        except OSError as error:
            # Found again by the next purge.
            logger.warning("A mail's file is not deleted: %s", type(error).__name__)
