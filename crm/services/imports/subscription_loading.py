"""A slice of contracts into the contracts and their history."""

from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from django.db import transaction

from crm import signals
from crm.models import Subscription
from crm.services import audit
from crm.services.imports.loading import Loaded, Loader
from crm.services.imports.slices import Slice
from crm.sql import subscription_import as sql

# Pairs of the ids of a contract and of its customer.
Rows = list[tuple[Any, ...]]


class SubscriptionLoader(Loader):
    """New contracts begin; known ones take the plan and value of the file, and end."""

    staging = sql.STAGING
    columns = MappingProxyType({sql.TABLE: sql.COLUMNS})

    def __init__(self, *, source: str, now: datetime, today: date, zone: str) -> None:
        super().__init__(source=source, now=now)
        self._more: dict[str, Any] = {"today": today, "zone": zone, "new": []}

    def load(self, part: Slice) -> Loaded:
        """A dry run does the same and takes it back."""
        with transaction.atomic():
            loaded = self._load(part)
            if self.run is None:
                transaction.set_rollback(True)
        return loaded

    def _load(self, part: Slice) -> Loaded:
        self.execute(sql.EMPTY)
        self.stage(part)
        self.execute(sql.ANALYZE)
        loaded = Loaded()
        loaded.refused = [(no, "customer_erased") for (no,) in self.fetch(sql.KEPT)]
        new = self.fetch(sql.INSERT)
        self._more["new"] = [pk for pk, _ in new]
        self.execute(sql.STARTED)
        self.execute(sql.MATCH)
        self.fetch(sql.LOCK)
        self._note(loaded, sql.OF_ANOTHER, "contract_of_another")
        self._note(loaded, sql.OLDER, "contract_older")
        self._note(loaded, sql.NOT_ACTIVE, "contract_over")
        self.execute(sql.PREVIOUS)
        changed = self.fetch(sql.CHANGED)
        self.execute(sql.TAKE_CHANGES)
        ended = self.fetch(sql.CANCELLED)
        self._more["ended"] = [pk for pk, _ in ended]
        self.execute(sql.ENDED)
        loaded.created = len(new)
        touched = {pk for pk, _ in (*changed, *ended)} - set(self._more["new"])
        loaded.updated = len(touched)
        accepted = part.accepted - len(loaded.refused)
        loaded.unchanged = accepted - loaded.created - loaded.updated
        if self.run is not None:
            self._tell(new, changed, ended)
        return loaded

    def _note(self, loaded: Loaded, statement: Any, code: str) -> None:
        [(rows,)] = self.fetch(statement)
        if rows:
            loaded.notes.add(code, rows=rows)

    def _tell(self, new: Rows, changed: Rows, ended: Rows) -> None:
        if new:
            self.execute(sql.NOTE_ARRIVALS)
        for verb, rows in (
            ("started", new),
            ("changed", changed),
            ("cancelled", ended),
        ):
            about = ((f"subscription:{pk}", customer) for pk, customer in rows)
            audit.record_many(f"subscription.{verb}", about, now=self.now)
        if told := {*new, *changed, *ended}:
            signals.subscriptions_changed.send(
                sender=Subscription,
                ids=sorted({pk for pk, _ in told}),
                customer_ids=sorted({customer for _, customer in told}),
                now=self.now,
            )

    def _parameters(self) -> Mapping[str, Any]:
        return {**super()._parameters(), **self._more}
