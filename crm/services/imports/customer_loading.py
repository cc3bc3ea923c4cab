"""A slice of customers into the customer table."""

from types import MappingProxyType

from psycopg.sql import Composed

from crm import signals
from crm.models import Customer
from crm.rules import names
from crm.rules.search import customer_search_text
from crm.services.imports.customers import STAGED
from crm.services.imports.loading import Loaded, Loader
from crm.services.imports.slices import Notes, Slice, escaped
from crm.sql import customer_import as sql
from crm.sql import shared_addresses


class CustomerLoader(Loader):
    staging = sql.STAGING
    columns = MappingProxyType(
        {"import_customer": STAGED, "import_customer_name": sql.NAMED}
    )

    def load(self, part: Slice) -> Loaded:
        self.execute(sql.EMPTY)
        self.stage(part)
        self.execute(sql.ANALYZE)
        self.execute(sql.AIM)
        if self.run is None:
            [(created,)] = self.fetch(sql.COUNT_NEW)
            [(updated,)] = self.fetch(sql.COUNT_CHANGED)
            self.execute(shared_addresses.KEEP)
            shared = self._shared(shared_addresses.FIND_DRY)
            unchanged = part.accepted - created - updated
            return Loaded(created, updated, unchanged, notes=shared)
        new = [pk for (pk,) in self.fetch(sql.INSERT)]
        changed = self._update()
        self.execute(sql.INSERT_TAGS)
        self.execute(sql.TAG)
        if new or changed:
            signals.customers_changed.send(
                sender=Customer,
                ids=[*new, *changed],
                fields=frozenset({"*"}),
                now=self.now,
            )
        unchanged = part.accepted - len(new) - len(changed)
        shared = self._shared(shared_addresses.FIND)
        return Loaded(len(new), len(changed), unchanged, notes=shared)

    def _shared(self, statement: Composed) -> Notes:
        """Rows with an address that another record has: mail stops for both at once."""
        notes = Notes()
        for row, other in self.fetch(statement):
            notes.add("address_shared", example=f"{row} and {other}")
        return notes

    def _update(self) -> list[int]:
        found = self.fetch(sql.CHANGED_NAMES)
        if not found:
            return []
        lines = [
            f"{pk}\t{escaped(greeting or names.greeting_name(given, family))}"
            f"\t{escaped(names.sort_name(given, family))}"
            f"\t{escaped(customer_search_text(*searchable, number))}\n"
            for pk, number, greeting, given, family, *searchable in found
        ]
        self.copy("import_customer_name", lines)
        return [pk for (pk,) in self.fetch(sql.UPDATE)]
