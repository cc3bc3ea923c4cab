"""The private storage: what is stored there, for how long, and who may have it.

A file is written before its row is committed and deleted after its row is gone, so that
no row lacks its file. What a killed process leaves without a row is found by `purge`.
"""

import hashlib
import logging
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO
from uuid import uuid4

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage, storages
from django.db import transaction
from django.db.models import QuerySet

from crm import selectors
from crm.access import Capability
from crm.models import Heartbeat, StoredFile, User
from crm.services import heartbeat, pieces
from crm.services.work_folders import work_folder

logger = logging.getLogger(__name__)

FOLDER = "files"
# A file without a row is one that is being written, or one that a kill left.
WITHOUT_ROW_KEPT = timedelta(days=1)
# The row and the file by which two processes know that they see the same storage.
MARK = "files"
_MARK_KEY = "mark"
_MARK_RENEWED = timedelta(hours=1)
_PURGED_AT_ONCE = 500


def storage() -> Storage:
    """The storage of the alias `private`; never a public one."""
    return storages["private"]


def store(
    content: IO[bytes],
    *,
    name: str,
    content_type: str,
    capability: Capability,
    by: User | None,
    now: datetime,
) -> StoredFile:
    """Write the content and its row. Call it inside the transaction that needs it.

    `content_type` is what was found out, `capability` what a reader must be allowed to
    do. Raises OSError where the storage does not take it.
    """
    key = new_key(now)
    digest, size = _save(key, content)
    return keep(
        key,
        [digest],
        size=size,
        name=name,
        content_type=content_type,
        capability=capability,
        by=by,
        now=now,
    )


def new_key(now: datetime) -> str:
    """One under which nothing is stored yet."""
    return f"{FOLDER}/{now:%Y-%m}/{uuid4().hex}"


def store_piece(key: str, number: int, content: IO[bytes]) -> str:
    """Write a piece of a file, the first of which has the number 0; its SHA-256. What
    a kill left of the same piece is replaced."""
    name = pieces.names(key, number + 1)[-1]
    storage().delete(name)
    return _save(name, content)[0]


def _save(key: str, content: IO[bytes]) -> tuple[str, int]:
    """SHA-256 and size of what was written there."""
    digest = hashlib.sha256()
    size = 0
    for chunk in iter(lambda: content.read(File.DEFAULT_CHUNK_SIZE), b""):
        digest.update(chunk)
        size += len(chunk)
    content.seek(0)
    if storage().save(key, File(content)) != key:
        raise FileExistsError(key)
    return digest.hexdigest(), size


def delete_pieces(key: str, count: int) -> None:
    """Delete so many pieces of a file that has no row."""
    _delete_content(pieces.names(key, count))


def keep(
    key: str,
    digests: Sequence[str],
    *,
    size: int,
    name: str,
    content_type: str,
    capability: Capability,
    by: User | None,
    now: datetime,
) -> StoredFile:
    """The row of a file whose pieces were stored, with the SHA-256 of each."""
    first, *further = digests
    whole = hashlib.sha256("".join(digests).encode()).hexdigest()
    return StoredFile.objects.create(
        key=key,
        name=name,
        content_type=content_type,
        further_pieces=len(further),
        size=size,
        sha256=whole if further else first,
        capability=capability.value,
        created_by=by,
        created_at=now,
        kept_until=now + timedelta(days=selectors.business().file_keep_days),
    )


def open_file(file: StoredFile) -> File:  # type: ignore[type-arg] # generic in the stubs alone
    """Its content, open for reading. Raises FileNotFoundError where it is gone."""
    if not file.further_pieces:
        return storage().open(file.key)
    return pieces.joined(storage().open, _keys_of(file))


def _keys_of(file: StoredFile) -> list[str]:
    return pieces.names(file.key, 1 + file.further_pieces)


@contextmanager
def local_copy(file: StoredFile) -> Iterator[Path]:
    """A path of this machine under which its content stands by its own name, until the
    end of the block. Raises FileNotFoundError where it is gone."""
    with work_folder() as folder:
        path = folder / Path(file.name).name
        original = _path_of(file)
        if original is None:
            with open_file(file) as content, path.open("wb") as copy:
                shutil.copyfileobj(content, copy)
        else:
            path.symlink_to(original.resolve(strict=True))
        yield path


def _path_of(file: StoredFile) -> Path | None:
    """None where it is no one file of this machine, such as in S3."""
    with suppress(NotImplementedError):
        return None if file.further_pieces else Path(storage().path(file.key))
    return None


