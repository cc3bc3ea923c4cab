"""What staff do with a conversation: give, put aside, close, say who it is."""

from datetime import datetime
from typing import Any

from django.db import transaction

from crm.errors import CustomerGone
from crm.models import Customer, CustomerAddress, User
from crm.rules import names
from crm.rules.choices import AddressKind
from crm.services import addresses, audit, customers
from support import signals
from support.errors import ConversationClosed, ConversationJoined, NotWaiting
from support.models import BlockedSender, Conversation
from support.rules.choices import (
    ConversationKind,
    ConversationState,
    Direction,
    NoticeEvent,
)
from support.services import away, beside, notices, whose
from web.errors import InvalidValue
from web.rules import text

_OPEN = ConversationState.OPEN.value
_CLOSED = ConversationState.CLOSED.value
_SNOOZED = ConversationState.SNOOZED.value


@transaction.atomic
def assign(
    conversation: Conversation, *, assignee: User | None, now: datetime
) -> Conversation:
    """Give it to a colleague, or unassign it."""
    locked = _locked(conversation)
    is_new = assignee is not None and locked.assignee_id != assignee.pk
    given = _write(locked, "assigned", now, assignee=assignee)
    if assignee is not None and is_new:
        notices.tell(NoticeEvent.ASSIGNED, given, to=[assignee.pk], now=now)
    return given


@transaction.atomic
def close(
    conversation: Conversation, *, by: User | None, now: datetime, outcome: str = ""
) -> Conversation:
    """End it, in a few words where there is something to say. Raises
    ConversationClosed."""
    words = text.one_line(outcome, field="outcome", most=200)
    closed = _write(
        _owed(conversation),
        "closed",
        now,
        state=_CLOSED,
        closed_at=now,
        closed_by=by,
        outcome=words,
        snoozed_until=None,
    )
    # A rule of the inbox is no person: no customer is asked how it was.
    if by is not None:
        beside.finish_with(closed, by=by, now=now)
        signals.conversation_closed.send(
            Conversation, conversation=closed, by=by, now=now
        )
    return closed


@transaction.atomic
def reopen(conversation: Conversation, *, now: datetime) -> Conversation:
    """Open it again, also what was put aside or taken for spam. Of somebody who is
    away it is unassigned then."""
    locked = _locked(conversation)
    if locked.closed_at is not None:
        beside.reopen_with(locked, closed_at=locked.closed_at, now=now)
    is_nobodys = locked.state != _OPEN and away.give_back(locked, now=now)
    opened = _write(
        locked,
        "reopened",
        now,
        state=_OPEN,
        closed_at=None,
        closed_by=None,
        outcome="",
        snoozed_until=None,
        is_spam=False,
        is_history=False,
    )
    if is_nobodys:
        notices.tell(NoticeEvent.UNASSIGNED, opened, now=now)
    return opened


@transaction.atomic
def snooze(
    conversation: Conversation, *, until: datetime, now: datetime
) -> Conversation:
    """Put it aside until then, or until they write. Raises ConversationClosed."""
    if until <= now:
        raise InvalidValue(fields={"until": "in_the_past"})
    return _write(
        _owed(conversation), "snoozed", now, state=_SNOOZED, snoozed_until=until
    )


@transaction.atomic
def classify(
    conversation: Conversation, *, kind: ConversationKind | None, now: datetime
) -> Conversation:
    """Say what it is about."""
    value = kind.value if kind else ""
    return _write(_locked(conversation), "classified", now, kind=value)


@transaction.atomic
def wake(*, now: datetime) -> int:
    """Open what was put aside until now; how many. Of somebody who is away it is
    nobody's then."""
    due = Conversation.objects.filter(state=_SNOOZED, snoozed_until__lte=now)
    of_them = due.filter(assignee__in=away.away(now))
    rows = list(of_them.select_for_update(no_key=True).order_by("pk"))
    for row in rows:
        reopen(row, now=now)
    return len(rows) + due.update(state=_OPEN, snoozed_until=None)


# --- Who is this? --------------------------------------------------------------------


@transaction.atomic
def belongs_to(
    conversation: Conversation, *, customer: Customer, now: datetime
) -> Conversation:
    """It is this customer's, with all that belongs to it. Raises NotWaiting where
    that is already on record, CustomerGone for a record that is no more."""
    locked = _locked(conversation)
    if locked.customer_id is not None:
        raise NotWaiting
    if not Customer.objects.live().filter(pk=customer.pk).exists():
        raise CustomerGone
    identified = _write(locked, "identified", now, customer=customer)
    whose.pass_on(identified)
    return identified


