"""A slice of a list of products into the catalogue: new ones in, known ones changed."""

from types import MappingProxyType

from crm import signals
from crm.models import Product
from crm.services import audit
from crm.services.imports.loading import Loaded, Loader
from crm.services.imports.slices import Slice
from crm.sql import product_import as sql

# Which days of customers stand on it.
MOVE_DAYS = frozenset({"nature", "season_months", "days_of_supply"})
_OTHERS = frozenset(sql.COLUMNS[3:]) - MOVE_DAYS


class ProductLoader(Loader):
    """Writes slices of rows of products."""

    staging = sql.STAGING
    columns = MappingProxyType({sql.TABLE: sql.COLUMNS})

    def load(self, part: Slice) -> Loaded:
        self.execute(sql.EMPTY)
        self.stage(part)
        self.execute(sql.ANALYZE)
        if self.run is not None:
            self.execute(sql.LOCK)
        self.execute(sql.FIND)
        [(created, updated)] = self.fetch(sql.COUNT)
        if self.run is not None:
            self._write(is_new=bool(created), is_changed=bool(updated))
        # Rows that only add a picture to a product are none of both.
        return Loaded(created, updated, part.accepted - created - updated)

    def _write(self, *, is_new: bool, is_changed: bool) -> None:
        made = self.fetch(sql.INSERT) if is_new else []
        changed = self.fetch(sql.UPDATE) if is_changed else []
        self._record("product.created", [pk for (pk,) in made])
        self._record("product.changed", [pk for pk, _ in changed])
        for moves, fields in ((True, MOVE_DAYS | _OTHERS), (False, _OTHERS)):
            if ids := [pk for pk, moves_days in changed if moves_days is moves]:
                signals.products_changed.send(
                    sender=Product, ids=ids, fields=fields, now=self.now
                )

    def _record(self, action: str, ids: list[int]) -> None:
        about = ((f"product:{pk}", None) for pk in ids)
        audit.record_many(action, about, now=self.now)
