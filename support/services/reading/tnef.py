"""winmail.dat: files and words that Outlook packs into one file ([MS-OXTNEF]).

Nothing in it is compressed but the text, so that it holds no more than its own size.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from support.services.reading import rtf, text

SIGNATURE = struct.pack("<I", 0x223E9F78)
MOST_FILES = 500
# Mails in mails in mails.
_MOST_DEPTH = 5
_MOST_TEXT = 1_000_000

_BODY, _SUBJECT, _PROPERTIES, _CODEPAGE = 0x2800C, 0x18004, 0x69003, 0x69007
_BEGINS, _DATA, _TITLE, _FILE_PROPERTIES = 0x69002, 0x6800F, 0x18010, 0x69005

_P_BODY, _P_RTF, _P_HTML, _P_SUBJECT = 0x1000, 0x1009, 0x1013, 0x0037
_P_DATA, _P_NAME, _P_LONG_NAME, _P_ID = 0x3701, 0x3704, 0x3707, 0x3712
_P_SHOWN_NAME = 0x3001
_WANTED = frozenset(
    {_P_BODY, _P_RTF, _P_HTML, _P_SUBJECT, _P_DATA, _P_NAME, _P_LONG_NAME, _P_ID}
    | {_P_SHOWN_NAME}
)
_OBJECT, _STRING, _UNICODE, _BINARY = 0x0D, 0x1E, 0x1F, 0x102
_LONG_TYPES = frozenset({_OBJECT, _STRING, _UNICODE, _BINARY})
_SIZES = {
    **{0x01: 0, 0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4},
    **{0x0B: 4, 0x14: 8, 0x40: 8, 0x48: 16},
}
_MANY, _NAMED, _HEAD_SIZE = 0x1000, 0x8000, 9
# Objects begin with four bytes and these, which say by what they can be opened.
_INTERFACE = bytes.fromhex("00000000c000000000000046")

Properties = dict[int, str | bytes]


@dataclass
class PackedFile:
    """A file in a winmail.dat."""

    name: str = ""
    content: bytes = b""
    content_id: str = ""


@dataclass
class Packed:
    """What is in a winmail.dat. `is_whole`: it was read to its end."""

    subject: str = ""
    text: str = ""
    html: str = ""
    files: list[PackedFile] = field(default_factory=list)
    is_whole: bool = True


class _Broken(Exception):
    """It is not as the format wants it from here on."""


class TooManyFiles(Exception):
    """It holds more files than any person sends."""


def unpacked(content: bytes, depth: int = 0) -> Packed:
    """What is in these bytes, as far as they can be read; names are as written in them.
    Raises TooManyFiles."""
    packed, charset = Packed(), "cp1252"
    try:
        for kind, data in _attributes(content):
            if kind == _CODEPAGE and len(data) >= 4:
                charset = f"cp{struct.unpack_from('<I', data)[0]}"
            else:
                _take(packed, kind, data, charset)
    except (_Broken, struct.error):
        packed.is_whole = False
    _open_mails(packed, depth)
    packed.files = [file for file in packed.files if file.content]
    return packed


def _attributes(content: bytes) -> Iterator[tuple[int, bytes]]:
    if not content.startswith(SIGNATURE):
        raise _Broken
    at = 6
    # A byte or two behind the end are common.
    while at + _HEAD_SIZE <= len(content):
        level, kind, size = struct.unpack_from("<BII", content, at)
        at += _HEAD_SIZE
        if level not in (1, 2) or at + size > len(content):
            raise _Broken
        yield kind, content[at : at + size]
        # With two bytes of a sum, which some programs leave at zero.
        at += size + 2


def _take(packed: Packed, kind: int, data: bytes, charset: str) -> None:
    if kind == _BEGINS:
        if len(packed.files) == MOST_FILES:
            raise TooManyFiles
        packed.files.append(PackedFile())
    elif kind == _BODY:
        packed.text = packed.text or _words(data, charset)
    elif kind == _SUBJECT:
        packed.subject = packed.subject or _words(data, charset)
    elif kind == _PROPERTIES:
        _take_words(packed, _properties(data, charset), charset)
    elif packed.files:
        _take_file(packed.files[-1], kind, data, charset)


def _take_words(packed: Packed, found: Properties, charset: str) -> None:
    packed.subject = _as_words(found.get(_P_SUBJECT), charset) or packed.subject
    packed.text = _as_words(found.get(_P_BODY), charset) or packed.text
    packed.html = _as_words(found.get(_P_HTML), charset)
    body = found.get(_P_RTF)
    if isinstance(body, bytes) and not (packed.text or packed.html):
        words = rtf.unpacked(body)
        packed.text = rtf.as_text(words)[:_MOST_TEXT]
        packed.is_whole &= len(words) < rtf.MOST_BYTES


def _take_file(file: PackedFile, kind: int, data: bytes, charset: str) -> None:
    if kind == _DATA:
        file.content = data
    elif kind == _TITLE:
        file.name = file.name or _words(data, charset)
    elif kind == _FILE_PROPERTIES:
        found = _properties(data, charset)
        names = (
            _as_words(found.get(p), charset) for p in (_P_LONG_NAME, _P_SHOWN_NAME)
        )
        short = _as_words(found.get(_P_NAME), charset)
        file.name = next(filter(None, names), "") or file.name or short
        file.content_id = _as_words(found.get(_P_ID), charset)
        inner = found.get(_P_DATA)
        if isinstance(inner, bytes):
            # Beside a mail among the files the other one says only that there is one.
            file.content = inner[16:] if inner[4:16] == _INTERFACE else inner


def _open_mails(packed: Packed, depth: int) -> None:
    """A mail among the files becomes its text, and its own files beside it."""
    files: list[PackedFile] = []
    for file in packed.files:
        is_mail = file.content.startswith(SIGNATURE) and depth < _MOST_DEPTH
        mail = unpacked(file.content, depth + 1) if is_mail else Packed()
        words = mail.text or mail.html
        if not mail.is_whole or not (words or mail.files):
            files.append(file)
        if words:
            name = f"{mail.subject or file.name}{'.txt' if mail.text else '.html'}"
            files.append(PackedFile(name, words.encode()))
        files += mail.files
        if len(files) > MOST_FILES:
            raise TooManyFiles
    packed.files = files


def _properties(data: bytes, charset: str) -> Properties:
    """Those that we know by their number; the first of several values."""
    (count,) = struct.unpack_from("<I", data)
    found: Properties = {}
    at = 4
    for _ in range(count):
        kind, number = struct.unpack_from("<HH", data, at)
        at = _past_name(data, at + 4) if number >= _NAMED else at + 4
        value, at = _value(data, at, kind)
        if number in _WANTED and number not in found:
            is_unicode = kind & ~_MANY == _UNICODE
            found[number] = _utf16(value) if is_unicode else value
    return found


def _past_name(data: bytes, at: int) -> int:
    """A property with a name of its own: where its value begins."""
    (is_word,) = struct.unpack_from("<I", data, at + 16)
    (size,) = struct.unpack_from("<I", data, at + 20)
    return at + 24 + (_padded(size) if is_word else 0)


def _value(data: bytes, at: int, kind: int) -> tuple[bytes, int]:
    """The first value, and where the next property begins."""
    count, plain = 1, kind & ~_MANY
    if kind & _MANY or plain in _LONG_TYPES:
        (count,) = struct.unpack_from("<I", data, at)
        at += 4
    first = b""
    for number in range(count):
        size = _SIZES.get(plain, -1)
        if plain in _LONG_TYPES:
            (size,) = struct.unpack_from("<I", data, at)
            at += 4
        if size < 0 or at + size > len(data):
            raise _Broken
        if number == 0:
            first = data[at : at + size]
        # Values without a length end the loop of a count that is a lie.
        if size == 0 and plain not in _LONG_TYPES:
            break
        at += _padded(size)
    return first, at


def _padded(size: int) -> int:
    return size + -size % 4


def _utf16(value: bytes) -> str:
    return text.storable(value.decode("utf-16-le", "replace").rstrip("\0"))


def _words(value: bytes, charset: str) -> str:
    return text.decoded(value.rstrip(b"\0"), charset)


def _as_words(value: str | bytes | None, charset: str) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else _words(value, charset)
