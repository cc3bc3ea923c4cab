"""A slice of customers into the customer table."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from psycopg.sql import SQL, Composed

from crm import signals
from crm.models import Customer
from crm.rules import names
from crm.rules.search import customer_search_text
from crm.services.imports.app_columns import AppColumns
from crm.services.imports.customers import STAGED
from crm.services.imports.loading import Loaded, Loader
from crm.services.imports.slices import Notes, Slice, escaped
from crm.sql import app_columns, shared_addresses
from crm.sql import customer_import as sql


class CustomerLoader(Loader):
    staging: Sequence[SQL | Composed] = sql.STAGING

    def __init__(
        self, *, source: str, now: datetime, apps: AppColumns, ground: str = ""
    ) -> None:
        super().__init__(source=source, now=now)
        self._apps = apps
        self._ground = ground
        if apps.groups:
            self.staging = (*sql.STAGING, *app_columns.tables(apps.fields))
        self.columns = {
            "import_customer": STAGED,
            "import_customer_name": sql.NAMED,
            app_columns.CELLS: apps.staged,
        }

    def load(self, part: Slice) -> Loaded:
        self.execute(sql.EMPTY)
        if self._apps.groups:
            self.execute(app_columns.EMPTY)
        self.stage(part)
        self.execute(sql.ANALYZE)
        self.execute(sql.AIM)
        self.execute(sql.ANALYZE_AIM)
        self.execute(sql.FIND_CHANGED)
        return self._count(part) if self.run is None else self._write(part)

    def _count(self, part: Slice) -> Loaded:
        """What `_write` would do."""
        notes = Notes()
        [(created,)] = self.fetch(sql.COUNT_NEW)
        changed = {pk for (pk,) in self.fetch(sql.CHANGED)}
        changed |= self._apply(notes)
        self.execute(shared_addresses.KEEP)
        self._note_shared(shared_addresses.FIND_DRY, notes)
        self._note_without_ground(notes)
        unchanged = part.accepted - created - len(changed)
        return Loaded(created, len(changed), unchanged, notes=notes)

    def _write(self, part: Slice) -> Loaded:
        notes = Notes()
        new = {pk for (pk,) in self.fetch(sql.INSERT)}
        changed = self._update()
        self.execute(sql.INSERT_TAGS)
        self.execute(sql.TAG)
        changed |= self._apply(notes) - new
        if new or changed:
            signals.customers_changed.send(
                sender=Customer,
                ids=[*new, *changed],
                fields=frozenset({"*"}),
                now=self.now,
            )
        self._note_shared(shared_addresses.FIND, notes)
        self._note_without_ground(notes)
        unchanged = part.accepted - len(new) - len(changed)
        return Loaded(len(new), len(changed), unchanged, notes=notes)

    def _parameters(self) -> Mapping[str, Any]:
        return {**super()._parameters(), "ground": self._ground}

    def _note_without_ground(self, notes: Notes) -> None:
        [(people,)] = self.fetch(sql.COUNT_WITHOUT_GROUND)
        if people:
            notes.add("no_ground", rows=people)

    def _apply(self, notes: Notes) -> set[int]:
        """What apps do with their own columns; the customers that it changed."""
        changed: set[int] = set()
        if self._apps.groups:
            self.execute(app_columns.fill(self._apps.fields))
            self.execute(app_columns.ANALYZE)
        for group in self._apps.groups:
            run_id = self.run.pk if self.run else None
            rows = self._apps.rows_of(group, run_id=run_id, notes=notes)
            changed.update(group.apply(rows))
        return changed

    def _note_shared(self, statement: Composed, notes: Notes) -> None:
        """Rows with an address that another record has: mail stops for both at once."""
        for row, other in self.fetch(statement):
            notes.add("address_shared", example=f"{row} and {other}")

    def _update(self) -> set[int]:
        found = self.fetch(sql.CHANGED_NAMES)
        if not found:
            return set()
        lines = [
            f"{pk}\t{escaped(greeting or names.greeting_name(given, family))}"
            f"\t{escaped(names.sort_name(given, family))}"
            f"\t{escaped(customer_search_text(*searchable, number))}\n"
            for pk, number, greeting, given, family, *searchable in found
        ]
        self.copy("import_customer_name", lines)
        return {pk for (pk,) in self.fetch(sql.UPDATE)}
