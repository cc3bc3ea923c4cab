"""Folders for some seconds of work on a file: unpacked, copied, written as a sheet.

A process that is killed leaves its folder behind, and what lies there is a list of
people. So all of these folders lie in one place, and each is held by a lock that ends
with its process. The step that needs the next one, every purge and every erasure delete
those that are not held. A file without a name (`tempfile.TemporaryFile`) needs none of
this: the system takes it away.
"""

import fcntl
import logging
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

logger = logging.getLogger(__name__)

_LOCK = ".lock"


@contextmanager
def work_folder() -> Iterator[Path]:
    """An empty folder on this machine, until the end of the block. Raises OSError where
    there is no room for it."""
    clear()
    place = _place()
    with _locked(place / _LOCK):
        folder = Path(tempfile.mkdtemp(dir=place))
        # Before anybody else may look whether it is held.
        handle = _lock(folder, fcntl.LOCK_EX)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(handle)


def clear() -> int:
    """Delete the folders of processes that are gone. Returns how many."""
    place = _place()
    with _locked(place / _LOCK):
        return sum(_delete_unheld(path) for path in place.iterdir() if path.is_dir())


def _delete_unheld(folder: Path) -> bool:
    try:
        handle = _lock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, FileNotFoundError):
        return False
    try:
        shutil.rmtree(folder)
    except OSError as error:
        # Found again by the next one.
        logger.warning("A folder of work is not deleted: %s", type(error).__name__)
        return False
    finally:
        os.close(handle)
    return True


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _lock(folder: Path, how: int) -> int:
    """The handle of the folder, which holds the lock as long as it is open."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, how)
    except BaseException:
        os.close(handle)
        raise
    return handle


def _place() -> Path:
    place = Path(settings.WORK_FOLDER)
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    return place