@transaction.atomic
def delete(files: "QuerySet[StoredFile]") -> int:
    """Delete these, the rows first; their number."""
    found = list(files.only("key", "further_pieces"))
    StoredFile.objects.filter(pk__in=[file.pk for file in found]).delete()
    keys = [key for file in found for key in _keys_of(file)]
    transaction.on_commit(lambda: _delete_content(keys))
    return len(found)


def delete_stored_before(moment: datetime) -> int:
    """Delete the files that were stored before this moment; how many."""
    return _delete_all(StoredFile.objects.filter(created_at__lt=moment))


def purge(*, now: datetime) -> int:
    """Delete what is past the time it was stored for, and what no row names. Returns
    how many."""
    old = StoredFile.objects.filter(kept_until__lt=now)
    return _delete_all(old) + _purge_without_row(now)


def _delete_all(rows: "QuerySet[StoredFile]") -> int:
    gone = 0
    while deleted := delete(rows.order_by("pk")[:_PURGED_AT_ONCE]):
        gone += deleted
    return gone


def _purge_without_row(now: datetime) -> int:
    gone = 0
    for month in folders(FOLDER):
        folder = f"{FOLDER}/{month}"
        rows = StoredFile.objects.filter(key__startswith=f"{folder}/")
        known = set(rows.values_list("key", flat=True))
        lost = [
            f"{folder}/{name}"
            for name in names(folder)
            if f"{folder}/{pieces.file_of(name)}" not in known
            and is_older(f"{folder}/{name}", now)
        ]
        _delete_content(lost)
        gone += len(lost)
    return gone


def is_older(key: str, now: datetime) -> bool:
    """Whether it is so old that no transaction can still be writing its row."""
    try:
        return storage().get_modified_time(key) < now - WITHOUT_ROW_KEPT
    except FileNotFoundError:
        return False


def delete_set_aside(before: datetime) -> int:
    """Delete the folders of files that a restore put out of its way before this moment
    (local/backup/folder.py). Returns how many. A bucket has none."""
    gone = 0
    for path, at in _set_aside():
        if at < before:
            shutil.rmtree(path, ignore_errors=True)
            gone += not path.exists()
    return gone


def _set_aside() -> Iterator[tuple[Path, datetime]]:
    ours = Path(settings.FILES_DIR)
    for path in ours.parent.glob(f"{ours.name}.before-*"):
        with suppress(ValueError):
            moment = path.name.removeprefix(f"{ours.name}.before-")
            # Of the clock on the wall, which names it.
            yield path, datetime.strptime(moment, "%Y%m%d-%H%M%S").astimezone()


def delete_folder(folder: str) -> None:
    """Delete every file of this folder; nothing where there is none."""
    _delete_content([f"{folder}/{name}" for name in names(folder)])
    # An empty folder, where the storage has such a thing.
    _delete_content([folder])


def _delete_content(keys: list[str]) -> None:
    for key in keys:
        try:
            storage().delete(key)
        except OSError as error:
            # Found again by the next purge.
            logger.warning("A file is not deleted: %s", type(error).__name__)


def folders(folder: str) -> Iterator[str]:
    """The names of the folders in this one."""
    try:
        yield from storage().listdir(folder)[0]
    except FileNotFoundError:
        return


def names(folder: str) -> list[str]:
    """The names of the files in this folder; none where it is not there."""
    try:
        return storage().listdir(folder)[1]
    except FileNotFoundError:
        return []


# --- Do web and workers see the same storage? ----------------------------------------


def mark(*, now: datetime) -> None:
    """Called by the workers: leave a mark in the storage, and its text in the database.
    A storage that cannot be written is logged, never raised."""
    row = Heartbeat.objects.filter(name=MARK).first()
    if row is not None and now - row.at < _MARK_RENEWED and sees_mark():
        return
    try:
        storage().save(_MARK_KEY, ContentFile(now.isoformat().encode()))
    except OSError as error:
        logger.error("The private storage cannot be written: %s", error.strerror)
        return
    heartbeat.beat(MARK, now=now)


def sees_mark() -> bool | None:
    """Whether the mark of the workers is in the storage as this process sees it. None
    where no worker has left one yet."""
    row = Heartbeat.objects.filter(name=MARK).first()
    if row is None:
        return None
    try:
        with storage().open(_MARK_KEY) as file:
            return bool(file.read().decode() == row.at.isoformat())
    except OSError:
        return False
