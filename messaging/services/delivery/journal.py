"""How far one process came with the group that it is handing over, in case it dies.

It is not the lasting journal (crm/services/journal) of what was handed over; this file
is removed when its group has ended.

Each line is written right before or after the step it records, so a killed process
leaves on disk exactly how far it came: what was accepted is sent, what got no final dot
can go again, and only the one mail in between is uncertain. The lock on the file shows
the living from the dead. After a crash of the machine the newest lines may be missing:
then only what stands there is believed.
"""

import fcntl
import logging
import os
import secrets
import socket
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from uuid import UUID

from django.conf import settings

from crm.services.journal import JournalUnwritable as JournalUnwritable

logger = logging.getLogger(__name__)

_SUFFIX = ".journal"
_NO_BOOT_ID = "unknown"
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class Fate(StrEnum):
    """How far a handed message came."""

    UNTOUCHED = "untouched"
    IN_DOUBT = "in_doubt"
    ACCEPTED = "accepted"


@dataclass
class Trace:
    """What one journal holds, by claim and message."""

    path: Path
    is_dead: bool
    fates: dict[tuple[UUID | None, int], Fate] = field(default_factory=dict)


class Journal:
    """The log of this process. Not fsynced line by line: a kill does not lose what was
    written, only a crash of the machine does, and for that `keep` is called."""

    def __init__(self) -> None:
        self._path = Path()
        self._file = -1
        self._boot = _boot_id()
        # After half a line nothing may follow: the next would be read as its end.
        self.is_broken = False

    def took(self, token: UUID, ids: Iterable[int]) -> None:
        """A group, before it is handed over. What was here before is settled."""
        try:
            if self._file < 0:
                self._open()
            os.ftruncate(self._file, 0)
        except OSError as error:
            raise JournalUnwritable from error
        self.is_broken = False
        self._write("boot", self._boot)
        self._write("group", token, *ids)

    def dotting(self, message_id: int) -> None:
        """Note that the final dot of this message is sent next."""
        self._write("dot", message_id)

    def accepted(self, message_id: int) -> None:
        """Note that the server took this message."""
        self._write("accepted", message_id)

    def keep(self) -> None:
        """The database is away: make sure that not even a crash loses the lines."""
        try:
            os.fsync(self._file)
        except OSError:
            logger.exception("The journal %s is not safe on disk", self._path.name)

    def settled(self) -> None:
        """All of it stands in the database now."""
        os.ftruncate(self._file, 0)
        self.is_broken = False

    def close(self, *, settled: bool) -> None:
        """Close the file; remove it where all of its outcomes are stored."""
        if self._file < 0:
            return
        if settled:
            _unlink(self._path)
        os.close(self._file)
        self._file = -1

    def _open(self) -> None:
        self._path = folder() / f"{socket.gethostname()}-{os.getpid()}-{_name()}"
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_EXCL | os.O_CLOEXEC
        self._file = os.open(self._path, flags, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def _write(self, *words: object) -> None:
        line = (" ".join(map(str, words)) + "\n").encode()
        try:
            is_whole = not self.is_broken and os.write(self._file, line) == len(line)
        except OSError as error:
            self.is_broken = True
            raise JournalUnwritable from error
        if not is_whole:
            self.is_broken = True
            raise JournalUnwritable


def folder() -> Path:
    """The folder of the journals, made where it is missing."""
    path = Path(settings.JOURNAL_FOLDER)
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def traces() -> Iterator[Trace]:
    """What all journals on this machine hold."""
    for path in sorted(Path(settings.JOURNAL_FOLDER).glob(f"*{_SUFFIX}")):
        try:
            # Read only: what stands there must be known on a broken disk, too.
            file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        try:
            yield Trace(path, _is_dead(file), _fates(path.read_bytes()))
        finally:
            os.close(file)


def forget(trace: Trace) -> None:
    """Kept where the disk refuses: read again, it changes nothing."""
    _unlink(trace.path)


def _unlink(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:
        logger.exception("The journal %s cannot be removed", path.name)


def _fates(content: bytes) -> dict[tuple[UUID | None, int], Fate]:
    fates: dict[tuple[UUID | None, int], Fate] = {}
    token = UUID(int=0)
    is_whole = False
    for line in content.split(b"\n")[:-1]:
        # A torn last line has no end and is left out above.
        match line.decode("ascii", "replace").split():
            case ["boot", boot]:
                is_whole = boot == _boot_id() != _NO_BOOT_ID
            case ["group", name, *ids]:
                token = UUID(name)
                first = Fate.UNTOUCHED if is_whole else Fate.IN_DOUBT
                fates |= {(token, int(one)): first for one in ids}
            case ["dot", one]:
                fates[token, int(one)] = Fate.IN_DOUBT
            case ["accepted", one]:
                fates[token, int(one)] = Fate.ACCEPTED
    return fates


def _is_dead(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _boot_id() -> str:
    try:
        return _BOOT_ID.read_text().strip()
    except OSError:
        return _NO_BOOT_ID


def _name() -> str:
    return f"{secrets.token_hex(4)}{_SUFFIX}"
