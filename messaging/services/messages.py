"""End, cancel, send again: what people and other apps decide about single messages."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from crm.models import User
from crm.services import audit
from messaging import signals
from messaging.errors import MessageNotPlanned, MessageNotUncertain
from messaging.models import Message
from messaging.rules.choices import State
from messaging.rules.send_decision import Reason

# A second try that a person asks for gets a day, even where the life is over.
SECOND_LIFE = timedelta(days=1)
LEFT_AS_IS = "left_as_is"


def finish(
    queryset: QuerySet[Message], *, state: State, reason: Reason, now: datetime
) -> list[Message]:
    """End these messages for one reason, under their row locks, and send the signal.

    Filter the queryset by state: it is asked again once a lock is ours, so that what
    left in the meantime is not touched. A claimed message loses its token, and with it
    the right of its claimer to hand it over.
    """
    found = list(queryset.order_by("id").select_for_update(of=("self",), no_key=True))
    ended: dict[str, Any] = {
        "state": state.value,
        "reason_code": reason.code,
        "reason_data": dict(reason.data),
        "final_at": now,
        "claim_token": None,
        "lease_until": None,
        "counted_at": None,
    }
    Message.objects.filter(pk__in=[message.pk for message in found]).update(**ended)
    for message in found:
        vars(message).update(ended)
    announce(found, now=now)
    return found


def announce(finished: Sequence[Message], *, now: datetime) -> None:
    """Send `messages_finished` where any has finished."""
    if finished:
        signals.messages_finished.send(sender=Message, messages=list(finished), now=now)


@transaction.atomic
def supersede(queryset: QuerySet[Message], *, reason_code: str, now: datetime) -> int:
    """What was planned rests on something that changed: its key is free again."""
    planned = queryset.filter(state=State.PLANNED.value)
    return len(
        finish(planned, state=State.SUPERSEDED, reason=Reason(reason_code), now=now)
    )


@transaction.atomic
def cancel(message: Message, *, now: datetime, staff: User) -> Message:
    """A person decided that this one does not go; its key stays taken."""
    waiting = Message.objects.filter(pk=message.pk, state=State.PLANNED.value)
    reason = Reason("cancelled_by_staff", {"user": staff.pk})
    ended = finish(waiting, state=State.CANCELLED, reason=reason, now=now)
    if not ended:
        raise MessageNotPlanned
    _record("message.cancelled", ended[0], now)
    return ended[0]


@transaction.atomic
def send_again(message: Message, *, now: datetime) -> Message:
    """It is unknown whether it left, and a person decided to risk a second one."""
    locked = _lock_uncertain(message)
    locked.state = State.PLANNED.value
    locked.reason_code = ""
    locked.reason_data = {}
    locked.not_before = now
    locked.expires_at = max(locked.expires_at, now + SECOND_LIFE)
    locked.attempts = 0
    locked.claim_token = None
    locked.lease_until = None
    locked.counted_at = None
    locked.handed_at = None
    locked.final_at = None
    locked.save()
    _record("message.sent_again", locked, now)
    return locked


@transaction.atomic
def leave_it(message: Message, *, now: datetime) -> Message:
    """It is unknown whether it left, and a person decided to leave it."""
    locked = _lock_uncertain(message)
    locked.reason_code = LEFT_AS_IS
    locked.save(update_fields=["reason_code"])
    _record("message.left", locked, now)
    return locked


def _lock_uncertain(message: Message) -> Message:
    locked = (
        Message.objects.select_for_update(no_key=True)
        .filter(pk=message.pk, state=State.UNCERTAIN.value)
        .exclude(reason_code=LEFT_AS_IS)
        .first()
    )
    if locked is None:
        raise MessageNotUncertain
    return locked


def _record(action: str, message: Message, now: datetime) -> None:
    audit.record(
        action,
        f"message:{message.pk}",
        customer_id=message.customer_id,
        now=now,
    )