@transaction.atomic
def belongs_to_with_address(
    conversation: Conversation, *, customer: Customer, now: datetime
) -> Conversation:
    """The same, and its address is a second one of theirs from now on. Raises
    InvalidValue and AlreadyExists as crm/services/addresses.py does."""
    addresses.add(customer, kind=AddressKind.EMAIL, value=conversation.address, now=now)
    return belongs_to(conversation, customer=customer, now=now)


@transaction.atomic
def create_customer(conversation: Conversation, *, now: datetime) -> Conversation:
    """It is a new customer's, by the name and address of its first mail. That they
    wrote to us is no ground for surveys or offers. Raises InvalidValue and as
    `belongs_to`."""
    first = conversation.mails.filter(direction=Direction.IN.value).first()
    given, family = names.split_name(first.from_name if first else "")
    made = customers.create_customer(
        now=now,
        given_name=given[:120],
        family_name=family[:120],
        email=first.from_address if first else "",
        language=conversation.language,
    )
    return belongs_to(conversation, customer=made, now=now)


@transaction.atomic
def belongs_to_nobody(
    conversation: Conversation, *, now: datetime, forget_address: bool = False
) -> Conversation:
    """Take back what `belongs_to` did; with `forget_address` what
    `belongs_to_with_address` did."""
    locked = _locked(conversation)
    if forget_address:
        for row in CustomerAddress.objects.filter(
            customer=locked.customer_id,
            kind=AddressKind.EMAIL.value,
            norm=locked.address,
        ):
            addresses.remove(row, now=now)
    parted = _write(locked, "unidentified", now, customer=None)
    whose.pass_on(parted)
    return parted


# --- Spam ----------------------------------------------------------------------------


@transaction.atomic
def mark_as_spam(
    conversation: Conversation, *, by: User | None, now: datetime
) -> Conversation:
    """Close it as spam: it is kept, and nothing of it reopens or notifies."""
    locked = _locked(conversation)
    return _write(
        locked,
        "marked_as_spam",
        now,
        state=_CLOSED,
        closed_at=locked.closed_at or now,
        closed_by=by,
        snoozed_until=None,
        is_spam=True,
    )


@transaction.atomic
def block_sender(conversation: Conversation, *, by: User, now: datetime) -> bool:
    """The same for whatever else comes from its address. False: it has none."""
    mark_as_spam(conversation, by=by, now=now)
    if not conversation.address:
        return False
    row, _ = BlockedSender.objects.get_or_create(
        address=conversation.address, defaults={"blocked_by": by, "blocked_at": now}
    )
    audit.record("sender.blocked", f"blocked_sender:{row.pk}", now=now)
    return True


@transaction.atomic
def unblock_sender(conversation: Conversation, *, now: datetime) -> Conversation:
    """Take both back."""
    BlockedSender.objects.filter(address=conversation.address).delete()
    audit.record("sender.unblocked", f"conversation:{conversation.pk}", now=now)
    return reopen(conversation, now=now)


def _locked(conversation: Conversation) -> Conversation:
    rows = Conversation.objects.select_for_update(of=("self",), no_key=True)
    locked = rows.get(pk=conversation.pk)
    if locked.joined_into_id is not None:
        raise ConversationJoined
    return locked


def _owed(conversation: Conversation) -> Conversation:
    locked = _locked(conversation)
    if locked.is_closed:
        raise ConversationClosed
    return locked


def _write(
    conversation: Conversation, verb: str, now: datetime, **values: Any
) -> Conversation:
    """Write what changed, with its line of audit."""
    changed = [
        name for name, value in values.items() if _differs(conversation, name, value)
    ]
    for name in changed:
        setattr(conversation, name, values[name])
    if changed:
        conversation.version += 1
        conversation.save()
        audit.record(
            f"conversation.{verb}",
            f"conversation:{conversation.pk}",
            customer_id=conversation.customer_id,
            fields=changed,
            now=now,
        )
    return conversation


def _differs(conversation: Conversation, name: str, value: Any) -> bool:
    return bool(getattr(conversation, name) != value)
