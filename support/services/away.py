"""Who is away or works here no more: nothing new is theirs by itself."""

from datetime import datetime

from django.db import transaction
from django.db.models import F, Q, QuerySet

from crm.models import User
from crm.services import audit
from support.models import Absence, Conversation
from support.rules.choices import ConversationState
from web.errors import InvalidValue

_UNFINISHED = (
    ConversationState.OPEN.value,
    ConversationState.WAITING.value,
    ConversationState.SNOOZED.value,
)


@transaction.atomic
def leave(
    user: User, *, since: datetime, until: datetime | None, now: datetime
) -> Absence:
    """Be away from `since` to `until`, or until they come back. Raises InvalidValue."""
    if until is not None and until <= max(since, now):
        raise InvalidValue(fields={"until": "ends_before"})
    row, _ = Absence.objects.update_or_create(
        user=user, defaults={"since": since, "until": until}
    )
    audit.record("user.away", f"user:{user.pk}", fields=["since", "until"], now=now)
    return row


@transaction.atomic
def come_back(user: User, *, now: datetime) -> None:
    """Be there again."""
    gone, _ = Absence.objects.filter(user=user).delete()
    if gone:
        audit.record("user.back", f"user:{user.pk}", now=now)


def absence_of(user: User, *, now: datetime) -> Absence | None:
    """The absence that lasts or is to come."""
    rows = Absence.objects.filter(user=user)
    return rows.filter(Q(until=None) | Q(until__gt=now)).first()


def away(now: datetime) -> set[int]:
    """The ids of the colleagues who are away now."""
    return set(lasting(now).values_list("user_id", flat=True))


def lasting(now: datetime) -> "QuerySet[Absence]":
    """The absences that last now."""
    rows = Absence.objects.filter(since__lte=now)
    return rows.filter(Q(until=None) | Q(until__gt=now))


def if_there(user: User | None, *, now: datetime) -> User | None:
    """This colleague, unless they are away or have no account any more."""
    if user is None or not user.is_active or user.pk in away(now):
        return None
    return user


def give_back(conversation: Conversation, *, now: datetime) -> bool:
    """It is open again: unassigned, where its colleague is away. Not saved; whether."""
    assignee = conversation.assignee
    if assignee is None or if_there(assignee, now=now) is not None:
        return False
    conversation.assignee = None
    audit.record(
        "conversation.unassigned",
        f"conversation:{conversation.pk}",
        customer_id=conversation.customer_id,
        fields=["assignee"],
        now=now,
    )
    return True


@transaction.atomic
def give_back_all(user: User, *, now: datetime) -> int:
    """Unassign what is not closed: they no longer work here. How many."""
    theirs = Conversation.objects.filter(assignee=user, state__in=_UNFINISHED)
    locked = theirs.select_for_update(no_key=True).order_by("pk")
    rows = dict(locked.values_list("pk", "customer_id"))
    Conversation.objects.filter(pk__in=rows).update(
        assignee=None, version=F("version") + 1
    )
    audit.record_many(
        "conversation.unassigned",
        [(f"conversation:{pk}", customer) for pk, customer in rows.items()],
        fields=["assignee"],
        now=now,
    )
    return len(rows)
