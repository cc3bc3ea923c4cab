"""What both loaders share: staging by COPY, and one transaction for each slice."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper
from psycopg.sql import SQL, Composed

from crm.models import ImportRun
from crm.services.imports.slices import Notes, Slice
from crm.sql import import_runs, staging

# How much text is handed to COPY in one call.
LINES_AT_ONCE = 2_000
_NEXT = SQL(";\n")


@dataclass
class Loaded:
    """Rows of a slice by what they did to the database."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    notes: Notes = field(default_factory=Notes)
    # Lines of rows that the database refused, and why; they are in no count.
    refused: list[tuple[int, str]] = field(default_factory=list)
    # Number of a suspect, its lines, those below zero.
    met: list[tuple[int, int, int]] = field(default_factory=list)


class Loader(ABC):
    """Loads slices of one run: `begin`, then `load`, in the transaction of each."""

    staging: Sequence[SQL | Composed]
    # Table of the staging -> columns of its lines, where they are not all of them.
    columns: Mapping[str, Sequence[str]] = MappingProxyType({})

    def __init__(self, *, source: str, now: datetime) -> None:
        # Without a run nothing is written: that is the dry run.
        self.run: ImportRun | None = None
        self.now = now
        self.source = source

    def begin(self, *more: SQL | Composed) -> None:
        """Make the staging tables, which end with the transaction: a pooler may give
        the next one another session of the server. `more` is run after that."""
        self.execute(*import_runs.PREPARE_SLICE, *self.staging, *more)

    @abstractmethod
    def load(self, part: Slice) -> Loaded:
        """Write a slice, and say what became of its rows. In the caller's
        transaction."""

    def execute(self, *statements: SQL | Composed) -> int:
        """Run them one after the other; the number of rows that the last one touched.

        They travel together: whoever waits for the server gives the interpreter to the
        checks of the next slice, and gets it back 5 ms after the answer.
        """
        with connection.cursor() as cursor:
            self._run(cursor, statements)
            return int(cursor.rowcount)

    def fetch(self, *statements: SQL | Composed) -> list[tuple[Any, ...]]:
        """The rows of the last one; see `execute`."""
        with connection.cursor() as cursor:
            self._run(cursor, statements)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows

    def _run(self, cursor: CursorWrapper, statements: Sequence[SQL | Composed]) -> None:
        cursor.execute(_NEXT.join(statements), self._parameters())
        for _ in statements[1:]:
            cursor.nextset()

    def stage(self, part: Slice) -> None:
        """Copy the lines of a slice into the staging tables."""
        for table, lines in part.staged.items():
            self.copy(table, lines)

    def copy(self, table: str, lines: Sequence[str]) -> None:
        """Copy these lines into a staging table; none: nothing."""
        if not lines:
            return
        with (
            connection.cursor() as cursor,
            cursor.copy(self._copy_into(table)) as copy,
        ):
            for start in range(0, len(lines), LINES_AT_ONCE):
                copy.write("".join(lines[start : start + LINES_AT_ONCE]))

    def _copy_into(self, table: str) -> Composed:
        return staging.copy_into(table, self.columns.get(table, ()))

    def _parameters(self) -> Mapping[str, Any]:
        return {
            "source": self.source,
            "now": self.now,
            "run": self.run.pk if self.run else None,
        }
