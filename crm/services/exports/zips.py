"""A ZIP that is written piece by piece, each by whichever process goes on.

`zipfile` cannot put a file away half way and go on elsewhere. Here all that has to be
known for that are some numbers. What is compressed ends, part by part, at a whole byte
and refers to nothing before it, so that the next part may follow. Sizes stand behind
each file, as in every ZIP that is written to a stream, and are those of ZIP64. The
format: PKWARE's APPNOTE.TXT, 4.3.
"""

import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO

from django.core.files.base import File

# ZIP64, the sizes behind the content, names in UTF-8; deflated.
_VERSION, _FLAGS, _DEFLATED = 45, 0x808, 8
# "It stands in the fields of ZIP64."
_LONG, _SHORT = 0xFFFFFFFF, 0xFFFF
# The lowest level: a gigabyte takes ten seconds, and a slice has not many more.
_LEVEL = 1
# A file for its owner alone, on Unix.
_MADE_BY, _MODE = (3 << 8) | _VERSION, 0o100600 << 16


@dataclass
class Member:
    """A file in the ZIP, as far as it is written; `begins_at` counts from the first
    byte of the ZIP."""

    name: str
    begins_at: int
    crc: int = 0
    size: int = 0
    packed: int = 0


def header(member: Member, moment: datetime) -> bytes:
    """What stands before its content."""
    name = member.name.encode()
    extra = struct.pack("<HHQQ", 1, 16, 0, 0)
    return (
        b"PK\3\4"
        + struct.pack("<HHH", _VERSION, _FLAGS, _DEFLATED)
        + _clock(moment)
        + struct.pack("<LLLHH", 0, _LONG, _LONG, len(name), len(extra))
        + name
        + extra
    )


def deflated(member: Member, content: IO[bytes]) -> Iterator[bytes]:
    """One part of its content as it stands in the ZIP, counted in the member."""
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    for chunk in iter(lambda: content.read(File.DEFAULT_CHUNK_SIZE), b""):
        member.crc = zlib.crc32(chunk, member.crc)
        member.size += len(chunk)
        yield _counted(member, packer.compress(chunk))
    yield _counted(member, packer.flush(zlib.Z_FULL_FLUSH))


def ending(member: Member) -> bytes:
    """What stands behind its last part."""
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    last = _counted(member, packer.flush(zlib.Z_FINISH))
    sizes = struct.pack("<LQQ", member.crc, member.packed, member.size)
    return last + b"PK\7\10" + sizes


def directory(members: Sequence[Member], moment: datetime, *, begins_at: int) -> bytes:
    """The end of the ZIP: where which file is."""
    entries = b"".join(_entry(member, moment) for member in members)
    many = len(members)
    whole = struct.pack(
        "<QHHLLQQQQ",
        *(44, _MADE_BY, _VERSION, 0, 0, many, many, len(entries), begins_at),
    )
    locator = struct.pack("<LQL", 0, begins_at + len(entries), 1)
    few = min(many, _SHORT)
    end = struct.pack("<HHHHLLH", 0, 0, few, few, _LONG, _LONG, 0)
    return entries + b"PK\6\6" + whole + b"PK\6\7" + locator + b"PK\5\6" + end


def _entry(member: Member, moment: datetime) -> bytes:
    name = member.name.encode()
    extra = struct.pack("<HHQQQ", 1, 24, member.size, member.packed, member.begins_at)
    return (
        b"PK\1\2"
        + struct.pack("<HHHH", _MADE_BY, _VERSION, _FLAGS, _DEFLATED)
        + _clock(moment)
        + struct.pack("<LLLHHH", member.crc, _LONG, _LONG, len(name), len(extra), 0)
        + struct.pack("<HHLL", 0, 0, _MODE, _LONG)
        + name
        + extra
    )


def _clock(moment: datetime) -> bytes:
    time = moment.hour << 11 | moment.minute << 5 | moment.second // 2
    day = (moment.year - 1980) << 9 | moment.month << 5 | moment.day
    return struct.pack("<HH", time, day)


def _counted(member: Member, packed: bytes) -> bytes:
    member.packed += len(packed)
    return packed
