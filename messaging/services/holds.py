"""Reasons to wait: placed and released by the apps above, or a customer's own pause."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q

from crm.models import Customer
from crm.services import audit
from messaging.models import Hold
from messaging.rules.choices import Category


@transaction.atomic
def place(
    customer: Customer,
    *,
    categories: Collection[Category],
    reason: str,
    source_key: str,
    now: datetime,
    until: datetime | None = None,
) -> Hold:
    """Nothing of these classes goes to this customer until it is released.

    The same source twice is the same hold. `until`: it ends by itself then.
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


def open_holds(customer_ids: Iterable[int], *, now: datetime) -> dict[int, list[Hold]]:
    """The holds that stand now, oldest first, by customer."""
    found: dict[int, list[Hold]] = {}
    rows = Hold.objects.filter(
        Q(until=None) | Q(until__gt=now),
        customer_id__in=list(customer_ids),
        released_at=None,
    ).order_by("id")
    for row in rows:
        found.setdefault(row.customer_id, []).append(row)
    return found
