"""What a kind of import is made of: its columns, a check and a loader of its rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _
from psycopg.sql import Composed

from crm.import_columns import ImportContext, ImportKind
from crm.models import Business
from crm.rules import dates
from crm.services.imports import custom_columns
from crm.services.imports.app_columns import AppColumns
from crm.services.imports.columns import Fields
from crm.services.imports.custom_columns import CustomColumns
from crm.services.imports.hashed_ids import IdMap
from crm.services.imports.loading import Loader
from crm.services.imports.modes import refuse_modes_of_customers
from crm.services.imports.parts import Folder, Grouping, Parts
from crm.services.imports.reading import Columns
from crm.services.imports.running import Check, Options
from crm.services.imports.undo import UndoPart
from crm.sql import import_runs

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise


@dataclass(frozen=True)
class Given:
    """What a check needs besides the rows."""

    parts: Parts
    folder: Folder
    options: Options
    business: Business
    now: datetime

    @property
    def zone(self) -> ZoneInfo:
        """Of times that name none."""
        return dates.zone_of(self.options.time_zone, self.business.time_zone)

    @property
    def shop_zone(self) -> ZoneInfo:
        """The time zone of the shop, for cells without one."""
        return dates.zone_of(self.business.time_zone, "UTC")

    @cached_property
    def customer_columns(self) -> AppColumns:
        """Those of apps. One for the check and the loader of a step."""
        context = ImportContext(
            source=self.options.source,
            now=self.now,
            zone=self.zone,
            shop_zone=self.shop_zone,
            shop_country=self.business.country,
            options=self.options,
        )
        return AppColumns(ImportKind.CUSTOMERS, self.parts.positions, context)

    @cached_property
    def custom_columns(self) -> CustomColumns:
        """Those of the fields that staff made. One for the check and the loader."""
        return custom_columns.of_file(self.parts.positions)


@dataclass(frozen=True, kw_only=True)
class Default:
    """What people may say for rows whose own cell is empty. `choices`: value and what
    it is called, as they are when asked."""

    label: "str | StrPromise"
    choices: Callable[[], Sequence[tuple[str, str]]]


def _nothing(options: Options, now: datetime) -> None:
    """Nothing is done before the first row."""
    return None


def _no_groups(options: Options, columns: Columns) -> None:
    """Each row goes in by itself."""
    return None


@dataclass(frozen=True)
class Importer:
    """One kind of import.

    `groups`: which rows go in together. It looks at the columns of the file and raises
    FileUnusable where the options do not go with them. `begin` is called once, before
    the first row of a run that is no dry run. `refuse` raises FileUnusable for options
    that make no sense whatever the file is. `label` says what is in such a file,
    `labels` what its fields are, where nothing else names them. Rows of a kind that
    `can_be_undone` are noted while they go in; `undo` takes back what is not crm's.
    `signs`: a file that has all of these fields is taken for one of this kind.
    `defaults`: by field, what people may say for the whole file; `refuse` looks at it.
    `page`, `page_label`: where staff see what came in, and the words that lead there.
    """

    name: str
    label: "str | StrPromise"
    # A function: apps bring columns when they are ready.
    fields: Callable[[], Fields]
    check: Callable[[Given], Check]
    loader: Callable[[Given], Loader]
    groups: Callable[[Options, Columns], Grouping | None] = _no_groups
    refuse: Callable[[Options], None] = refuse_modes_of_customers
    begin: Callable[[Options, datetime], None] = _nothing
    labels: "Mapping[str, str | StrPromise]" = field(default_factory=dict)
    can_be_undone: bool = False
    undo: UndoPart | None = None
    signs: frozenset[str] = frozenset()
    defaults: Mapping[str, Default] = field(default_factory=dict)
    page: "str | StrPromise" = "/customers/"
    page_label: "str | StrPromise" = _("See the customers")


def ids_of(statement: Composed) -> IdMap:
    """Key -> id of the rows of a statement, which is copied out."""
    known = IdMap()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(import_runs.ANY_LENGTH)
        with cursor.copy(statement) as copy:
            copy.set_types(["text", "int8"])
            for key, pk in copy.rows():
                known[key] = pk
    return known
