"""ZIP archives that are not trusted: what is in them, within bounds, and one file of
them."""

import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from crm.errors import FileUnusable
from crm.services.imports.encoding import (
    CHUNK,
    damage_told,
    refuse_bomb,
)

MOST_ENTRIES = 10_000
# No spreadsheet or text shrinks so far, once it is large.
MOST_RATIO = 300
RATIO_FROM = 100_000_000
# The list of contents, which Python reads as a whole.
_MOST_LISTED = 4_000_000
# What systems put into archives beside what people pack.
_LITTER = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")


class _Bounded:
    """A file that hands out no more than the list of contents at once."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def read(self, size: int = -1) -> bytes:
        most = _MOST_LISTED + 1
        found = self._file.read(most if size < 0 else min(size, most))
        if len(found) > _MOST_LISTED:
            raise FileUnusable(_TOO_MANY)
        return found

    def __getattr__(self, name: str) -> object:
        return getattr(self._file, name)


_TOO_MANY = (
    f"The archive holds more than {MOST_ENTRIES:,} files. Pack the one that is to be "
    "imported alone."
)


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """The archive, once its contents are known to be within bounds."""
    with (
        damage_told(),
        path.open("rb") as file,
        zipfile.ZipFile(cast(IO[bytes], _Bounded(file))) as archive,
    ):
        _check(archive)
        yield archive


def _check(archive: zipfile.ZipFile) -> None:
    entries = archive.infolist()
    if len(entries) > MOST_ENTRIES:
        raise FileUnusable(_TOO_MANY)
    # Python reads no more of an entry than it says it holds.
    refuse_bomb(sum(entry.file_size for entry in entries))
    for entry in entries:
        if entry.flag_bits & 1:
            raise FileUnusable(
                "The archive is protected by a password. Bring it without one."
            )
        is_large = entry.file_size > RATIO_FROM
        if is_large and entry.file_size > MOST_RATIO * max(entry.compress_size, 1):
            raise FileUnusable(
                f"The archive swells to {entry.file_size // 10**6:,} MB out of "
                f"{entry.compress_size // 10**3:,} kB, as no table does. It is not "
                "unpacked. Bring the table as CSV."
            )


def files_of(archive: zipfile.ZipFile) -> list[str]:
    """The names of what people packed."""
    return [
        entry.filename
        for entry in archive.infolist()
        if not entry.is_dir()
        and not entry.filename.startswith(_LITTER[0])
        and entry.filename.rpartition("/")[2] not in _LITTER
    ]


def the_one(names: Sequence[str], wanted: str) -> str:
    """The file that is meant: the only one, or the one that is wanted by its name."""
    shown = [name.rpartition("/")[2] for name in names]
    if len(names) == 1:
        return names[0]
    for name in names:
        if wanted and without_name(name, wanted) != wanted:
            return name
    if not names:
        raise FileUnusable("The archive is empty.")
    listed = ", ".join(name[:80] for name in shown[:10])
    more = f" and {len(names) - 10} more" if len(names) > 10 else ""
    raise FileUnusable(
        f"The archive holds several files: {listed}{more}. Choose one by its name "
        "(--sheet NAME), or pack one alone."
    )


def without_name(name: str, wanted: str) -> str:
    """What is wanted in a file, if the file itself is named before it."""
    for known in (name, name.rpartition("/")[2]):
        if wanted == known:
            return ""
        if wanted.startswith(f"{known}/"):
            return wanted[len(known) + 1 :]
    return wanted


def unpack(archive: zipfile.ZipFile, name: str, target: Path) -> None:
    """Write one file of the archive to `target`."""
    unpacked = 0
    with archive.open(name) as stream, target.open("wb") as file:
        while chunk := stream.read(CHUNK):
            unpacked += len(chunk)
            refuse_bomb(unpacked)
            file.write(chunk)
