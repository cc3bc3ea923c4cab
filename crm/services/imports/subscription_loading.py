"""A slice of contracts into the contracts and their history."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from django.db import transaction

from crm import signals
from crm.models import Subscription
from crm.services import audit
from crm.services.imports.loading import Loaded, Loader
from crm.services.imports.slices import Slice
from crm.sql import subscription_history as history
from crm.sql import subscription_import as sql

# What happened, the id of the contract and that of its customer.
Moves = Sequence[tuple[Any, ...]]


class SubscriptionLoader(Loader):
    """New contracts begin. Known ones take the plan and value of the file, and end; of
    a file that says what happened (`is_history`), each row joins their history."""

    staging = sql.STAGING
    columns = MappingProxyType({sql.TABLE: sql.COLUMNS})

    def __init__(
        self,
        *,
        source: str,
        now: datetime,
        today: date,
        zone: str,
        is_history: bool = False,
    ) -> None:
        super().__init__(source=source, now=now)
        self._more: dict[str, Any] = {"today": today, "zone": zone, "new": []}
        self._is_history = is_history

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
        is_noted = self.run is not None and self.run.is_noted
        if is_noted:
            self.execute(sql.NOTE_BEFORE)
        self._note(loaded, sql.OF_ANOTHER, "contract_of_another")
        if new and self.run is not None:
            self.execute(sql.NOTE_ARRIVALS)
        moves = self._happened(loaded) if self._is_history else self._stands(loaded)
        if is_noted:
            self.execute(sql.FORGET_UNCHANGED, sql.NOTE_MADE)
        loaded.created = len(new)
        loaded.updated = len({pk for _, pk, _ in moves} - set(self._more["new"]))
        accepted = part.accepted - len(loaded.refused)
        loaded.unchanged = accepted - loaded.created - loaded.updated
        if self.run is not None:
            self._tell([*(("started", *pair) for pair in new), *moves])
        return loaded

    def _stands(self, loaded: Loaded) -> Moves:
        """Rows that say how a contract stands: what differs has happened since."""
        self._note(loaded, sql.OLDER, "contract_older")
        self._note(loaded, sql.NOT_ACTIVE, "contract_over")
        self.execute(sql.PREVIOUS)
        changed = self.fetch(sql.CHANGED)
        self.execute(sql.TAKE_CHANGES)
        ended = self.fetch(sql.CANCELLED)
        self._more["ended"] = [pk for pk, _ in ended]
        self.execute(sql.ENDED)
        return [
            *(("changed", *pair) for pair in changed),
            *(("cancelled", *pair) for pair in ended),
        ]

    def _happened(self, loaded: Loaded) -> Moves:
        self.execute(history.LEAVE_KNOWN)
        self._note(loaded, history.OLDER, "contract_older")
        self._note(loaded, history.OUT_OF_TURN, "contract_out_of_turn")
        added = self.fetch(history.ADD)
        self.execute(history.TAKE)
        return added

    def _note(self, loaded: Loaded, statement: Any, code: str) -> None:
        [(rows,)] = self.fetch(statement)
        if rows:
            loaded.notes.add(code, rows=rows)

    def _tell(self, moves: Moves) -> None:
        for verb in sorted({verb for verb, _, _ in moves}):
            about = (
                (f"subscription:{pk}", customer)
                for move, pk, customer in moves
                if move == verb
            )
            audit.record_many(f"subscription.{verb}", about, now=self.now)
        if moves:
            signals.subscriptions_changed.send(
                sender=Subscription,
                ids=sorted({pk for _, pk, _ in moves}),
                customer_ids=sorted({customer for _, _, customer in moves}),
                now=self.now,
            )

    def _parameters(self) -> Mapping[str, Any]:
        return {**super()._parameters(), **self._more}
