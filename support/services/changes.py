"""Do one thing to some conversations, and take it back.

Each conversation goes through the same service as from its own page. What changed is
kept with its old and new value, and an undo puts back only what still is as the change
left it: what a colleague or a mail changed meanwhile stays.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from crm.models import User
from crm.services import audit
from support.errors import ChangeUndone
from support.models import (
    BlockedSender,
    Conversation,
    ConversationChange,
    ConversationTag,
    Tagging,
)
from support.rules.choices import ChangeAction, ConversationKind
from support.services import beside, conversations, tags
from web.errors import DomainError

# As many as a page shows, and some more.
MOST = 200
KEPT = timedelta(days=30)
_PEOPLE = ("assignee_id", "closed_by_id")
_FIELDS = (
    *("assignee_id", "kind", "state", "snoozed_until", "closed_at", "closed_by_id"),
    "is_spam",
)
_COLUMNS = {column.attname: column for column in Conversation._meta.concrete_fields}
Act = Callable[[Conversation], object]
Values = dict[str, Any]


@dataclass(frozen=True)
class Done:
    """`change` is None where nothing changed; `refused` conversations were not in a
    state for it."""

    change: ConversationChange | None
    changed: int
    refused: int


def assign(assignee: User | None, now: datetime) -> Act:
    """Give them to a colleague, or unassign them."""
    return lambda row: conversations.assign(row, assignee=assignee, now=now)


def tag(name: str, now: datetime) -> Act:
    """Put a tag to them. Raises InvalidValue for a name that is none."""
    found = tags.tag_named(name)
    return lambda row: tags.put(row, tag=found, now=now)


def untag(found: ConversationTag, now: datetime) -> Act:
    """Take a tag off them."""
    return lambda row: tags.take_off(row, tag=found, now=now)


def classify(kind: ConversationKind | None, now: datetime) -> Act:
    """Say what they are about."""
    return lambda row: conversations.classify(row, kind=kind, now=now)


def close(by: User, now: datetime, outcome: str = "") -> Act:
    """End them, in a few words where there is something to say."""
    return lambda row: conversations.close(row, by=by, outcome=outcome, now=now)


def snooze(until: datetime, now: datetime) -> Act:
    """Put them aside."""
    return lambda row: conversations.snooze(row, until=until, now=now)


def spam(by: User, now: datetime) -> Act:
    """Close them as spam."""
    return lambda row: conversations.mark_as_spam(row, by=by, now=now)


def block(by: User, now: datetime) -> Act:
    """Close them as spam, and whatever else comes from their addresses."""
    return lambda row: conversations.block_sender(row, by=by, now=now)


@transaction.atomic
def apply_one(
    action: ChangeAction,
    act: Act,
    conversation: Conversation,
    *,
    by: User,
    now: datetime,
) -> ConversationChange | None:
    """Do it to this one. None where nothing changed; raises what `act` raises."""
    changed = _changed(conversation.pk, act)
    rows = {str(conversation.pk): changed}
    return _kept(action, rows, by, now) if changed else None


@transaction.atomic
def apply(
    action: ChangeAction, act: Act, ids: Collection[int], *, by: User, now: datetime
) -> Done:
    """Do it to each of these conversations; those that refuse it stay as they are."""
    rows: dict[str, Values] = {}
    refused = 0
    for pk in sorted(set(ids))[:MOST]:
        try:
            with transaction.atomic():
                changed = _changed(pk, act)
        except DomainError:
            refused += 1
            continue
        if changed:
            rows[str(pk)] = changed
    change = _kept(action, rows, by, now) if rows else None
    return Done(change, len(rows), refused)


def _changed(pk: int, act: Act) -> Values:
    """What became different in this conversation; nothing where it is gone."""
    found = Conversation.objects.filter(pk=pk)
    row = found.select_for_update(of=("self",), no_key=True).first()
    if row is None:
        return {}
    before = _values(row)
    act(row)
    return _differences(before, _values(found.get()))


@transaction.atomic
def undo(change: ConversationChange, *, now: datetime) -> Done:
    """Put back what is still as the change left it; `refused` counts the conversations
    that are not. Raises ChangeUndone where somebody took it back already."""
    locked = begin_undo(change, now)
    back = 0
    for pk, changed in sorted(locked.rows.items(), key=lambda item: int(item[0])):
        back += _put_back(int(pk), changed, now)
    return Done(locked, back, len(locked.rows) - back)


def begin_undo(change: ConversationChange, now: datetime) -> ConversationChange:
    """Mark it as taken back, under a lock. Raises ChangeUndone where it is already."""
    locked = ConversationChange.objects.select_for_update().get(pk=change.pk)
    if locked.undone_at is not None:
        raise ChangeUndone
    locked.undone_at = now
    locked.save(update_fields=["undone_at"])
    return locked


def forget(now: datetime) -> int:
    """Delete what cannot be taken back any more."""
    gone, _ = ConversationChange.objects.filter(at__lt=now - KEPT).delete()
    return gone


def _kept(
    action: ChangeAction, rows: dict[str, Values], by: User, now: datetime
) -> ConversationChange:
    return ConversationChange.objects.create(
        action=action.value, by=by, at=now, rows=rows
    )


def _values(row: Conversation) -> Values:
    own = values_of(row, _FIELDS)
    found = Tagging.objects.filter(conversation=row).order_by("tag_id")
    return {
        **own,
        "tags": list(found.values_list("tag_id", flat=True)),
        "blocked": BlockedSender.objects.filter(address=row.address).exists(),
    }


def values_of(row: Conversation, names: Collection[str]) -> Values:
    """As JSON keeps them, so that what is kept can be compared with what is."""
    values = {name: getattr(row, name) for name in names}
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in values.items()
    }


def put_value_back(row: Conversation, name: str, old: Any) -> None:
    """Not saved. A colleague who was deleted meanwhile does not come back."""
    is_gone = name in _PEOPLE and not User.objects.filter(pk=old).exists()
    setattr(row, name, None if is_gone else _COLUMNS[name].to_python(old))


def _differences(before: Values, after: Values) -> Values:
    return {
        name: [before[name], after[name]]
        for name in before
        if before[name] != after[name]
    }


def _put_back(pk: int, changed: Values, now: datetime) -> bool:
    found = Conversation.objects.filter(pk=pk)
    row = found.select_for_update(of=("self",), no_key=True).first()
    if row is None or _differences_to(changed, _values(row)):
        return False
    closed_at = row.closed_at
    for name, (old, _new) in changed.items():
        if name == "tags":
            _put_tags_back(row, old)
        elif name == "blocked":
            # Only blocking is a change: one of before stays.
            BlockedSender.objects.filter(address=row.address).delete()
        else:
            put_value_back(row, name, old)
    if not row.is_closed:
        # Words of an end are not kept in a change, and what is open has none.
        row.outcome = ""
    if closed_at is not None and not row.is_closed:
        beside.reopen_with(row, closed_at=closed_at, now=now)
    row.version += 1
    row.save()
    audit.record(
        "conversation.change_undone",
        f"conversation:{pk}",
        customer_id=row.customer_id,
        fields=changed,
        now=now,
    )
    return True


def _differences_to(changed: Values, values: Values) -> bool:
    return any(values[name] != new for name, (_old, new) in changed.items())


def _put_tags_back(row: Conversation, old: list[int]) -> None:
    Tagging.objects.filter(conversation=row).exclude(tag__in=old).delete()
    # A tag that was deleted meanwhile does not come back.
    known = ConversationTag.objects.filter(pk__in=old)
    Tagging.objects.bulk_create(
        (Tagging(conversation=row, tag=one) for one in known), ignore_conflicts=True
    )
