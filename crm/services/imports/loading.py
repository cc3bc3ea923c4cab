"""What both loaders share: staging by COPY, and one transaction for each slice."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from django.db import connection
from psycopg.sql import SQL, Composed

from crm.models import ImportRun
from crm.services.imports.slices import Notes, Slice
from crm.sql import staging

# How much text is handed to COPY in one call.
LINES_AT_ONCE = 2_000


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

    def begin(self) -> None:
        """Make the staging tables, which end with the transaction: a pooler may give
        the next one another session of the server."""
        for statement in self.staging:
            self.execute(statement)

    @abstractmethod
    def load(self, part: Slice) -> Loaded: ...

    def execute(self, statement: SQL | Composed) -> int:
        """Run one statement; the number of rows that it touched."""
        with connection.cursor() as cursor:
            cursor.execute(statement, self._parameters())
            return int(cursor.rowcount)

    def fetch(self, statement: SQL | Composed) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(statement, self._parameters())
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows

    def stage(self, part: Slice) -> None:
        for table, lines in part.staged.items():
            self.copy(table, lines)

    def copy(self, table: str, lines: Sequence[str]) -> None:
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
