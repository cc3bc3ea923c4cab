"""A slice of opt-outs: onto the records that carry the address, else onto the list."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from crm.services.imports.loading import Loaded, Loader
from crm.services.imports.slices import Slice
from messaging.rules.choices import Category, SuppressionReason
from messaging.rules.opt_outs import OptOut
from messaging.services import suppression
from messaging.services.bulk_suppressions import Barred, suppress_many
from messaging.services.bulk_withdrawals import Withdrawal, withdraw_many
from messaging.sql import opt_outs as sql

_REASONS = {
    OptOut.BOUNCE: SuppressionReason.BOUNCE,
    OptOut.COMPLAINT: SuppressionReason.COMPLAINT,
}


@dataclass(frozen=True)
class _Row:
    no: int
    email: str
    external_id: str
    kind: OptOut
    categories: Sequence[Category]
    at: datetime
    words: str
    address: bytes


class OptOutLoader(Loader):
    """Writes slices of rows of opt-outs."""

    staging = sql.STAGING
    columns = MappingProxyType({sql.TABLE: sql.COLUMNS})

    def __init__(self, *, source: str, now: datetime) -> None:
        super().__init__(source=source, now=now)
        self._seen: set[tuple[Any, ...]] = set()

    def load(self, part: Slice) -> Loaded:
        self.execute(sql.EMPTY)
        self.stage(part)
        self.execute(sql.ANALYZE)
        rows = self._rows()
        records: dict[int, set[int]] = defaultdict(set)
        carried: set[int] = set()
        for no, customer, carries in self.fetch(sql.RECORDS):
            records[no].add(customer)
            if carries:
                carried.add(no)
        is_dry = self.run is None
        said, _ = withdraw_many(
            self._withdrawals(rows, records), now=self.now, is_dry=is_dry
        )
        barred = suppress_many(self._barred(rows, carried), now=self.now, is_dry=is_dry)
        loaded = Loaded(created=len(said | barred))
        loaded.unchanged = part.accepted - loaded.created
        for row in rows:
            if row.external_id and not row.email and row.no not in records:
                loaded.notes.add("customer_unknown", example=row.external_id)
        return loaded

    def _rows(self) -> list[_Row]:
        """The staged rows. In a dry run without those of earlier slices: nothing is
        written that would make them the second of two."""
        rows = self._staged()
        if self.run is not None:
            return rows
        new = []
        for row in rows:
            key = (row.email, row.external_id, row.kind, tuple(row.categories))
            if key not in self._seen:
                self._seen.add(key)
                new.append(row)
        return new

    def _staged(self) -> list[_Row]:
        key = suppression.address_key()
        return [
            _Row(
                no,
                email,
                external_id,
                OptOut(kind),
                [Category(name) for name in categories],
                at,
                words or "",
                suppression.hashed(email, key),
            )
            for no, email, external_id, kind, categories, at, words in self.fetch(
                sql.ROWS
            )
        ]

    @staticmethod
    def _withdrawals(
        rows: Sequence[_Row], records: Mapping[int, set[int]]
    ) -> Iterator[Withdrawal]:
        for row in rows:
            if row.kind is OptOut.WITHDRAWAL:
                for customer in sorted(records.get(row.no, ())):
                    yield Withdrawal(
                        row.no, customer, row.categories, row.at, row.words
                    )

    @staticmethod
    def _barred(rows: Sequence[_Row], carried: set[int]) -> Iterator[Barred]:
        for row in rows:
            if not row.address:
                continue
            if reason := _REASONS.get(row.kind):
                yield Barred(row.no, row.address, suppression.ALL, reason, row.at)
            elif row.no not in carried:
                for category in row.categories:
                    yield Barred(
                        row.no,
                        row.address,
                        category.value,
                        SuppressionReason.WITHDRAWN,
                        row.at,
                    )
