"""A slice of customers into the customer table."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from psycopg.sql import SQL, Composed

from crm import signals
from crm.models import Customer
from crm.rules import names
from crm.rules.import_modes import Write
from crm.rules.search import customer_search_text
from crm.services import custom_fields
from crm.services.imports.app_columns import AppColumns
from crm.services.imports.custom_columns import CustomColumns
from crm.services.imports.customers import STAGED
from crm.services.imports.loading import Loaded, Loader
from crm.services.imports.modes import Modes
from crm.services.imports.slices import Notes, Slice, escaped
from crm.sql import app_columns, shared_addresses
from crm.sql import customer_aim as aim
from crm.sql import customer_changes as changes
from crm.sql import customer_import as sql

# Finds what changes by the statement, and returns the ids of the customers.
Take = Callable[[Composed], set[int]]


class CustomerLoader(Loader):
    """Writes slices of rows of customers."""

    staging: Sequence[SQL | Composed] = sql.STAGING

    def __init__(
        self,
        *,
        source: str,
        now: datetime,
        apps: AppColumns,
        modes: Modes,
        custom: CustomColumns,
        ground: str = "",
    ) -> None:
        super().__init__(source=source, now=now)
        self._apps = apps
        self._modes = modes
        self._ground = ground
        self._custom = custom
        # Whether the pass is that of rows that may overwrite.
        self._own = True
        if apps.groups:
            self.staging = (*sql.STAGING, *app_columns.tables(apps.fields))
        self.columns = {
            "import_customer": STAGED,
            "import_customer_name": sql.NAMED,
            app_columns.CELLS: apps.staged,
        }

    def load(self, part: Slice) -> Loaded:
        apps = [app_columns.EMPTY] if self._apps.groups else []
        self.execute(sql.EMPTY, *apps)
        self.stage(part)
        refused = self._aim()
        accepted = part.accepted - len(refused)
        loaded = self._count(accepted) if self.run is None else self._write(accepted)
        loaded.refused = refused
        return loaded

    def _aim(self) -> list[tuple[int, str]]:
        """Find the record of each row; the lines that the database refuses, and why."""
        by_address = self._modes.by_address
        found = aim.BY_ID_OR_ADDRESS if by_address else (aim.BY_ID,)
        self.execute(sql.ANALYZE, *found, aim.ANALYZE)
        if not self._modes.refuses_late:
            return []
        refused = self.fetch(aim.REFUSED)
        tables = ["import_customer", "import_customer_aim"]
        if self._apps.groups:
            tables.append(app_columns.CELLS)
        if refused:
            self.execute(*aim.drop(tables, [line for line, _ in refused]))
        return [(line, code) for line, code in refused]

    def _count(self, accepted: int) -> Loaded:
        """What `_write` would do."""
        notes = self._noted()
        [(created,)] = self.fetch(sql.COUNT_NEW)
        changed = self._passes(
            lambda find: {pk for (pk,) in self.fetch(find, sql.CHANGED)}
        )
        changed |= self._apply(notes)
        self.execute(shared_addresses.KEEP)
        self._note_shared(shared_addresses.FIND_DRY, notes)
        self._note_without_ground(notes)
        unchanged = accepted - created - len(changed)
        return Loaded(created, len(changed), unchanged, notes=notes)

    def _write(self, accepted: int) -> Loaded:
        notes = self._noted()
        if self._custom.unknown:
            custom_fields.make_of_columns(self._custom.unknown, now=self.now)
        new = {pk for (pk,) in self.fetch(sql.INSERT)}
        if self._modes.by_address:
            self.execute(sql.INSERT_POINTERS)
        changed = self._passes(self._update)
        untag = [sql.UNTAG] if self._modes.erase_empty else []
        self.execute(*untag, sql.INSERT_TAGS, sql.TAG)
        changed = (changed | self._apply(notes)) - new
        if new or changed:
            signals.customers_changed.send(
                sender=Customer,
                ids=[*new, *changed],
                fields=frozenset({"*"}),
                now=self.now,
            )
        self._note_shared(shared_addresses.FIND, notes)
        self._note_without_ground(notes)
        unchanged = accepted - len(new) - len(changed)
        return Loaded(len(new), len(changed), unchanged, notes=notes)

    def _note_without_ground(self, notes: Notes) -> None:
        [(people,)] = self.fetch(sql.COUNT_WITHOUT_GROUND)
        if people:
            notes.add("no_ground", rows=people)

    def _passes(self, take: Take) -> set[int]:
        """`take` what own rows change, and then what others still fill: so it does not
        matter which rows of a person stand in one slice."""
        [(has_filling,)] = self.fetch(aim.HAS_FILLING)
        if has_filling or self._modes.by_address:
            self.execute(changes.FOLD)
        changed = self._pass(take, own=True)
        if has_filling:
            self.execute(sql.EMPTY_TARGET)
            changed |= self._pass(take, own=False)
        return changed

    def _pass(self, take: Take, *, own: bool) -> set[int]:
        self._own = own
        erases = self._modes.erase_empty
        return take(changes.FIND_CHANGED_OR_EMPTY if erases else changes.FIND_CHANGED)

    def _noted(self) -> Notes:
        """How rows were found, where that is not by their ids alone."""
        notes = Notes()
        if self._modes.by_address or self._modes.write is Write.CREATE:
            for code, example in self.fetch(aim.NOTED):
                notes.add(code, example=example)
        return notes

    def _apply(self, notes: Notes) -> set[int]:
        """What apps do with their own columns; the customers that it changed."""
        changed: set[int] = set()
        if self._apps.groups:
            self.execute(app_columns.fill(self._apps.fields), app_columns.ANALYZE)
        for group in self._apps.groups:
            run_id = self.run.pk if self.run else None
            rows = self._apps.rows_of(group, run_id=run_id, notes=notes)
            changed.update(group.apply(rows))
        return changed

    def _note_shared(self, statement: Composed, notes: Notes) -> None:
        """Rows with an address that another record has: mail stops for both at once."""
        for row, other in self.fetch(statement):
            notes.add("address_shared", example=f"{row} and {other}")

    def _update(self, find: Composed) -> set[int]:
        found = self.fetch(find, sql.changed_names(self._custom.searched))
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

    def _parameters(self) -> Mapping[str, Any]:
        write = self._modes.write
        return {
            **super()._parameters(),
            "ground": self._ground,
            "own": self._own,
            "overwrites": self._modes.overwrites,
            "leaves_known": write is Write.CREATE,
            "makes_none": write is Write.UPDATE,
            "has_no_ids": not self._modes.has_ids,
        }
