"""Take back what a deliverer left behind: journals first, then leases that ran out."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from messaging.models import Message, SendingAccount
from messaging.rules.choices import OnUncertain, State, Transport
from messaging.services import circuit, restoration, sending_accounts, workers
from messaging.services.delivery import hand_over, journal
from messaging.services.delivery.journal import Fate, Trace
from messaging.services.delivery.outcomes import announce

logger = logging.getLogger(__name__)

# Planned for longer ago than this and still waiting: start a delivery again.
OVERDUE = timedelta(seconds=30)
_SLICE = 500
_FIELDS = [
    "state",
    "reason_code",
    "final_at",
    "claim_token",
    "lease_until",
    "counted_at",
    "handed_at",
    "resends",
]


@dataclass
class SweepCount:
    """What one sweep found, by what became of it."""

    sent: int = 0  # a journal knew that it had left
    returned: int = 0
    resent: int = 0
    uncertain: int = 0
    rang: bool = False


def sweep_leases(*, now: datetime) -> SweepCount:
    """Every message whose lease has lapsed goes back or comes to its end."""
    count = SweepCount()
    restoration.keep_watch(Transport(settings.MAIL_TRANSPORT), now=now)
    known: dict[tuple[UUID | None, int], Fate] = {}
    for trace in journal.traces():
        known.update(trace.fates)
        if trace.is_dead:
            _settle_dead(trace, count, now)
    while _settle(_lapsed(), known, count, now):
        pass
    count.rang = _notify_if_overdue(now)
    return count


def _settle_dead(trace: Trace, count: SweepCount, now: datetime) -> None:
    """The lock on its journal proves that this process is gone: no need to wait."""
    tokens = {token for token, _ in trace.fates}
    left = Message.objects.filter(
        state__in=[
            State.CLAIMED.value,
            State.HANDED.value,
            State.UNCERTAIN.value,
        ],
        claim_token__in=tokens,
    )
    while _settle(left, trace.fates, count, now):
        pass
    journal.forget(trace)


def _lapsed() -> QuerySet[Message]:
    """By the database's clock, which all workers share."""
    return Message.objects.filter(
        state__in=[State.CLAIMED.value, State.HANDED.value], lease_until__lt=Now()
    )


@transaction.atomic
def _settle(
    rows: QuerySet[Message],
    known: dict[tuple[UUID | None, int], Fate],
    count: SweepCount,
    now: datetime,
) -> bool:
    """A slice of what was left behind. True: there may be more."""
    found = list(
        rows.order_by("id").select_for_update(skip_locked=True, no_key=True)[:_SLICE]
    )
    changed = [
        message
        for message in found
        if _decide(message, known.get((message.claim_token, message.pk)), count, now)
    ]
    Message.objects.bulk_update(changed, _FIELDS)
    over = [message for message in changed if message.final_at is not None]
    announce(over, now=now)
    sent = [message for message in over if message.state == State.SENT.value]
    hand_over.note_sent(sent, now=now)
    waiting = [message for message in changed if message.final_at is None]
    hand_over.note_returned(waiting, now=now)
    if len(over) < len(changed):
        workers.notify_workers_on_commit()
    return bool(changed) and len(found) == _SLICE


def _decide(
    message: Message, fate: Fate | None, count: SweepCount, now: datetime
) -> bool:
    """Change the row in memory; False where it stays as it is."""
    if fate is Fate.ACCEPTED and message.state != State.CLAIMED.value:
        _end(message, State.SENT, "", now)
        count.sent += 1
    elif message.state == State.UNCERTAIN.value:
        return False
    elif message.state == State.CLAIMED.value or fate is Fate.UNTOUCHED:
        _wait(message)
        count.returned += 1
    elif message.on_uncertain == OnUncertain.RESEND.value and not message.resends:
        # Same Message-ID; better twice than never for this kind.
        message.resends += 1
        _wait(message)
        count.resent += 1
    else:
        _end(message, State.UNCERTAIN, "no_answer", now)
        count.uncertain += 1
    return True


def _end(message: Message, state: State, reason: str, now: datetime) -> None:
    """The token stays: a deliverer that was only slow may still bring the truth."""
    message.state = state.value
    message.reason_code = reason
    message.final_at = now
    message.lease_until = None


def _wait(message: Message) -> None:
    message.state = State.PLANNED.value
    message.claim_token = None
    message.lease_until = None
    message.counted_at = None
    message.handed_at = None


def _notify_if_overdue(now: datetime) -> bool:
    """Start a delivery where the task may be lost, or a transport may be probed."""
    at = now - OVERDUE
    accounts = sending_accounts.with_mail(now=at)
    if not _is_overdue(at) and not any(map(_may_go, accounts)):
        return False
    workers.notify_workers_on_commit()
    return True


def _is_overdue(at: datetime) -> bool:
    overdue = Message.objects.filter(
        state=State.PLANNED.value, not_before__lte=at, account=None
    )
    return _may_go(None) and overdue.exists()


def _may_go(account: SendingAccount | None) -> bool:
    return circuit.may_go(
        sending_accounts.transport_of(account),
        account_id=account.pk if account else None,
    )
