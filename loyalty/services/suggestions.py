"""What becomes of suggestions: refused, bought meanwhile, out of stock.

As with reminders, every choice of a customer locks them first, so that a double click
is one, and ends at once what is planned and has nothing left to suggest.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction

from crm.errors import CustomerGone
from crm.models import Customer
from crm.services import audit
from crm.sql.ids import among
from loyalty.errors import NotListed
from loyalty.models import SuggestionRefusal
from loyalty.services.reorders import REFUSED
from loyalty.sql import suggestions as sql
from messaging.models import Message
from messaging.rules.choices import State
from messaging.rules.send_decision import Reason
from messaging.services import messages as ledger

KINDS = sql.KINDS
NOTHING_LEFT = "nothing_to_suggest"


def over(messages: Sequence[Message]) -> dict[int, Reason]:
    """Message id to why nothing of what it suggests can be suggested any more."""
    found = sql.standings([message.pk for message in messages]) if messages else {}
    return {
        pk: Reason(REFUSED if any(one.is_refused for one in listed) else NOTHING_LEFT)
        for pk, listed in found.items()
        if not any(one.is_open for one in listed)
    }


@transaction.atomic(savepoint=False)
def cancel_over(customer_ids: Collection[int], *, now: datetime) -> int:
    """End the planned suggestions to these customers that have nothing left to say."""
    planned = Message.objects.filter(
        kind__in=KINDS, state=State.PLANNED.value, customer_id__in=among(customer_ids)
    )
    reasons = over(list(planned))
    for code in sorted({reason.code for reason in reasons.values()}):
        ended = [pk for pk, reason in reasons.items() if reason.code == code]
        rows = Message.objects.filter(pk__in=ended, state=State.PLANNED.value)
        ledger.finish(rows, state=State.CANCELLED, reason=Reason(code), now=now)
    return len(reasons)


@transaction.atomic
def refuse(message: Message, *, product_id: int | None, now: datetime) -> None:
    """No suggestion of this product any more; None: of nothing."""
    customer = _locked(message, product_id)
    theirs = SuggestionRefusal.objects.filter(customer=customer, product=product_id)
    if not theirs.exists():
        SuggestionRefusal.objects.create(
            customer=customer, product_id=product_id, made_at=now
        )
        _record("refused", customer, product_id, now)
        cancel_over([customer.pk], now=now)


@transaction.atomic
def allow(message: Message, *, product_id: int | None, now: datetime) -> None:
    """Take a refusal back."""
    customer = _locked(message, product_id)
    refused = SuggestionRefusal.objects.filter(customer=customer, product=product_id)
    if refused.delete()[0]:
        _record("allowed", customer, product_id, now)


def _locked(message: Message, product_id: int | None) -> Customer:
    listed = {entry["id"] for entry in message.why.get("products", ())}
    if product_id is not None and product_id not in listed:
        raise NotListed
    locked = Customer.objects.select_for_update(no_key=True).get(pk=message.person_id)
    if not locked.is_live:
        raise CustomerGone
    return locked


def _record(
    what: str, customer: Customer, product_id: int | None, now: datetime
) -> None:
    subject = f"product:{product_id}" if product_id else f"customer:{customer.pk}"
    audit.record(f"suggestion.{what}", subject, customer_id=customer.pk, now=now)
