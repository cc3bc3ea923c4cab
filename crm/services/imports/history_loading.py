"""A slice of old contact history into the conversations."""

from types import MappingProxyType

from crm.services import audit
from crm.services.imports.loading import Loaded, Loader
from crm.services.imports.slices import Slice
from crm.sql import history_import as sql


class HistoryLoader(Loader):
    """What is there already stays as it is, also where staff corrected it since."""

    staging = sql.STAGING
    columns = MappingProxyType({sql.TABLE: sql.COLUMNS})

    def load(self, part: Slice) -> Loaded:
        self.execute(sql.EMPTY)
        self.stage(part)
        self.execute(sql.ANALYZE)
        loaded = Loaded()
        [(different,)] = self.fetch(sql.DIFFERENT)
        if different:
            loaded.notes.add("history_differs", rows=different)
        if self.run is None:
            [(loaded.created,)] = self.fetch(sql.COUNT_NEW)
        else:
            new = self.fetch(sql.INSERT)
            audit.record_many(
                "interaction.logged",
                ((f"interaction:{pk}", customer) for pk, customer in new),
                now=self.now,
            )
            if new:
                self.execute(sql.NOTE_ARRIVALS)
            loaded.created = len(new)
        loaded.unchanged = part.accepted - loaded.created
        return loaded
