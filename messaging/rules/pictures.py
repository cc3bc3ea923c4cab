"""Pictures for mails: what a file really is, and the same picture without all else.

What is kept is put together anew from the parts that draw it. Where it was taken and
with what, comments, what stands behind its end or is no picture at all stays out.
Formats: PNG (third edition), JPEG (T.81, JFIF, Exif 2.3) and GIF89a, which every
program of mail shows.
"""

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

MOST_BYTES = 700_000
# Of a side, in pixels: a program may take four bytes of memory for each pixel.
MOST_PIXELS = 4_000
# How wide the text of a mail is, in pixels.
COLUMN = 552

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_DRAWS = frozenset(
    b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP sBIT pHYs acTL fcTL fdAT".split()
)
_NAME = re.compile(r"[0-9a-f]{32}-(\d{1,4})x(\d{1,4})\.(?:png|jpg|gif)")
# The first byte behind coded data that is a marker and neither stuffed nor a restart.
_NEXT_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
_JFIF, _EXIF, _ICC, _ADOBE = 0xE0, 0xE1, 0xE2, 0xEE
_SOI, _EOI, _SOS, _COMMENT = 0xD8, 0xD9, 0xDA, 0xFE
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ORIENTATION = 0x0112


class NoPicture(ValueError):
    """`code`: why this is no picture that a mail may hold."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Picture:
    """`content`: as it is kept. Sides in pixels, as it is seen."""

    content: bytes
    content_type: str
    ending: str
    width: int
    height: int


def read(content: bytes) -> Picture:
    """The picture in a file. Raises NoPicture: not_a_picture, picture_too_big (bytes)
    or picture_too_wide (pixels)."""
    if len(content) > MOST_BYTES:
        raise NoPicture("picture_too_big")
    try:
        found = _read(content)
    except (struct.error, IndexError) as error:
        # It ends before its time.
        raise NoPicture("not_a_picture") from error
    if not (found.width and found.height):
        raise NoPicture("not_a_picture")
    if max(found.width, found.height) > MOST_PIXELS:
        raise NoPicture("picture_too_wide")
    return found


def name_of(picture: Picture, token: str) -> str:
    """Its name in addresses, which tells how large it is; `token`: 32 hex digits."""
    return f"{token}-{picture.width}x{picture.height}.{picture.ending}"


def sides(name: str) -> tuple[int, int] | None:
    """Width and height by such a name; None: it is none."""
    found = _NAME.fullmatch(name)
    return (int(found[1]), int(found[2])) if found else None


def _read(content: bytes) -> Picture:
    if content.startswith(_PNG):
        return _png(content)
    if content.startswith(b"\xff\xd8\xff"):
        return _jpeg(content)
    if content[:6] in (b"GIF87a", b"GIF89a"):
        return _gif(content)
    raise NoPicture("not_a_picture")


# --- PNG -----------------------------------------------------------------------------


def _png(content: bytes) -> Picture:
    kept, at, kind = [_PNG], len(_PNG), b""
    width = height = 0
    while kind != b"IEND":
        (size,) = struct.unpack_from(">I", content, at)
        kind, end = content[at + 4 : at + 8], at + 12 + size
        (checked,) = struct.unpack_from(">I", content, end - 4)
        if zlib.crc32(content[at + 4 : end - 4]) != checked:
            raise NoPicture("not_a_picture")
        if (kind == b"IHDR") != (at == len(_PNG)):
            raise NoPicture("not_a_picture")
        if kind == b"IHDR":
            width, height = struct.unpack_from(">II", content, at + 8)
        if kind in _PNG_DRAWS:
            kept.append(content[at:end])
        at = end
    return Picture(b"".join(kept), "image/png", "png", width, height)


# --- JPEG ----------------------------------------------------------------------------


def _jpeg(content: bytes) -> Picture:
    kept: list[bytes] = []
    width = height = 0
    orientation = 1
    for marker, piece in _segments(content):
        body = piece[4:]
        if marker in _FRAMES:
            height, width = struct.unpack_from(">HH", body, 1)
        if marker == _EXIF and body.startswith(b"Exif\0\0"):
            orientation = _orientation(body[6:])
        if _draws(marker, body):
            kept.append(piece)
    if orientation > 1:
        # Behind the JFIF segment, which is the first where there is one.
        kept.insert(1 if kept[0][1] == _JFIF else 0, _turned(orientation))
    if orientation > 4:
        width, height = height, width
    whole = b"\xff\xd8" + b"".join(kept) + b"\xff\xd9"
    return Picture(whole, "image/jpeg", "jpg", width, height)


def _segments(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Marker and whole segment, coded data included, between start and end."""
    at = 2
    while True:
        if content[at] != 0xFF:
            raise NoPicture("not_a_picture")
        while content[at + 1] == 0xFF:
            at += 1
        marker = content[at + 1]
        if marker == _EOI:
            return
        (size,) = struct.unpack_from(">H", content, at + 2)
        end = at + 2 + size
        if size < 2 or end > len(content):
            raise NoPicture("not_a_picture")
        if marker == _SOS:
            found = _NEXT_MARKER.search(content, end)
            if found is None:
                raise NoPicture("not_a_picture")
            end = found.start()
        yield marker, content[at:end]
        at = end


def _draws(marker: int, body: bytes) -> bool:
    if marker == _ICC:
        return body.startswith(b"ICC_PROFILE\0")
    is_note = marker == _COMMENT or 0xE0 <= marker <= 0xEF
    return not is_note or marker in (_JFIF, _ADOBE)


def _orientation(tiff: bytes) -> int:
    """How it must be turned to be seen, 1 to 8; 1: not at all, or it is not said."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return 1
    try:
        (first,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, first)
        for number in range(min(count, 100)):
            entry = first + 2 + 12 * number
            tag, _kind, _many, value = struct.unpack_from(f"{order}HHIH", tiff, entry)
            if tag == _ORIENTATION:
                return value if 1 <= value <= 8 else 1
    except struct.error:
        pass
    return 1


def _turned(orientation: int) -> bytes:
    """A segment that says this and nothing else."""
    entry = struct.pack(">HHIHH", _ORIENTATION, 3, 1, orientation, 0)
    tiff = b"MM\0*" + struct.pack(">IH", 8, 1) + entry + bytes(4)
    body = b"Exif\0\0" + tiff
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


# --- GIF -----------------------------------------------------------------------------


def _gif(content: bytes) -> Picture:
    width, height = struct.unpack_from("<HH", content, 6)
    at = 13 + _palette(content[10])
    kept = [content[:at]]
    while (kind := content[at]) != 0x3B:
        start = at
        if kind == 0x21:
            at = _end_of_blocks(content, at + 2)
        elif kind == 0x2C:
            at = _end_of_blocks(content, at + 11 + _palette(content[at + 9]))
        else:
            raise NoPicture("not_a_picture")
        if kind == 0x2C or _moves(content[start:at]):
            kept.append(content[start:at])
    return Picture(b"".join(kept) + b";", "image/gif", "gif", width, height)


def _palette(flags: int) -> int:
    return int(3 * 2 ** ((flags & 7) + 1)) if flags & 0x80 else 0


def _end_of_blocks(content: bytes, at: int) -> int:
    while size := content[at]:
        at += size + 1
    return at + 1


def _moves(extension: bytes) -> bool:
    """How long a picture stands, and how often all of them come round again."""
    return extension[1] == 0xF9 or extension[1:14] == b"\xff\x0bNETSCAPE2.0"
