"""Join conversations that are about one matter, and split one that is about two.

Nothing is joined by itself, whatever the subjects. A joined conversation keeps its row,
so that its number, its signed addresses and its links lead on to the other one.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from crm.models import User
from crm.rules import names
from crm.services import audit
from support.errors import DifferentPeople, NothingToJoin, NothingToSplit
from support.models import (
    Conversation,
    ConversationChange,
    ConversationContact,
    ConversationFollowUp,
    Draft,
    Mail,
    Note,
    Tagging,
)
from support.rules import subjects
from support.rules.choices import ChangeAction, ConversationState
from support.services import whose
from support.services.changes import (
    MOST,
    Done,
    Values,
    begin_undo,
    put_value_back,
    values_of,
)

_JOINED = ConversationState.JOINED.value
_OPEN = ConversationState.OPEN.value
# What makes a state, put back by an undo.
_STATE = (
    *("state", "snoozed_until", "closed_at", "closed_by_id", "is_spam", "is_history"),
    "customer_id",
)


_BESIDE: tuple[
    tuple[type[ConversationContact] | type[ConversationFollowUp], str], ...
] = ((ConversationContact, "contacts"), (ConversationFollowUp, "follow_ups"))


@transaction.atomic
def join(ids: Collection[int], *, by: User, now: datetime) -> Done:
    """Join these conversations to the one of them that began first.

    Raises NothingToJoin, and DifferentPeople for those of two customers or where one is
    a side thread, which the customer must not see.
    """
    rows = _locked(ids)
    if len(rows) < 2:
        raise NothingToJoin
    known = {row.customer_id for row in rows} - {None}
    if len(known) > 1 or len({row.side_of_id for row in rows}) > 1:
        raise DifferentPeople
    target, *others = sorted(rows, key=lambda row: (row.opened_at, row.pk))
    kept: dict[str, Any] = {str(target.pk): {"was": values_of(target, _STATE)}}
    if target.customer_id is None and known:
        (target.customer_id,) = known
    for row in others:
        kept[str(row.pk)] = _move(row, target, now)
    if any(each.state == _OPEN for each in rows):
        _open(target)
    _settle(target)
    kept[str(target.pk)]["version"] = target.version
    change = ConversationChange.objects.create(
        action=ChangeAction.JOIN.value, by=by, at=now, rows=kept
    )
    for row in others:
        _lead_on(row, target, now)
    return Done(change, len(rows), 0)


@transaction.atomic
def split(
    conversation: Conversation, mails: Collection[int], *, by: User, now: datetime
) -> tuple[Conversation, Done]:
    """Take these mails into a conversation of their own, which is open and has the same
    customer and colleague. Raises NothingToSplit for none of its mails, or all."""
    (row,) = _locked([conversation.pk]) or (None,)
    if row is None:
        raise NothingToSplit
    chosen = list(row.mails.filter(pk__in=mails).order_by("at", "pk"))
    if not chosen or len(chosen) == row.mails.count():
        raise NothingToSplit
    writer = next((mail.from_address for mail in chosen if not mail.is_ours), "")
    made = Conversation.objects.create(
        customer_id=row.customer_id,
        address=names.normalise_email(writer) or row.address,
        mailbox_id=row.mailbox_id,
        side_of_id=row.side_of_id,
        assignee_id=row.assignee_id,
        language=row.language,
        subject=subjects.bare(chosen[0].subject),
        opened_at=chosen[0].at,
        last_mail_at=chosen[-1].at,
    )
    Mail.objects.filter(pk__in=[mail.pk for mail in chosen]).update(conversation=made)
    _settle(row)
    _record("split", row, now)
    _record("opened", made, now)
    change = ConversationChange.objects.create(
        action=ChangeAction.SPLIT.value, by=by, at=now, rows={str(made.pk): row.pk}
    )
    return made, Done(change, 1, 0)


@transaction.atomic
def undo(change: ConversationChange, *, now: datetime) -> Done:
    """Part what was joined, or bring together what was split; `refused` counts the
    conversations that changed since and stay. Raises ChangeUndone."""
    locked = begin_undo(change, now)
    if locked.action == ChangeAction.SPLIT.value:
        return _unsplit(locked, now)
    rows = {row.pk: row for row in _locked(map(int, locked.rows), joined=True)}
    target_id = next(int(pk) for pk, kept in locked.rows.items() if "mails" not in kept)
    target = rows.get(target_id)
    parted = 0
    for pk, kept in locked.rows.items():
        row = rows.get(int(pk))
        if row is None or row.joined_into_id != target_id or target is None:
            continue
        _part(row, target, kept, now)
        parted += 1
    if target is not None and parted:
        kept = locked.rows[str(target_id)]
        came = Mail.objects.filter(conversation=target, stored_at__gt=locked.at)
        # What a mail or a colleague did with it since stays.
        if target.version == kept["version"] and not came.exists():
            _put_state(target, kept["was"])
            whose.pass_on(target)
        _settle(target)
    return Done(locked, parted, len(locked.rows) - 1 - parted)


def _unsplit(change: ConversationChange, now: datetime) -> Done:
    ((made_id, row_id),) = change.rows.items()
    rows = {row.pk: row for row in _locked([int(made_id), row_id])}
    if len(rows) < 2:
        return Done(change, 0, 1)
    made, row = rows[int(made_id)], rows[row_id]
    _move(made, row, now)
    _settle(row)
    _lead_on(made, row, now)
    return Done(change, 1, 0)


def _locked(ids: Collection[int] | Any, *, joined: bool = False) -> list[Conversation]:
    """In one order, so that two who join the same do not wait for one another."""
    rows = Conversation.objects.filter(pk__in=sorted(set(ids))[:MOST])
    if not joined:
        rows = rows.filter(joined_into=None)
    return list(rows.select_for_update(of=("self",), no_key=True).order_by("pk"))


def _put_state(row: Conversation, values: Values) -> None:
    for name, value in values.items():
        put_value_back(row, name, value)


def _move(row: Conversation, target: Conversation, now: datetime) -> dict[str, Any]:
    """Everything of `row` goes to `target`; what went, and how the row stood."""
    mails = list(row.mails.values_list("pk", flat=True))
    notes = list(row.notes.values_list("pk", flat=True))
    sides = list(row.side_threads.values_list("pk", flat=True))
    Mail.objects.filter(pk__in=mails).update(conversation=target)
    Note.objects.filter(pk__in=notes).update(conversation=target)
    Conversation.objects.filter(pk__in=sides).update(side_of=target)
    # Of two drafts of one author the later one stays, and leads on when it is sent.
    writing = target.drafts.filter(forwards=None).values("author")
    drafts = list(row.drafts.exclude(author__in=writing).values_list("pk", flat=True))
    Draft.objects.filter(pk__in=drafts).update(conversation=target)
    had = set(target.taggings.values_list("tag_id", flat=True))
    tags = sorted(set(row.taggings.values_list("tag_id", flat=True)) - had)
    Tagging.objects.bulk_create(Tagging(conversation=target, tag_id=pk) for pk in tags)
    beside = {}
    for model, name in _BESIDE:
        rows = model.objects.filter(conversation=row)
        beside[name] = list(rows.values_list("pk", flat=True))
        rows.update(conversation=target)
    whose.pass_on(target)
    return {
        "was": values_of(row, _STATE),
        "mails": mails,
        **beside,
        "notes": notes,
        "sides": sides,
        "drafts": drafts,
        "tags": tags,
    }


def _part(
    row: Conversation, target: Conversation, kept: dict[str, Any], now: datetime
) -> None:
    """Give back to `row` what `_move` took, as far as it is still there."""
    row.joined_into = None
    _put_state(row, kept["was"])
    mails: Sequence[int] = kept["mails"]
    Mail.objects.filter(pk__in=mails, conversation=target).update(conversation=row)
    here = {"conversation": target}
    Note.objects.filter(pk__in=kept["notes"], **here).update(conversation=row)
    Draft.objects.filter(pk__in=kept["drafts"], **here).update(conversation=row)
    Conversation.objects.filter(pk__in=kept["sides"]).update(side_of=row)
    for model, name in _BESIDE:
        # A change of before these were kept has none.
        rows = model.objects.filter(pk__in=kept.get(name, []), **here)
        rows.update(conversation=row)
    Tagging.objects.filter(conversation=target, tag__in=kept["tags"]).delete()
    whose.pass_on(row)
    _settle(row)
    _record("parted", row, now)


def _open(row: Conversation) -> None:
    row.state = _OPEN
    row.snoozed_until = row.closed_at = row.closed_by = None
    row.is_spam = row.is_history = False


def _settle(row: Conversation) -> None:
    """Where it stands in the lists, by its mails."""
    latest = row.mails.aggregate(at=Max("at"))["at"]
    row.last_mail_at = latest or row.last_mail_at
    row.version += 1
    row.save()


def _lead_on(row: Conversation, target: Conversation, now: datetime) -> None:
    _open(row)
    row.state = _JOINED
    row.joined_into = target
    row.version += 1
    row.save()
    _record("joined", row, now)


def _record(verb: str, row: Conversation, now: datetime) -> None:
    audit.record(
        f"conversation.{verb}",
        f"conversation:{row.pk}",
        customer_id=row.customer_id,
        now=now,
    )
