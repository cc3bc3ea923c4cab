"""A slice of orders into the tables: new ones in, changed ones replaced."""

from collections.abc import Sequence
from datetime import datetime

from psycopg.sql import SQL, Composed

from crm import signals
from crm.models import Customer, Order
from crm.services import erased_ids
from crm.services.imports.loading import Loaded, Loader
from crm.services.imports.slices import Notes, Slice
from crm.sql import order_days
from crm.sql import order_import as sql


class OrderLoader(Loader):
    """Writes slices of rows of orders."""

    staging = sql.STAGING

    def __init__(self, *, source: str, now: datetime) -> None:
        super().__init__(source=source, now=now)
        # The number of a product in the file -> its row, for the whole run.
        self._products: dict[int, int] = {}

    def load(self, part: Slice) -> Loaded:
        self.execute(sql.EMPTY)
        self.stage(part)
        new_customers = self._bring_along(part)
        [(created, changed, unchanged)] = self.fetch(
            sql.AIM, sql.ANALYZE_TARGET, sql.FIND_CHANGED_LINES, sql.COUNT
        )
        [(added,)] = self.fetch(sql.COUNT_ADDED_LINES) if changed else [(0,)]
        loaded = Loaded(created + added, changed - added, unchanged)
        if part.suspects:
            loaded.met = self.fetch(sql.lines_of([*part.suspects]))
        if changed:
            self._note_removed(loaded.notes)
        if self.run is not None:
            if created:
                self.execute(sql.INSERT_ORDERS, sql.INSERT_LINES)
            if changed:
                self._replace(has_fewer=bool(loaded.notes))
            self._announce(new_customers, has_old_orders=bool(changed))
        return loaded

    def _note_removed(self, notes: Notes) -> None:
        """Lines that the file's orders no longer have: reported, in a dry run as
        well."""
        for order_id, lines in self.fetch(sql.REMOVED_LINES):
            notes.add("lines_removed", rows=lines, example=order_id)

    def _bring_along(self, part: Slice) -> list[int]:
        """Customers and products that the orders need; the ids of the customers."""
        created = []
        first: list[SQL | Composed] = [sql.ANALYZE]
        if self.run is not None:
            if part.staged["import_customer_ref"]:
                created = [pk for (pk,) in self.fetch(sql.INSERT_CUSTOMERS)]
            if part.returned:
                erased_ids.welcome_back(self.source, part.returned)
            if part.staged["import_product"]:
                first += [sql.INSERT_PRODUCTS, sql.UPDATE_PRODUCTS]
        if part.has_references:
            first.append(sql.RESOLVE_CUSTOMERS)
        self._number_products(first)
        return created

    def _number_products(self, first: Sequence[SQL | Composed]) -> None:
        """Those that the slice brings, and those of earlier slices that it names."""
        # A slice that is loaded again may find other rows than the first time.
        self._products.update(self.fetch(*first, sql.NUMBER_PRODUCTS))
        used = [no for (no,) in self.fetch(sql.USED_PRODUCTS)]
        lines = [f"{no}\t{self._products[no]}\n" for no in used if no in self._products]
        self.copy("import_product_id", lines)

    def _replace(self, *, has_fewer: bool) -> None:
        removed = [sql.DELETE_LINES] if has_fewer else []
        self.execute(sql.UPDATE_ORDERS, *removed, sql.UPDATE_LINES, sql.ADD_LINES)

    def _announce(self, new_customers: list[int], *, has_old_orders: bool) -> None:
        days = order_days.RECOUNT if has_old_orders else order_days.EXTEND
        dated = [pk for (pk,) in self.fetch(sql.NOTE_ARRIVALS, days)]
        if customers := sorted({*new_customers, *dated}):
            signals.customers_changed.send(
                sender=Customer, ids=customers, fields=frozenset({"*"}), now=self.now
            )
        [(orders, buyers)] = self.fetch(sql.TOUCHED)
        if orders:
            signals.orders_changed.send(
                sender=Order, ids=orders, customer_ids=buyers, now=self.now
            )
