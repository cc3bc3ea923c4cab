"""The private storage as one archive, through the storage: also where it is a bucket.

What `script/backup` takes along and `script/restore` puts back. A folder is packed by
them alone, and gives the same archive.
"""

import tarfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from django.core.files.base import File

from crm.services import files


def save(target: Path) -> int:
    """Write all files into this archive; how many. One that goes meanwhile is left out.

    Raises OSError where the storage does not answer, and NotImplementedError where it
    cannot say what is in it.
    """
    count = 0
    with tarfile.open(target, "w") as archive:
        for key in _keys(""):
            try:
                with files.storage().open(key) as content:
                    member = tarfile.TarInfo(key)
                    member.size, member.mode = content.size, 0o600
                    archive.addfile(member, content)
            except FileNotFoundError:
                continue
            count += 1
    return count


def put_back(source: Path) -> int:
    """Store all files of this archive under the names they have there; how many. What
    the storage has besides stays, until a purge finds that no row names it.

    Raises OSError where the storage does not take one.
    """
    count = 0
    with tarfile.open(source) as archive:
        for member in archive:
            content = archive.extractfile(member) if member.isreg() else None
            if content is None:
                continue
            key = str(PurePosixPath(member.name))
            with content:
                files.storage().delete(key)
                if files.storage().save(key, File(content)) != key:
                    raise FileExistsError(key)
            count += 1
    return count


def reach() -> None:
    """Raises OSError where the storage does not answer, and NotImplementedError where
    it cannot say what is in it."""
    files.storage().listdir("")


def _keys(folder: str) -> Iterator[str]:
    """Of every file below this folder."""
    folders, names = files.storage().listdir(folder)
    begin = f"{folder}/" if folder else ""
    yield from (f"{begin}{name}" for name in names if name)
    for name in folders:
        yield from _keys(f"{begin}{name}")
