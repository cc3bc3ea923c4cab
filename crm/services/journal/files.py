"""The journal as files: JSON lines in `JOURNAL_FOLDER`, one file a month.

Processes on several machines append under one lock, so that the numbers of the lines
rise without a gap. A line cut off by a crash is skipped, and the next one begins again.
Files are only added to; one of a month goes when all of it is older than the settings
keep it, which must be longer than the oldest backup is.
"""

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings

_LOCK = "journal.lock"
_PATTERN = "[0-9]*-[0-9]*.jsonl"
_TAIL = 64 * 1024

Row = Mapping[str, Any]


class JournalUnwritable(Exception):
    """No disk, no space or no permission: the line is not safe."""


@dataclass(frozen=True)
class Entry:
    """One line. `kept` is the highest number that the database was known to have
    stored as its position when the line was written."""

    number: int
    kept: int
    at: datetime
    kind: str
    rows: Sequence[Row]


NOTHING = Entry(0, 0, datetime.min.replace(tzinfo=UTC), "", ())


def folder() -> Path:
    """The folder of the journal, JOURNAL_FOLDER."""
    return Path(settings.JOURNAL_FOLDER)


def append(
    kind: str, rows: Sequence[Row], *, now: datetime, kept: int = 0, sync: bool = True
) -> Entry:
    """Add one line. `sync` waits until it is on the disk; raises JournalUnwritable.

    The wait comes after the lock, so that processes that write at the same time are
    written to the disk together.
    """
    try:
        folder().mkdir(parents=True, exist_ok=True, mode=0o700)
        with _locked():
            before = last()
            entry = Entry(before.number + 1, max(before.kept, kept), now, kind, rows)
            file = _open(now)
            try:
                _write(file, _line(entry))
            except BaseException:
                os.close(file)
                raise
        try:
            if sync:
                os.fsync(file)
        finally:
            os.close(file)
    except OSError as error:
        raise JournalUnwritable(str(error)) from error
    return entry


def last() -> Entry:
    """The newest whole line; NOTHING where there is none."""
    for path in reversed(_files()):
        for line in _backwards(path):
            entry = _read(line)
            if entry is not None:
                return entry
    return NOTHING


def entries(*, after: int = 0) -> Iterator[Entry]:
    """Every whole line with a higher number than `after`, in their order."""
    for path in _files():
        with path.open("rb") as lines:
            for line in lines:
                entry = _read(line)
                if entry is not None and entry.number > after:
                    yield entry


def count_older(before: datetime) -> int:
    """How many files hold nothing younger than this moment, without the newest file,
    from which the number of the next line is known."""
    return len(_older(before))


def delete_older(before: datetime) -> int:
    """Delete these files; how many."""
    if not folder().is_dir():
        return 0
    with _locked():
        old = _older(before)
        for path in old:
            path.unlink()
    return len(old)


def _older(before: datetime) -> list[Path]:
    """A line may stand in the file of a later month, never of an earlier one."""
    month = f"{before.astimezone(UTC):%Y-%m}.jsonl"
    return [path for path in _files()[:-1] if path.name < month]


@contextlib.contextmanager
def _locked() -> Iterator[None]:
    lock = os.open(folder() / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _files() -> list[Path]:
    return sorted(folder().glob(_PATTERN))


def _open(now: datetime) -> int:
    """The file of this month, or a newer one where the clock was set back."""
    path = max([folder() / f"{now.astimezone(UTC):%Y-%m}.jsonl", *_files()])
    is_new = not path.exists()
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
    file = os.open(path, flags, 0o600)
    if is_new:
        _sync_folder()
    return file


def _sync_folder() -> None:
    """A file whose name is not on the disk is lost with all its lines."""
    handle = os.open(folder(), os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write(file: int, line: bytes) -> None:
    """All of it or nothing; what a crash has cut off gets an end first."""
    size = os.fstat(file).st_size
    if size and os.pread(file, 1, size - 1) != b"\n":
        line = b"\n" + line
    written = 0
    try:
        while written < len(line):
            written += os.write(file, line[written:])
    except OSError:
        with contextlib.suppress(OSError):
            os.ftruncate(file, size)
        raise


def _line(entry: Entry) -> bytes:
    words = {
        "n": entry.number,
        "kept": entry.kept,
        "at": entry.at.isoformat(),
        "kind": entry.kind,
        "rows": list(entry.rows),
    }
    return json.dumps(words, separators=(",", ":")).encode() + b"\n"


def _read(line: bytes) -> Entry | None:
    try:
        words = json.loads(line)
        return Entry(
            number=words["n"],
            kept=words["kept"],
            at=datetime.fromisoformat(words["at"]),
            kind=words["kind"],
            rows=words["rows"],
        )
    except (ValueError, KeyError, TypeError):
        return None


def _backwards(path: Path) -> Iterator[bytes]:
    """The lines of a file from its end, without reading more than needed."""
    with path.open("rb") as file:
        end = file.seek(0, os.SEEK_END)
        rest = b""
        while end > 0:
            start = max(end - max(_TAIL, len(rest)), 0)
            file.seek(start)
            rest = file.read(end - start) + rest
            first, *lines = rest.split(b"\n")
            yield from reversed(lines)
            rest, end = first, start
        yield rest
