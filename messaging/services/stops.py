"""Stop an automation while its mail is going: nothing leaves after the commit but what
was handed to the mail server before."""

from datetime import datetime

from django.db import transaction

from messaging.models import Automation, Message
from messaging.rules.choices import State
from messaging.rules.send_decision import Reason
from messaging.services import messages
from messaging.sql import stops as sql

_SLICE = 1_000


def lock(automation: Automation) -> None:
    """Take this before the row of the automation, in the transaction that stops it."""
    sql.lock(automation.pk)


def take_back_claimed(automation: Automation, *, reason: Reason, now: datetime) -> None:
    """What a deliverer has taken and not handed over: it loses its right to do so."""
    claimed = Message.objects.filter(automation=automation, state=State.CLAIMED.value)
    messages.finish(claimed, state=State.SUPERSEDED, reason=reason, now=now)


def end_planned(automation: Automation, *, reason: Reason, now: datetime) -> int:
    """End what still waits of one that is off, slice by slice, each in a transaction of
    its own: a million rows are too many for one. What is left, because this process was
    killed, the claim ends when its time comes. How many it were."""
    count = 0
    while ended := _slice(automation, reason, now):
        count += ended
    return count


@transaction.atomic
def _slice(automation: Automation, reason: Reason, now: datetime) -> int:
    # Switched on again meanwhile: what was planned since is to go.
    if Automation.objects.filter(pk=automation.pk, is_on=True).exists():
        return 0
    waiting = Message.objects.filter(automation=automation, state=State.PLANNED.value)
    ids = list(waiting.order_by("id").values_list("pk", flat=True)[:_SLICE])
    rows = Message.objects.filter(pk__in=ids, state=State.PLANNED.value)
    return len(messages.finish(rows, state=State.SUPERSEDED, reason=reason, now=now))
