"""A slice of customers into the customer table."""

from crm import signals
from crm.models import Customer
from crm.rules import names
from crm.rules.search import customer_search_text
from crm.services.imports.loading import Loaded, Loader
from crm.services.imports.slices import Slice, escaped
from crm.sql import customer_import as sql


class CustomerLoader(Loader):
    staging = sql.STAGING

    def load(self, part: Slice) -> Loaded:
        self.execute(sql.EMPTY)
        self.stage(part)
        self.execute(sql.ANALYZE)
        self.execute(sql.AIM)
        if self.run is None:
            [(created,)] = self.fetch(sql.COUNT_NEW)
            [(updated,)] = self.fetch(sql.COUNT_CHANGED)
            return Loaded(created, updated, part.accepted - created - updated)
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
        return Loaded(len(new), len(changed), part.accepted - len(new) - len(changed))

    def _update(self) -> list[int]:
        found = self.fetch(sql.CHANGED_NAMES)
        if not found:
            return []
        lines = [
            f"{pk}\t{escaped(greeting or names.greeting_name(given, family))}"
            f"\t{escaped(names.sort_name(given, family))}"
            f"\t{escaped(customer_search_text(given, family, company, number))}\n"
            for pk, given, family, company, number, greeting in found
        ]
        self.copy("import_customer_name", lines)
        return [pk for (pk,) in self.fetch(sql.UPDATE)]
