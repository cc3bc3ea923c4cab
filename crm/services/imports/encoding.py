"""The bytes of a file: plain or gzip, their checksum, and how they spell text."""

import codecs
import gzip
import hashlib
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from crm.errors import FileUnusable
from crm.services.imports import encodings
from crm.services.imports.encodings import Judgement

CHUNK = 1024 * 1024
# What a file may become when it is unpacked.
MOST_UNPACKED = 2_000_000_000
# Cells that are looked at to tell an encoding; a few more for bytes not seen before.
MOST_CELLS = 300
MOST_RARE_CELLS = 150
SHOWN_CELLS = 3
_GZIP = b"\x1f\x8b"
_MULTIBYTE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
_HIGH = re.compile(rb"[\x80-\xff]")
# Cells with such bytes. A bar stays inside: it may be half of a Chinese character.
_HIGH_CELL = re.compile(rb'[^,;\t"\r\n]*[\x80-\xff][^,;\t"\r\n]*')
_CELL_MOST = 200
# An apostrophe before what a spreadsheet would run. Full-width signs are other bytes in
# each encoding, so any byte beyond ASCII counts.
_APOSTROPHE = re.compile(rb"'(?:[=+\-@\t\r\n\x80-\xff]|\Z)")
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    # Before UTF-16, whose mark is its beginning.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Codecs of Python that no file of a shop is in.
_NO_FILES = frozenset(
    "ascii idna punycode undefined utf-7 unicode-escape raw-unicode-escape".split()
)


@dataclass(frozen=True)
class Encoding:
    """How the bytes become text: a codec, the name that people know it by, and some
    cells as they read in it."""

    encoding: str
    sha256: str
    name: str
    samples: tuple[str, ...] = ()
    # Whether cells may have an apostrophe that only a spreadsheet needs.
    has_apostrophes: bool = True

    @property
    def errors(self) -> str:
        """Bytes that are not of the encoding become lone surrogates, which the checks
        of each cell refuse: one bad row does not spoil the file."""
        is_wide = self.encoding.startswith(("utf-16", "utf-32"))
        return "surrogatepass" if is_wide else "surrogateescape"


def encoding_of_sheet() -> Encoding:
    """That of a sheet that we wrote as text: its cells are as they were, apostrophes
    included."""
    return Encoding("utf-8", sha256="", name="utf-8", has_apostrophes=False)


def open_bytes(path: Path) -> io.BufferedIOBase:
    """The bytes of the file, unpacked where it is gzip."""
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


def detect_encoding(path: Path, encoding: str = "") -> Encoding:
    """Read all bytes once; raise FileUnusable where no text can come of them.

    `encoding` is what the operator says; without it, what the bytes tell counts.
    """
    named = _codec(encoding) if encoding else ""
    digest = hashlib.sha256()
    counts = _ByteCounts()
    head, has_apostrophes = b"", False
    for chunk in _chunks(path):
        head = head or chunk[:4096]
        digest.update(chunk)
        counts.add(chunk)
        has_apostrophes = has_apostrophes or bool(_APOSTROPHE.search(chunk))
    if not head:
        raise FileUnusable("The file is empty.")
    codec, name = _decided(head, counts, named, encoding)
    if codec.startswith(("utf-16", "utf-32")):
        samples, has_apostrophes = _wide_samples(head, codec), True
    else:
        samples = shown([cell.decode(codec, "replace") for cell in counts.cells])
    return Encoding(codec, digest.hexdigest(), name, samples, has_apostrophes)


class _ByteCounts:
    """Counts what is, and what is not, UTF-8, and keeps cells beyond ASCII."""

    def __init__(self) -> None:
        self.is_utf8 = True
        self.sequences = 0
        self.stray = 0
        self.cells: dict[bytes, None] = {}
        self._rare = 0
        self._seen: set[int] = set()
        self._decoder = codecs.getincrementaldecoder("utf-8")()

    def add(self, chunk: bytes) -> None:
        if chunk.isascii():
            return
        if self.is_utf8:
            try:
                text = self._decoder.decode(chunk)
            except UnicodeDecodeError:
                self.is_utf8 = False
            else:
                self.sequences += len(chunk) - len(text)
                if len(self.cells) < SHOWN_CELLS:
                    self._keep(chunk[:65_536])
                return
        rest, sequences = _MULTIBYTE.subn(b"", chunk)
        self.sequences += sequences
        self.stray += len(_HIGH.findall(rest))
        self._keep(chunk)

    def _keep(self, chunk: bytes) -> None:
        """The first cells, and later those with bytes that none had before."""
        if self._rare >= MOST_RARE_CELLS:
            return
        for found in _HIGH_CELL.finditer(chunk):
            cell = found[0][:_CELL_MOST].strip()
            if len(self.cells) >= MOST_CELLS:
                if self._seen.issuperset(cell):
                    continue
                self._rare += 1
            self._seen.update(cell)
            self.cells[cell] = None


