"""Reasons to wait: placed and released by the apps above, or a customer's own pause."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q

from crm.models import Customer
from crm.services import audit
from messaging.models import Hold
from messaging.rules.choices import Category
from messaging.services import person_addresses, suppression
from messaging.services.person_addresses import Addresses


@transaction.atomic
def place(
    customer: Customer,
    *,
    categories: Collection[Category],
    reason: str,
    source_key: str,
    now: datetime,
    until: datetime | None = None,
    for_address: bool = False,
) -> Hold:
    """Nothing of these classes goes to this customer until it is released.

    The same source twice is the same hold. `until`: it ends by itself then.
    `for_address`: it holds for every record with the customer's address.
    """
    # One that ended by itself makes room for the next of the same source.
    Hold.objects.filter(source_key=source_key, released_at=None, until__lte=now).update(
        released_at=F("until")
    )
    hold, placed = Hold.objects.get_or_create(
        source_key=source_key,
        released_at=None,
        defaults={
            "customer": customer,
            "categories": sorted(category.value for category in categories),
            "reason": reason,
            "address_hash": _hash_of(customer) if for_address else None,
            "placed_at": now,
            "until": until,
        },
    )
    if placed:
        audit.record("hold.placed", f"hold:{hold.pk}", customer_id=customer.pk, now=now)
    return hold


@transaction.atomic
def release(source_key: str, *, now: datetime) -> int:
    """End the hold of this source. Held messages are looked at within the hour."""
    holds = list(
        Hold.objects.select_for_update().filter(source_key=source_key, released_at=None)
    )
    for hold in holds:
        hold.released_at = now
        hold.save(update_fields=["released_at"])
        audit.record(
            "hold.released", f"hold:{hold.pk}", customer_id=hold.customer_id, now=now
        )
    return len(holds)


def open_holds(
    addresses: Mapping[int, Addresses], *, now: datetime
) -> dict[int, list[Hold]]:
    """The holds that stand now, oldest first, by customer."""
    standing = Hold.objects.filter(Q(until=None) | Q(until__gt=now), released_at=None)
    people = person_addresses.all_people(addresses)
    hashes = person_addresses.all_hashes(addresses.values())
    rows = standing.filter(customer_id__any_of=people).union(
        standing.filter(address_hash__any_of=hashes)
    )
    by_customer: dict[int, list[Hold]] = defaultdict(list)
    by_address: dict[bytes, list[Hold]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.pk):
        by_customer[row.customer_id].append(row)
        if row.address_hash:
            by_address[bytes(row.address_hash)].append(row)
    found = {
        pk: [
            *by_customer[pk],
            *(hold for one in known.hashes for hold in by_address[one]),
            # A pause of somebody who has one of these addresses as a second one.
            *(
                hold
                for one in known.others
                for hold in by_customer[one]
                if hold.address_hash
            ),
        ]
        for pk, known in addresses.items()
    }
    return {pk: _once(rows) for pk, rows in found.items() if rows}


def _once(rows: Iterable[Hold]) -> list[Hold]:
    return sorted({row.pk: row for row in rows}.values(), key=lambda row: row.pk)


def _hash_of(customer: Customer) -> bytes | None:
    return suppression.address_hash(customer.email_norm) or None
