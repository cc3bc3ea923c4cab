"""The parts of an export as one file: alone, or several in a ZIP.

The file is written in pieces of some seconds of work, one a slice of the job, and read
as one (crm/services/files.py). It is the same file however it was cut.
"""

import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import IO, Any

from django.db import transaction

from crm.access import Capability
from crm.models import Job, StoredFile
from crm.services import files
from crm.services.exports import zips
from crm.services.exports.formats import FORMATS, Format
from crm.services.exports.slices import Table
from crm.services.exports.zips import Member

ZIP = "application/zip"


@dataclass
class Packed:
    """How far the file is: its pieces, the content and the part of it that come next,
    and the files of a ZIP."""

    key: str
    digests: list[str] = field(default_factory=list)
    size: int = 0
    content: int = 0
    part: int = 0
    members: list[Member] = field(default_factory=list)


def begin(now: datetime) -> Packed:
    """A file of which nothing is written."""
    return Packed(files.new_key(now))


def packed_of(job: Job) -> Packed | None:
    """How far this job is with its file; None: it is still at its tables."""
    known = job.position.get("packed")
    if known is None:
        return None
    members = [Member(**each) for each in known["members"]]
    return Packed(**{**known, "members": members})


def is_lost(packed: Packed) -> bool:
    """Whether a purge took what no row named yet: where workers stood still for more
    than a day. The parts are there still."""
    return bool(packed.digests) and not files.storage().exists(packed.key)


def as_position(packed: Packed) -> dict[str, Any]:
    """The same as JSON, to be stored with the job."""
    return asdict(packed)


def pack(
    job: Job, tables: list[Table], packed: Packed, *, most: int, seconds: float
) -> bool:
    """Write the next piece, of about `most` bytes or as long as `seconds`, and say in
    `packed` how far the file is now. True: it is whole."""
    until = time.monotonic() + seconds
    with tempfile.TemporaryFile() as piece:
        is_whole = _write(job, _contents(job, tables), packed, piece, most, until)
        packed.size += piece.tell()
        piece.seek(0)
        packed.digests.append(files.store_piece(packed.key, len(packed.digests), piece))
    return is_whole


def stored(
    job: Job, tables: list[Table], packed: Packed, *, now: datetime
) -> StoredFile:
    """The row of the file, whose pieces are all written."""
    written, day = _format(job), f"{job.created_at:%Y-%m-%d}"
    contents = _contents(job, tables)
    is_zip = len(contents) > 1
    return files.keep(
        packed.key,
        packed.digests,
        size=packed.size,
        name=f"{day}-export.zip" if is_zip else f"{day}-{contents[0][0]}",
        content_type=ZIP if is_zip else written.content_type,
        capability=Capability.EXPORT_DATA,
        by=job.started_by,
        now=now,
    )


def forget(job: Job) -> None:
    """Delete the pieces of a file that will not be whole."""
    if known := job.position.get("packed"):
        # One more: a kill may have left a piece that no position names.
        key, count = known["key"], len(known["digests"]) + 1
        transaction.on_commit(lambda: files.delete_pieces(key, count))


def _format(job: Job) -> Format:
    return FORMATS[job.options["format"]]


def _contents(job: Job, tables: list[Table]) -> list[tuple[str, list[str]]]:
    """(name, parts) of each file."""
    return list(_each_content(tables, _format(job)))


def _each_content(
    tables: list[Table], written: Format
) -> Iterator[tuple[str, list[str]]]:
    for table in tables:
        if written.joins or len(table.parts) == 1:
            yield f"{table.name}.{written.name}", table.parts
            continue
        for number, part in enumerate(table.parts, start=1):
            yield f"{table.name}-{number}.{written.name}", [part]


def _write(
    job: Job,
    contents: list[tuple[str, list[str]]],
    packed: Packed,
    piece: IO[bytes],
    most: int,
    until: float,
) -> bool:
    """At least one part, until the piece is full or the time is over; True: all are
    written."""
    is_zip = len(contents) > 1
    while packed.content < len(contents):
        if piece.tell() and (piece.tell() >= most or time.monotonic() >= until):
            return False
        name, parts = contents[packed.content]
        if is_zip and not packed.part:
            packed.members.append(Member(name, packed.size + piece.tell()))
            piece.write(zips.header(packed.members[-1], job.created_at))
        with files.storage().open(parts[packed.part]) as content:
            if is_zip:
                piece.writelines(zips.deflated(packed.members[-1], content))
            else:
                shutil.copyfileobj(content, piece)
        packed.part += 1
        if packed.part == len(parts):
            if is_zip:
                piece.write(zips.ending(packed.members[-1]))
            packed.content, packed.part = packed.content + 1, 0
    if is_zip:
        at = packed.size + piece.tell()
        piece.write(zips.directory(packed.members, job.created_at, begins_at=at))
    return True
