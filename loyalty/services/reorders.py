"""The ledger of reminders: what a mail lists, what becomes of it when things change."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction

from crm.sql.ids import among
from loyalty.selectors import reorders as selectors
from loyalty.selectors.reorders import KIND, Item, Standing
from loyalty.sql import reorders as sql
from messaging.models import Message
from messaging.rules.choices import State
from messaging.rules.send_decision import Reason
from messaging.services import messages as ledger

REORDERED = "already_reordered"
REFUSED = "reminder_refused"
PUT_OFF = "reminder_put_off"
NO_PRODUCT = "product_gone"
# Its key is free again: where another day is expected now, a sweep plans for that.
MOVED = "superseded_date_changed"


def note_planned(message_ids: Sequence[int]) -> None:
    """Each product of these mails is spoken for, until it is bought again."""
    sql.list_items(message_ids)


@transaction.atomic
def free(messages: Sequence[Message]) -> None:
    """What superseded mails listed may be listed by another."""
    superseded = [
        message.pk
        for message in messages
        if message.kind == KIND and message.state == State.SUPERSEDED.value
    ]
    if superseded:
        sql.free_items(superseded)


@transaction.atomic(savepoint=False)
def cancel_over(customer_ids: Collection[int], *, now: datetime) -> int:
    """Orders of these customers changed: end the planned mails that list nothing due.

    The few planned ones are read, never the customers of a whole import.
    """
    planned = Message.objects.filter(
        kind=KIND, state=State.PLANNED.value, customer_id__in=among(customer_ids)
    )
    reasons = over(list(planned), now=now)
    for code in sorted({reason.code for reason in reasons.values()}):
        state = State.SUPERSEDED if code == MOVED else State.CANCELLED
        ended = [pk for pk, reason in reasons.items() if reason.code == code]
        rows = Message.objects.filter(pk__in=ended, state=State.PLANNED.value)
        ledger.finish(rows, state=state, reason=Reason(code), now=now)
    return len(reasons)


def over(messages: Sequence[Message], *, now: datetime) -> dict[int, Reason]:
    """Message id to why nothing of what it lists is due any more."""
    if not messages:
        return {}
    return {
        pk: Reason(_code(found))
        for pk, found in selectors.items(messages, today=now.date()).items()
        if not any(item.standing is Standing.DUE for item in found)
    }


def _code(found: Sequence[Item]) -> str:
    """One reason for all: what the customer did counts before what we find."""
    standings = {item.standing for item in found}
    if Standing.REORDERED in standings:
        code = REORDERED
    elif Standing.REFUSED in standings:
        code = REFUSED
    elif Standing.PUT_OFF in standings:
        code = PUT_OFF
    elif standings == {Standing.NO_PRODUCT}:
        code = NO_PRODUCT
    else:
        code = MOVED
    return code
