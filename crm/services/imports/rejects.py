"""The refused rows as a file that a person can open, mend and import again."""

import contextlib
import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import TextIO

from crm.errors import FileUnusable
from crm.services.imports.reading import Row
from crm.services.imports.reasons import in_words
from crm.services.imports.slices import Refusal
from web.rules.spreadsheets import harmless

# Before the cells of the file: no column of an import has such a name.
COLUMNS = ("line", "reason", "why")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class Rejects:
    """Writes line, reason, why and the row as it was; nothing without a path."""

    def __init__(self, path: Path | None, header: Row) -> None:
        self._path = path
        self._draft = _draft_of(path) if path else Path()
        self._is_torn = False
        self._header = header
        self._file: TextIO | None = None
        self._words: dict[str, str] = {}

    def __enter__(self) -> "Rejects":
        if self._path is not None:
            with self._told():
                self._file = self._draft.open("w", encoding="utf-8", newline="")
                self._write([[*COLUMNS, *self._header]])
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """A file that could not be written to its end never gets its name."""
        if self._file is None or self._path is None:
            return
        with contextlib.suppress(OSError):
            self._file.close()
        if self._draft == self._path:
            return
        if self._is_torn:
            self._draft.unlink(missing_ok=True)
        else:
            self._draft.replace(self._path)

    def add(self, refusals: Sequence[Refusal]) -> None:
        """Write these rows with their reasons; nothing where there is no file."""
        if self._file is None:
            return
        with self._told():
            self._write(
                [str(one.line), one.code, self._why(one.code, one.cell), *one.row]
                for one in refusals
            )

    def _why(self, code: str, cell: str) -> str:
        if cell:
            return in_words(code, cell)
        if code not in self._words:
            self._words[code] = in_words(code)
        return self._words[code]

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """What the disk refuses is one clear line. Rows that are in stay in."""
        try:
            yield
        except OSError as error:
            self._is_torn = True
            raise FileUnusable(
                f"{self._path} cannot be written: {error.strerror}. What was loaded "
                "until then stands: import the file again, with room for the rejects."
            ) from None

    def _write(self, rows: Iterable[Row]) -> None:
        if self._file is not None:
            csv.writer(self._file).writerows([*map(safe, row)] for row in rows)
            self._file.flush()


def _draft_of(path: Path) -> Path:
    """Beside it, and only for files: a pipe or /dev/stdout is written as it is."""
    if path.exists() and not path.is_file():
        return path
    return path.with_name(f"{path.name}.part")


def safe(cell: str) -> str:
    """No spreadsheet may run what somebody else typed: a leading quote makes it
    text."""
    return harmless(printable(cell))


def printable(cell: str) -> str:
    """Return the cell with an escape such as `\\x07` for what cannot be printed."""
    if cell.isprintable():
        return cell
    return _UNPRINTABLE.sub(lambda found: f"\\x{ord(found[0]) & 0xFF:02x}", cell)
