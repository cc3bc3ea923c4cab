"""A rest of three months from all mail but answers: chosen by the customer or by staff.

Both are one hold on one address, so that both sides see and end the same one, through
whatever record.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from crm.models import Customer
from messaging.models import Hold
from messaging.rules.consent import STOPPABLE
from messaging.rules.pause import BY_CUSTOMER, BY_STAFF, PAUSES, pause_end
from messaging.services import holds, person_addresses


@transaction.atomic
def pause(customer: Customer, *, by_staff: bool = False, now: datetime) -> Hold:
    """Nothing but receipts and answers for three months; one that stands is left."""
    _lock(customer)
    return standing_pause(customer, now=now) or holds.place(
        customer,
        categories=STOPPABLE,
        reason=BY_STAFF if by_staff else BY_CUSTOMER,
        source_key=f"pause:{customer.pk}",
        now=now,
        until=pause_end(now),
        for_address=True,
    )


@transaction.atomic
def resume(customer: Customer, *, now: datetime) -> bool:
    """End the pause, whoever chose it. False: there was none."""
    _lock(customer)
    standing = [
        hold for hold in standing_holds(customer, now=now) if hold.reason in PAUSES
    ]
    for hold in standing:
        holds.release(hold.source_key, now=now)
    return bool(standing)


def standing_pause(customer: Customer, *, now: datetime) -> Hold | None:
    """The pause that holds now, or None."""
    return pause_among(standing_holds(customer, now=now))


def standing_holds(customer: Customer, *, now: datetime) -> list[Hold]:
    """Whatever holds mail to this customer or their address now, oldest first."""
    addresses = person_addresses.of_customers([customer.pk])
    return holds.open_holds(addresses, now=now).get(customer.pk, [])


def pause_among(standing: Sequence[Hold]) -> Hold | None:
    """The first of these holds that the customer or staff chose; None: none."""
    return next((hold for hold in standing if hold.reason in PAUSES), None)


def _lock(customer: Customer) -> None:
    # Two presses at once are one pause, and the claim waits for us.
    Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