def _decided(
    head: bytes, counts: _ByteCounts, named: str, encoding: str
) -> tuple[str, str]:
    """Codec and name: by the mark, by the operator, by the bytes."""
    for mark, codec in _BYTE_ORDER_MARKS:
        if head.startswith(mark):
            name = codec.removesuffix("-sig")
            if named and not named.startswith(name):
                raise FileUnusable(
                    f"The file begins with the mark of {name}: it is not {encoding}."
                )
            return codec, name
    if named:
        return named, encoding.lower()
    if (unmarked := _unmarked(head)) is not None:
        return unmarked, unmarked
    if counts.is_utf8:
        return "utf-8", "utf-8"
    # A UTF-8 file that somebody pasted a few bytes into has many valid sequences; in
    # other encodings they come up by chance.
    if counts.sequences > 4 * counts.stray:
        return "utf-8", "utf-8"
    judgement = encodings.judge(list(counts.cells))
    if not judgement.is_sure:
        raise FileUnusable(_unsure(judgement))
    found = judgement.readings[0].encoding
    return found.codec, found.name


def _unmarked(head: bytes) -> str | None:
    """UTF-16 and UTF-32 without a mark: the zeros of ASCII stand on one side."""
    if b"\0" not in head:
        return None
    quads = [head[at::4].count(0) / max(len(head[at::4]), 1) for at in range(4)]
    if quads[3] == 1.0 and quads[2] > 0.9 > quads[0]:
        return "utf-32-le"
    if quads[0] == 1.0 and quads[1] > 0.9 > quads[3]:
        return "utf-32-be"
    even, odd = head[0::2].count(0), head[1::2].count(0)
    for codec, many, few in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if many > 20 * few and many * 20 > len(head):
            return codec
    return None


def _codec(encoding: str) -> str:
    """The codec that an operator names; only such as hold tables of text."""
    name = encoding.strip().lower().replace("_", "-").replace(" ", "-")
    codec = encodings.CODECS.get(name, name)
    try:
        found = codecs.lookup(codec)
        is_wide = codec.startswith(("utf-16", "utf-32"))
        is_text = is_wide or b"a;1\n".decode(codec) == "a;1\n"
    except (LookupError, ValueError, UnicodeError):
        is_text = False
    if not is_text or found.name.replace("_", "-") in _NO_FILES:
        known = ", ".join(sorted(encodings.CODECS))
        raise FileUnusable(f"Unknown encoding {encoding!r}. Known: {known}.")
    return found.name


def _unsure(judgement: Judgement) -> str:
    """What people need to decide: the same cells in the two likeliest readings."""
    if not judgement.readings:
        return (
            "The text of the file is in no encoding that is known here. Save it as "
            "UTF-8, or name its encoding with --encoding."
        )
    best, *others = judgement.readings[:2]
    told = [
        f"{one.encoding.name} ({', '.join(cells)})"
        for one, cells in zip(
            (best, *others),
            _side_by_side([best.cells, *(o.cells for o in others)]),
            strict=True,
        )
    ]
    return (
        "The text of the file is no UTF-8, and too little tells in which encoding it "
        f"is. It may be {' or '.join(told)}. Say which it is, such as "
        f"--encoding {best.encoding.name}, or save the file as UTF-8."
    )


def _side_by_side(readings: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    """A few cells in every reading, those first that differ."""
    rows = sorted(zip(*readings, strict=True), key=lambda row: len({*row}) == 1)
    return [
        tuple(cell.strip()[:40] for cell in column)
        for column in zip(*rows[:SHOWN_CELLS], strict=True)
    ]


def shown(cells: Sequence[str]) -> tuple[str, ...]:
    """The first few cells with letters of their own, as people are to see them."""
    clean = (" ".join(cell.split())[:40] for cell in cells)
    found = dict.fromkeys(
        cell for cell in clean if cell.isprintable() and not cell.isascii()
    )
    return tuple(found)[:SHOWN_CELLS]


def _wide_samples(head: bytes, codec: str) -> tuple[str, ...]:
    text = head.decode(codec, "ignore")
    return shown(
        re.findall(r'[^,;\t"\r\n|\ufeff]*[^\x00-\x7f\ufeff][^,;\t"\r\n|]*', text)
    )


def refuse_bomb(unpacked: int) -> None:
    """Raise FileUnusable where so many bytes were unpacked that no honest file has
    them."""
    if unpacked > MOST_UNPACKED:
        raise FileUnusable(
            f"Unpacked, this is more than {MOST_UNPACKED // 10**9} GB. Nothing was "
            "brought in. Save a workbook as CSV, which takes a fraction of that; cut "
            "a CSV file into several."
        )


def _chunks(path: Path) -> Iterator[bytes]:
    """All bytes in pieces; a megabyte without a line end is no table."""
    with open_bytes(path) as stream, damage_told():
        unpacked = 0 if isinstance(stream, gzip.GzipFile) else None
        while chunk := stream.read(CHUNK):
            if unpacked is not None:
                unpacked += len(chunk)
                refuse_bomb(unpacked)
            if len(chunk) == CHUNK and b"\n" not in chunk and b"\r" not in chunk:
                raise FileUnusable("A line is longer than a megabyte.")
            yield chunk


@contextmanager
def damage_told() -> Iterator[None]:
    """What cannot be unpacked is one clear line."""
    try:
        yield
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile) as error:
        raise FileUnusable(f"The file is damaged: {error}.") from None
