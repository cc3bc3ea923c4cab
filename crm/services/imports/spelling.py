"""The bytes of a file: plain or gzip, their checksum, and how they spell text."""

import codecs
import gzip
import hashlib
import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from crm.errors import FileUnusable

CHUNK = 1024 * 1024
_GZIP = b"\x1f\x8b"
_MULTIBYTE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
_HIGH = re.compile(rb"[\x80-\xff]")
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class Spelling:
    """How the bytes become text. `is_mixed`: some rows do not follow it."""

    encoding: str
    sha256: str
    is_mixed: bool


def open_bytes(path: Path) -> io.BufferedIOBase:
    try:
        plain = path.open("rb")
    except OSError as error:
        raise FileUnusable(f"{path.name} cannot be read: {error.strerror}.") from None
    if not plain.seekable():
        plain.close()
        raise FileUnusable("A file is needed: it is read twice, a pipe cannot be.")
    is_gzip = plain.read(2) == _GZIP
    plain.seek(0)
    return gzip.GzipFile(fileobj=plain) if is_gzip else plain


def spelling_of(path: Path) -> Spelling:
    """Read all bytes once; raise FileUnusable where no text can come of them."""
    digest = hashlib.sha256()
    tally = _Tally()
    head = b""
    for chunk in _chunks(path):
        head = head or chunk[:4096]
        digest.update(chunk)
        tally.add(chunk)
    if not head:
        raise FileUnusable("The file is empty.")
    encoding, is_mixed = _encoding(head, tally)
    return Spelling(encoding, digest.hexdigest(), is_mixed)


class _Tally:
    """Counts what is, and what is not, UTF-8."""

    def __init__(self) -> None:
        self.is_utf8 = True
        self.sequences = 0
        self.stray = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")()

    def add(self, chunk: bytes) -> None:
        if chunk.isascii():
            return
        if self.is_utf8:
            try:
                self._decoder.decode(chunk)
            except UnicodeDecodeError:
                self.is_utf8 = False
        rest, sequences = _MULTIBYTE.subn(b"", chunk)
        self.sequences += sequences
        self.stray += len(_HIGH.findall(rest))


def _encoding(head: bytes, tally: _Tally) -> tuple[str, bool]:
    for mark, name in _BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return name, name == "utf-8-sig" and not tally.is_utf8
    if (unmarked := _unmarked_utf16(head)) is not None:
        return unmarked, False
    if tally.is_utf8:
        return "utf-8", False
    # Windows-1252 hardly ever spells a valid UTF-8 sequence by chance; a UTF-8 file
    # that somebody pasted a few bytes into has many of them.
    if tally.sequences > tally.stray:
        return "utf-8", True
    return "cp1252", False


def _unmarked_utf16(head: bytes) -> str | None:
    half = len(head) // 2
    if half and head[1::2].count(0) > 0.4 * half:
        return "utf-16-le"
    if half and head[0::2].count(0) > 0.4 * half:
        return "utf-16-be"
    return None


def _chunks(path: Path) -> Iterator[bytes]:
    """All bytes in pieces; a megabyte without a line end is no table."""
    with open_bytes(path) as stream:
        try:
            while chunk := stream.read(CHUNK):
                if len(chunk) == CHUNK and b"\n" not in chunk and b"\r" not in chunk:
                    raise FileUnusable("A line is longer than a megabyte.")
                yield chunk
        except (OSError, EOFError, zlib.error) as error:
            raise FileUnusable(f"The file is damaged: {error}.") from None
