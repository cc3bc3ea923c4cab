"""Columns that an import takes besides crm's own, from any app.

An app declares them in `<app>/import_fields.py` and registers them there:
`register(ImportGroup(...))`. Autodiscovered when Django starts. Their cells are checked
with the row and applied in the transaction of the slice, set-based, once its customers
(or orders) are in. crm's own facts are those of `crm/customer_facts.py`.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, LiteralString, Protocol
from zoneinfo import ZoneInfo

from django.db import connection
from psycopg.sql import SQL, Composed, Identifier

from crm.customer_facts import FACTS

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

    from crm.services.imports.options import Options

__all__ = [
    "ImportContext",
    "ImportField",
    "ImportGroup",
    "ImportKind",
    "Notes",
    "StagedRows",
    "all_groups",
    "register",
]

Reader = Callable[[str], str]
# Columns of the table that `apply` gets, besides those of the fields.
ROW_COLUMNS = ("no", "external_id", "customer_id", "is_new", "is_left")


class ImportKind(StrEnum):
    """Kinds of file to which other apps add columns."""

    CUSTOMERS = "customers"


@dataclass(frozen=True, kw_only=True)
class ImportContext:
    """One run of an import. `zone`: of times that name none; `shop_zone`: of days;
    `shop_country`: of telephone numbers without a calling code."""

    source: str
    now: datetime
    zone: ZoneInfo
    shop_zone: ZoneInfo
    shop_country: str
    options: "Options"


@dataclass(frozen=True, kw_only=True)
class ImportField:
    """One column of a file.

    `reader` is asked once for a run. What it returns gives a cell that is not empty the
    form in which PostgreSQL reads its `sql_type`, "" where it says nothing after all;
    it raises InvalidValue with a code where the cell cannot be read. `synonyms` are
    what other programs call the column, in the languages of the pages. `shown`: what
    people read of its values where they look at the first rows; empty: as the cell.
    """

    name: str
    label: "str | StrPromise"
    reader: Callable[[ImportContext], Reader]
    sql_type: LiteralString = "text"
    synonyms: Collection[str] = ()
    shown: "Mapping[str, str | StrPromise]" = field(default_factory=dict)


class Notes(Protocol):
    """What people should know of rows that went in: a code, rows, an example."""

    def add(self, code: str, *, rows: int = 1, example: str = "") -> None: ...


@dataclass(frozen=True, kw_only=True)
class StagedRows:
    """The accepted rows of one slice, as `apply` gets them.

    `table`: a temporary table with a row for each row of the file, in the order of
    `no`. Its columns are those of ROW_COLUMNS and one for each field of the group, NULL
    where the row says nothing. `customer_id` is the live record, which several rows may
    have in common; `is_new`: this slice makes it; `is_left`: the run leaves it as it
    is, because it was known before. In a dry run `run_id` and the `customer_id` of what
    is new are NULL, and nothing may be written.
    """

    table: Identifier
    # Those of the group's fields that the file has.
    fields: frozenset[str]
    context: ImportContext
    run_id: int | None
    notes: Notes

    @property
    def is_dry(self) -> bool:
        return self.run_id is None

    def fetch(
        self, statement: SQL | Composed, values: Mapping[str, Any] | None = None
    ) -> list[tuple[Any, ...]]:
        """The rows that a statement returns. It knows %(source)s, %(now)s, %(run)s."""
        known = {
            "source": self.context.source,
            "now": self.context.now,
            "run": self.run_id,
            **(values or {}),
        }
        with connection.cursor() as cursor:
            cursor.execute(statement, known)
            return list(cursor.fetchall()) if cursor.description else []


def _never(context: ImportContext) -> bool:
    return False


@dataclass(frozen=True, kw_only=True)
class ImportGroup:
    """Columns of one app that are applied together.

    `apply` writes what they say, in a few statements whatever the number of rows, and
    returns the ids of the customers for whom that changed something; they count as
    updated and are told to `customers_changed`. It runs where the file has one of the
    columns, and where `is_wanted` says so without. `words` are those of its notes, and
    of the reasons of its readers: "<field>_<code>", or "<field>" for the column itself,
    where the code is one of crm's own (missing, date_invalid).
    """

    name: str
    fields: Sequence[ImportField]
    apply: Callable[[StagedRows], Collection[int]]
    kind: ImportKind = ImportKind.CUSTOMERS
    is_wanted: Callable[[ImportContext], bool] = _never
    words: "Mapping[str, str | StrPromise]" = field(default_factory=dict)


_OWN = {*ROW_COLUMNS, "name", *(fact.import_column for fact in FACTS)}
_groups: dict[str, ImportGroup] = {}


def register(*groups: ImportGroup) -> None:
    """Add groups of columns. Raises ValueError for a name that is taken."""
    for group in groups:
        taken = {each.name for other in all_groups(group.kind) for each in other.fields}
        for name in (each.name for each in group.fields):
            if name in taken | _OWN:
                raise ValueError(f"The column {name!r} is declared twice.")
        if group.name in _groups:
            raise ValueError(f"The columns {group.name!r} are declared twice.")
        _groups[group.name] = group


def all_groups(kind: ImportKind) -> Sequence[ImportGroup]:
    """In the order in which they were registered."""
    return [group for group in _groups.values() if group.kind is kind]


def all_words() -> "Mapping[str, str | StrPromise]":
    """Words of notes and reasons -> what they say."""
    return {
        code: words for group in _groups.values() for code, words in group.words.items()
    }
