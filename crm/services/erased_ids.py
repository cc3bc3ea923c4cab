"""External ids of people who were erased, known only by a keyed hash.

A file of before the erasure must not bring the person back, and an external id may be
an address: so the erased record keeps its hash, "erased:<hash>:<id of the record>".
Who buys again is a new person with a record of their own; the hash then begins with
"returned", and rows of the customer files are theirs again. Orders up to the day of the
erasure stay refused.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.db.models import Q, Value
from django.db.models.functions import Replace

from crm.models import Customer
from crm.services import keyed_hashes

_ERASED = "erased"
_RETURNED = "returned"


@dataclass(frozen=True)
class _Erased:
    on: str  # the shop's day, as ISO 8601
    has_returned: bool


@dataclass(frozen=True)
class ErasedIds:
    """Those of one source. Asks the database nothing."""

    source: str
    key: bytes
    by_hash: Mapping[str, _Erased]

    def is_erased(self, external_id: str) -> bool:
        """Whether the person of this id was erased and has not come back."""
        found = self._find(external_id)
        return found is not None and not found.has_returned

    def covers(self, external_id: str, day: str) -> bool:
        """Whether they were erased on this day of the shop ("2026-11-21") or later."""
        found = self._find(external_id)
        return found is not None and day <= found.on

    def _find(self, external_id: str) -> _Erased | None:
        if not self.by_hash:
            return None
        return self.by_hash.get(_hash(self.source, external_id, self.key))


def of_source(source: str, zone: ZoneInfo) -> ErasedIds:
    """`zone` is the shop's."""
    rows = Customer.objects.filter(source=source, erased_at__isnull=False)
    by_hash = {}
    for external_id, erased_at in rows.order_by("pk").values_list(
        "external_id", "erased_at"
    ):
        assert erased_at is not None
        state, _, rest = external_id.partition(":")
        day = erased_at.astimezone(zone).date().isoformat()
        by_hash[rest.partition(":")[0]] = _Erased(day, state == _RETURNED)
    key = keyed_hashes.address_key() if by_hash else b""
    return ErasedIds(source, key, by_hash)


def replacement(customer_id: int, source: str, external_id: str) -> str:
    """What stands in the place of the external id of an erased record."""
    key = keyed_hashes.address_key()
    return f"{_ERASED}:{_hash(source, external_id, key)}:{customer_id}"


def welcome_back(source: str, external_ids: Collection[str]) -> None:
    """New records have these ids; whoever had them before stays erased."""
    key = keyed_hashes.address_key()
    same = Q()
    for external_id in external_ids:
        hashed = _hash(source, external_id, key)
        same |= Q(external_id__startswith=f"{_ERASED}:{hashed}:")
    if same:
        Customer.objects.filter(same, source=source, erased_at__isnull=False).update(
            external_id=Replace("external_id", Value(_ERASED), Value(_RETURNED))
        )


def _hash(source: str, external_id: str, key: bytes) -> str:
    return keyed_hashes.hashed(f"external id\n{source}\n{external_id}", key).hex()
