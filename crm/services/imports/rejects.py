"""The refused rows as a file that a person can open, mend and import again."""

import csv
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import TextIO

from crm.errors import FileUnusable
from crm.services.imports.reading import Row
from crm.services.imports.reasons import in_words
from crm.services.imports.slices import Refusal

_NUMBER = re.compile(r"[+-]?[0-9.,]+")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class Rejects:
    """Writes line, reason, why and the row as it was; nothing without a path."""

    def __init__(self, path: Path | None, header: Row) -> None:
        self._path = path
        self._header = header
        self._file: TextIO | None = None
        self._words: dict[str, str] = {}

    def __enter__(self) -> "Rejects":
        if self._path is not None:
            try:
                self._file = self._path.open("w", encoding="utf-8", newline="")
            except OSError as error:
                raise FileUnusable(
                    f"{self._path} cannot be written: {error.strerror}."
                ) from None
            self._write([["line", "reason", "why", *self._header]])
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, refusals: Sequence[Refusal]) -> None:
        if self._file is None:
            return
        for refused in refusals:
            if refused.code not in self._words:
                self._words[refused.code] = in_words(refused.code)
        self._write(
            [str(refused.line), refused.code, self._words[refused.code], *refused.row]
            for refused in refusals
        )

    def _write(self, rows: Iterable[Row]) -> None:
        if self._file is not None:
            csv.writer(self._file).writerows([*map(_safe, row)] for row in rows)
            self._file.flush()


def _safe(cell: str) -> str:
    """No spreadsheet may run what a stranger typed: a leading quote makes it text."""
    if not cell.isprintable():
        cell = _UNPRINTABLE.sub(lambda found: f"\\x{ord(found[0]) & 0xFF:02x}", cell)
    if cell[:1] in ("=", "+", "-", "@", "\t", "\r", "\uff1d") and not _NUMBER.fullmatch(
        cell
    ):
        return f"'{cell}"
    return cell
