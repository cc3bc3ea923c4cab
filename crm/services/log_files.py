"""The logs of the one-command run: one file a day of each part, kept for some days.

The programs that write them never close them, so a file is copied and cut to nothing:
they append, and go on at its beginning. In production LOG_FOLDER is None, because there
every process writes to its standard error and the machine keeps that.
"""

import logging
import os
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

from django.conf import settings

logger = logging.getLogger(__name__)

_DAY = re.compile(r"\.(\d{4}-\d\d-\d\d)\.log$")
# What moved aside at a start, because it was long: local/embedded/process.py.
_ASIDE = ".1.log"


def count(before: datetime) -> int:
    """How many files hold nothing younger than this moment."""
    return len(list(_older(before)))


def delete(before: datetime) -> int:
    """Delete the files that hold nothing younger than this moment; how many."""
    gone = 0
    for path in list(_older(before)):
        try:
            path.unlink()
        except OSError as error:
            logger.warning("A log is not deleted: %s", error.strerror)
        else:
            gone += 1
    return gone


def begin_day(*, now: datetime) -> None:
    """Set aside what was written until now, where this has not been done today."""
    today = f"{now.astimezone(UTC):%Y-%m-%d}"
    for path in _files():
        copy = path.with_suffix(f".{today}.log")
        if _DAY.search(path.name) or path.name.endswith(_ASIDE) or copy.exists():
            continue
        try:
            _cut(path, copy)
        except OSError as error:
            logger.warning("A log is not set aside: %s", error.strerror)


def _cut(path: Path, copy: Path) -> None:
    if not path.stat().st_size:
        return
    partial = copy.with_suffix(".partial")
    with path.open("rb") as log, partial.open("wb") as out:
        os.fchmod(out.fileno(), 0o600)
        shutil.copyfileobj(log, out)
        # What was written meanwhile.
        shutil.copyfileobj(log, out)
        os.truncate(path, 0)
    partial.rename(copy)


def _older(before: datetime) -> Iterator[Path]:
    for path in _files():
        if found := _DAY.search(path.name):
            last = date.fromisoformat(found[1])
        elif path.name.endswith(_ASIDE):
            last = datetime.fromtimestamp(path.stat().st_mtime, UTC).date()
        else:
            continue
        if last < before.astimezone(UTC).date():
            yield path


def _files() -> list[Path]:
    folder = settings.LOG_FOLDER
    return sorted(Path(folder).glob("*.log")) if folder else []
