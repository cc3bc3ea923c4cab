"""Take a group of messages that may go now; end or defer those that may not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from uuid import UUID, uuid4

from django.db import transaction

from messaging.models import Message
from messaging.rules.choices import State
from messaging.rules.send_decision import Code, Decision, Defer, End, Go, Reason
from messaging.services import person_addresses, suppression
from messaging.services.delivery import sql
from messaging.services.delivery.outcomes import announce, lease
from messaging.services.delivery.questions import asked
from messaging.services.person_addresses import Addressees
from messaging.sql import stops
from messaging.sql.addresses import try_locks

_PLANNED = [State.PLANNED.value]


@dataclass(frozen=True)
class Claimed:
    """What is ours now, and by message the hash of the address that it goes to. `seen`
    counts all that were looked at, also those put off."""

    token: UUID
    messages: list[Message] = field(default_factory=list)
    hashes: Mapping[int, bytes] = field(default_factory=dict)
    seen: int = 0
    deferred: int = 0
    ended: int = 0


@transaction.atomic
def claim(
    *,
    now: datetime,
    limit: int,
    refused: Sequence[int] = (),
    due_after: datetime | None = None,
    account_id: int | None = None,
) -> Claimed:
    """Up to `limit` messages that may go at `now`, now leased to the caller.

    `due_after`: what was due before waits for a person (restoration.py).

    `refused`: mails that met a refusal of this transport, newest first. Another one is
    taken; where there is none, the one that was refused longest ago.
    """
    token = uuid4()
    ready = partial(
        sql.lock_ready,
        now=now,
        limit=limit,
        due_after=due_after,
        account_id=account_id,
    )
    ids = ready(avoid=refused)
    if not ids and refused:
        ids = ready(avoid=refused[:-1])
    if not ids:
        return Claimed(token)
    found = {
        message.pk: message
        for message in Message.objects.select_related("customer", "user").filter(
            pk__any_of=ids
        )
    }
    key = suppression.address_key()
    addressees = person_addresses.of_messages(found.values(), key)
    messages = _free([found[pk] for pk in ids if pk in found], addressees)
    messages = _not_being_stopped(messages)
    answers = asked(messages, addressees, now)
    going = [message for message in messages if isinstance(answers[message.pk], Go)]
    hashes = {message.pk: addressees.hashes[message.pk] for message in going}
    sql.claim(hashes, token=token, lease=lease(), now=now)
    ended = _end(messages, answers, now)
    deferred = _defer(messages, answers, now)
    return Claimed(token, going, hashes, len(messages), len(deferred), len(ended))


def _free(messages: Sequence[Message], addressees: Addressees) -> list[Message]:
    """Those whose addresses no other transaction has locked; the rest is left to it."""
    theirs = {message.pk: addressees.of(message) for message in messages}
    ours = try_locks({one for hashes in theirs.values() for one in hashes})
    return [message for message in messages if theirs[message.pk] <= ours]


def _not_being_stopped(messages: Sequence[Message]) -> list[Message]:
    """Those of automations that nobody is stopping."""
    running = stops.share({one.automation_id for one in messages if one.automation_id})
    return [
        one
        for one in messages
        if one.automation_id is None or one.automation_id in running
    ]


def _end(
    messages: Sequence[Message], answers: Mapping[int, Decision], now: datetime
) -> list[Message]:
    finals: list[sql.Outcome] = []
    over: list[Message] = []
    for message in messages:
        answer = _in_life(message, answers[message.pk])
        if isinstance(answer, End):
            reason = answer.reason
            finals.append(
                sql.Outcome(message.pk, answer.state.value, reason.code, reason.data)
            )
            message.state, message.reason_code = answer.state.value, reason.code
            message.reason_data, message.final_at = dict(reason.data), now
            over.append(message)
    sql.finish(finals, token=None, states=_PLANNED, now=now)
    announce(over, now=now)
    return over


def _defer(
    messages: Sequence[Message], answers: Mapping[int, Decision], now: datetime
) -> list[sql.Requeue]:
    later: list[sql.Requeue] = []
    for message in messages:
        answer = _in_life(message, answers[message.pk])
        if isinstance(answer, Defer):
            reason = answer.reason
            later.append(
                sql.Requeue(
                    message.pk,
                    answer.until,
                    reason.code,
                    reason.data,
                    attempts=int(reason.code == "not_asked"),
                    deferrals=1,
                )
            )
    sql.put_back(later, token=None, states=_PLANNED)
    return later


def _in_life(message: Message, answer: Decision) -> Decision:
    """What cannot wait within its life is over."""
    if isinstance(answer, Defer) and answer.until >= message.expires_at:
        return End(State.EXPIRED, Reason(Code.TOO_LATE.value))
    return answer
