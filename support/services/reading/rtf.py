"""The body of a mail as Outlook keeps it: RTF, packed by a method of its own."""

import re
from collections.abc import Iterator

from support.services.reading import text

# With what the dictionary of the packer begins ([MS-OXRTFCP] 3.1.1).
_BEGINNING = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern "
    rb"\fscript \fdecor MS Sans SerifSymbolArialTimes New RomanCourier"
    rb"{\colortbl\red0\green0\blue0"
    + b"\r\n"
    + rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
_RING = 4096
# A byte becomes eight at most, and reading this much takes seconds.
MOST_BYTES = 2_000_000
_MOST_GROUPS = 10_000
_TOKEN = re.compile(
    rb"\\'([0-9a-fA-F]{2})|\\([a-z]{1,32})(-?\d{1,6})? ?|\\([^a-z'])|([{}])|[\r\n]+"
    rb"|([^\\{}\r\n]+)|\\"
)
# Groups that hold no words of the letter.
_ASIDE = frozenset(
    {b"colortbl", b"stylesheet", b"info", b"pict", b"object", b"themedata"}
)
_WORDS = {
    **dict.fromkeys((b"par", b"line", b"sect", b"page", b"row"), "\n"),
    **{b"tab": "\t", b"cell": "\t", b"emdash": "—", b"endash": "–", b"bullet": "•"},
    **{b"lquote": "‘", b"rquote": "’", b"ldblquote": "“", b"rdblquote": "”"},
}  # fmt: skip
_SIGNS = {b"~": "\xa0", b"_": "-", b"\n": "\n", b"\r": "\n"}
# What fonts call charsets (\fcharset).
_CHARSETS = {
    128: "cp932", 129: "cp949", 134: "gb18030", 136: "big5hkscs", 161: "cp1253",
    162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257",
    204: "cp1251", 222: "cp874", 238: "cp1250",
}  # fmt: skip


def unpacked(packed: bytes) -> bytes:
    """The RTF, MOST_BYTES at most; b"" where it is not packed as it should be."""
    if len(packed) < 16:
        return b""
    method = packed[8:12]
    if method == b"MELA":
        return packed[16:][:MOST_BYTES]
    return _lzfu(packed[16:]) if method == b"LZFu" else b""


def _lzfu(packed: bytes) -> bytes:
    ring = bytearray(_BEGINNING.ljust(_RING, b"\0"))
    at, found = len(_BEGINNING), bytearray()
    for start, size, literal in _steps(packed):
        is_end = size > 0 and start == at
        if is_end or len(found) >= MOST_BYTES:
            break
        for step in range(size or 1):
            # What is copied may be what this very copy has written.
            byte = ring[(start + step) % _RING] if size else literal
            ring[at] = byte
            at = (at + 1) % _RING
            found.append(byte)
    return bytes(found[:MOST_BYTES])


def _steps(packed: bytes) -> Iterator[tuple[int, int, int]]:
    """Where to copy from and how much; with 0 to copy, the byte to add."""
    place = 0
    while place < len(packed):
        flags, place = packed[place], place + 1
        for bit in range(8):
            is_copy = flags >> bit & 1
            if place + is_copy >= len(packed):
                return
            if is_copy:
                reference = packed[place] << 8 | packed[place + 1]
                yield reference >> 4, (reference & 15) + 2, 0
            else:
                yield 0, 0, packed[place]
            place += 1 + is_copy


def as_text(rtf: bytes) -> str:
    """Its words, a line for each paragraph."""
    reader = _Reader()
    for token in _TOKEN.finditer(rtf):
        reader.take(token)
    return text.storable(reader.finished()).strip("\n")


class _Reader:
    def __init__(self) -> None:
        self._parts: list[str] = []
        # Bytes of a charset that may need several for a letter.
        self._bytes = bytearray()
        # For each group: whether it is aside, and the charset of its font.
        self._groups: list[tuple[bool, str]] = []
        self._aside, self._charset, self._default = False, "", "cp1252"
        self._fonts: dict[int, str] = {}
        self._in_fonts, self._font = 0, 0
        # Letters that stand for those who do not know \u, and how many are left.
        self._instead, self._skip = 1, 0

    def take(self, token: re.Match[bytes]) -> None:
        code, word, number, sign, brace, plain = token.groups()
        if brace:
            self._group(brace)
        elif word:
            self._word(word, int(number) if number else None)
        elif code:
            self._add_bytes(bytes.fromhex(code.decode()))
        elif sign == b"*":
            self._aside = True
        elif sign in (b"\\", b"{", b"}"):
            self._add_bytes(sign)
        elif sign:
            self._add(_SIGNS.get(sign, ""))
        elif plain:
            self._add_bytes(plain)

    def finished(self) -> str:
        self._flush()
        # What lies beyond 16 bits is written as two of them.
        units = "".join(self._parts).encode("utf-16-le", "surrogatepass")
        return units.decode("utf-16-le", "replace")

    def _group(self, brace: bytes) -> None:
        self._flush()
        self._skip = 0
        if brace == b"{" and len(self._groups) < _MOST_GROUPS:
            self._groups.append((self._aside, self._charset))
        elif brace == b"}" and self._groups:
            self._aside, self._charset = self._groups.pop()
            if len(self._groups) < self._in_fonts:
                self._in_fonts = 0

    def _word(self, word: bytes, number: int | None) -> None:
        if word == b"u" and number is not None:
            self._add(chr(number % 0x10000))
            self._skip = self._instead
        elif word == b"uc":
            self._instead = min(number or 0, 8)
        elif word == b"ansicpg":
            self._default = f"cp{number}"
        elif word == b"fonttbl":
            self._aside, self._in_fonts = True, len(self._groups)
        elif word == b"f":
            self._choose(number or 0)
        elif word == b"fcharset" and self._in_fonts:
            self._fonts[self._font] = _CHARSETS.get(number or 0, "")
        elif word in _ASIDE:
            self._aside = True
        else:
            self._add(_WORDS.get(word, ""))

    def _choose(self, font: int) -> None:
        self._flush()
        self._font = font
        if not self._in_fonts:
            self._charset = self._fonts.get(font, "")

    def _add(self, words: str) -> None:
        self._flush()
        if not self._aside:
            self._parts.append(words)

    def _add_bytes(self, more: bytes) -> None:
        left, self._skip = more[self._skip :], max(0, self._skip - len(more))
        if not self._aside:
            self._bytes += left

    def _flush(self) -> None:
        if self._bytes:
            charset = self._charset or self._default
            self._parts.append(text.decoded(bytes(self._bytes), charset))
            self._bytes.clear()
