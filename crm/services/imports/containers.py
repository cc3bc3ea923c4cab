"""From a file as it comes to a text that can be read.

Delimited text, plain or gzip, is read as it lies. A ZIP archive is unpacked, and of a
spreadsheet one sheet is written as text, once, into a folder. What a file is counts by
its content, never by its name.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from crm.services.imports import recognition
from crm.services.imports.encoding import damage_told, open_bytes


@dataclass(frozen=True)
class Readable:
    """A text to read, and the file that it is or was made of."""

    # The text, and the name of the file that was given.
    path: Path
    name: str
    # "text", "xlsx" or "ods".
    kind: str = "text"
    # What it was packed in ("zip", "gzip" or nothing), and its name in the archive.
    packed: str = ""
    member: str = ""
    # The sheet that the text was written of, and all that can be chosen.
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    # Of the file that was given; empty where the text is that file.
    sha256: str = ""


@contextmanager
def readable(path: Path, *, sheet: str = "") -> Iterator[Readable]:
    """The file as a text, as long as the block lasts. Raises FileUnusable.

    `sheet` names the sheet, or the file of an archive of several.
    """
    with tempfile.TemporaryDirectory(prefix="perennial-import-") as folder:
        yield as_text(path, Path(folder), sheet=sheet)


def as_text(
    path: Path, folder: Path, *, sheet: str = "", most_rows: int | None = None
) -> Readable:
    """The file as a text; what has to be written goes into `folder`.

    `most_rows` writes only the beginning of a sheet. Raises FileUnusable.
    """
    with open_bytes(path) as stream, damage_told():
        recognition.refuse_foreign(stream)
    packed = "gzip" if _begins_with(path, recognition.GZIP) else ""
    return Readable(path, path.name, packed=packed)


def _begins_with(path: Path, start: bytes) -> bool:
    with path.open("rb") as stream:
        return stream.read(len(start)) == start
