"""No mail leaves by itself from a database that was put back.

While it is held, nothing leaves. Once a person has released it (`after_restore`), mail
that was due before the database was put back waits for a person all the same: it may
have left, and the journal need not know. It is listed among the uncertain mails, where
each can be sent or left.
"""

from collections.abc import Collection
from contextlib import suppress
from datetime import datetime, timedelta

from django.db import transaction

from crm.services.journal import (
    JournalIsMissing,
    JournalUnwritable,
    fill_gaps,
    position,
)
from messaging.errors import MessageNotUncertain
from messaging.models import Message
from messaging.rules.choices import State, Transport
from messaging.rules.send_decision import Reason
from messaging.services import circuit, workers
from messaging.services import messages as ledger

# Why the circuit is open: these two, or that the journal cannot be read.
HELD = "restored"
MISSING = "journal_missing"
UNREADABLE = "journal_unwritable"
# Why a mail waits for a decision.
DUE_BEFORE = "due_before_restore"
# Sweeps plan no further back (messaging/services/planning.py).
_LOOK_FOR = timedelta(days=60)
_SLICE = 1_000


class MailIsHeld(Exception):
    """No mail may leave now; the circuit holds the reason."""


def due_after(
    transport: Transport, *, now: datetime, account_id: int | None = None
) -> datetime | None:
    """Mail that was due at this moment or before waits for a person; None: none does.

    Raises MailIsHeld, and opens the circuit, where nothing may leave.
    """
    try:
        known = position.look(now=now)
    except JournalIsMissing:
        return _without_journal(transport, account_id, MISSING, now)
    except JournalUnwritable:
        return _without_journal(transport, account_id, UNREADABLE, now)
    if known.is_held:
        circuit.hold(transport, reason=HELD, now=now, account_id=account_id)
        raise MailIsHeld
    return known.held_at


def _without_journal(
    transport: Transport, account_id: int | None, reason: str, now: datetime
) -> datetime | None:
    """Perhaps only its disk is not mounted: it is looked for again by itself."""
    if transport is Transport.OUTBOX:
        # These mails are only kept, never sent.
        return position.state().held_at
    circuit.trip(transport, circuit.Failure(reason), now=now, account_id=account_id)
    raise MailIsHeld


def keep_watch(transport: Transport, *, now: datetime) -> int:
    """What a tick does: keep the position, fill gaps, and park what waits for a person.
    How many were parked."""
    fill_gaps()
    try:
        since = due_after(transport, now=now)
    except MailIsHeld:
        return 0
    position.keep_up(now=now)
    return park(now=now) if since and now - since < _LOOK_FOR else 0


def park(*, now: datetime) -> int:
    """Let what was due before the database was put back wait for a person."""
    held_at = position.state().held_at
    parked = 0
    while held_at is not None and (count := _park_some(held_at, now)):
        parked += count
    return parked


@transaction.atomic
def _park_some(held_at: datetime, now: datetime) -> int:
    waiting = Message.objects.filter(
        state=State.PLANNED.value, not_before__lte=held_at
    ).order_by("not_before", "id")
    some = Message.objects.filter(
        pk__in=list(waiting.values_list("pk", flat=True)[:_SLICE]),
        state=State.PLANNED.value,
    )
    reason = Reason(DUE_BEFORE)
    return len(ledger.finish(some, state=State.UNCERTAIN, reason=reason, now=now))


@transaction.atomic
def release(*, now: datetime) -> int:
    """A person has looked: mail may leave again. How much waits for a person."""
    parked = park(now=now)
    position.release(now=now)
    circuit.mend_all(now=now)
    return parked


def send_waiting(kinds: Collection[str], *, now: datetime) -> int:
    """A person decided for all that wait since the database was put back: they go, of
    these kinds or, without one, of all. How many."""
    waiting = Message.objects.filter(
        state=State.UNCERTAIN.value, reason_code=DUE_BEFORE
    )
    if kinds:
        waiting = waiting.filter(kind__in=kinds)
    count = 0
    for message in waiting.order_by("pk").iterator():
        with suppress(MessageNotUncertain):
            ledger.send_again(message, now=now)
            count += 1
    workers.notify_workers_on_commit()
    return count
