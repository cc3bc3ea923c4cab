"""Take a group of messages that may go now; end or defer those that may not."""

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import groupby
from typing import TypeVar
from uuid import UUID, uuid4

from django.db import InterfaceError, OperationalError, transaction

from messaging import kinds
from messaging.kinds import Kind
from messaging.models import Message
from messaging.rules import send_decision
from messaging.rules.backoff import wait_after
from messaging.rules.choices import State
from messaging.rules.send_decision import Code, Decision, Defer, End, Facts, Go, Reason
from messaging.services import (
    gifts,
    permission,
    person_addresses,
    reach,
    runs,
    suppression,
)
from messaging.services.delivery import sql
from messaging.services.delivery.outcomes import announce, lease
from messaging.sql import stops
from messaging.sql.addresses import try_locks

logger = logging.getLogger(__name__)

# Tries that ended without any answer: the process died, or the kind's code failed.
ATTEMPTS_MOST = 5
TOO_MANY = End(State.FAILED, Reason("too_many_attempts"))
UNKNOWN_KIND = End(State.CANCELLED, Reason("unknown_kind"))
_PLANNED = [State.PLANNED.value]
_SUPERSEDED = "superseded"

Found = TypeVar("Found")


@dataclass(frozen=True)
class Claimed:
    """What is ours now. `seen` counts all that were looked at, also those put off."""

    token: UUID
    messages: list[Message] = field(default_factory=list)
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
            pk__in=ids
        )
    }
    key = suppression.address_key()
    hashes = {
        pk: suppression.hashed(message.email_norm, key) for pk, message in found.items()
    }
    theirs = _all_addresses(found.values(), hashes, key)
    messages = _free([found[pk] for pk in ids if pk in found], theirs)
    messages = _not_being_stopped(messages)
    answers = _asked(messages, theirs, now)
    going = [message for message in messages if isinstance(answers[message.pk], Go)]
    addresses = {message.pk: hashes[message.pk] for message in going}
    sql.claim(addresses, token=token, lease=lease(), now=now)
    ended = _end(messages, answers, now)
    deferred = _defer(messages, answers, now)
    return Claimed(token, going, len(messages), len(deferred), len(ended))


def _all_addresses(
    messages: Collection[Message], hashes: Mapping[int, bytes], key: bytes
) -> dict[int, frozenset[bytes]]:
    """The addresses of the person of each message, whatever one it goes to."""
    people = {
        message.customer_id: message.email_norm
        for message in messages
        if message.customer_id
    }
    known = person_addresses.of_emails(people, key)
    return {
        message.pk: known[message.customer_id].hashes
        if message.customer_id
        else frozenset({hashes[message.pk]} - {b""})
        for message in messages
    }


def _free(
    messages: Sequence[Message], theirs: Mapping[int, frozenset[bytes]]
) -> list[Message]:
    """Those whose addresses no other transaction has locked; the rest is left to it."""
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


def _asked(
    messages: Sequence[Message],
    theirs: Mapping[int, frozenset[bytes]],
    now: datetime,
) -> dict[int, Decision]:
    """Permission first, then the kind: is it still due? At last, who else is going."""
    answers: dict[int, Decision] = {}
    for message in messages:
        if message.attempts - message.refusals >= ATTEMPTS_MOST:
            answers[message.pk] = TOO_MANY
    rest = [message for message in messages if message.pk not in answers]
    known = permission.facts(rest, now=now)
    _leave_offers_out(rest, known)
    answers |= {pk: send_decision.decide(facts, now) for pk, facts in known.items()}
    going = [message for message in rest if isinstance(answers[message.pk], Go)]
    for kind, group in by_kind(going):
        if kind is None:
            answers |= dict.fromkeys((message.pk for message in group), UNKNOWN_KIND)
        else:
            answers |= _still_due(kind, group, now)
    going = [message for message in rest if isinstance(answers[message.pk], Go)]
    answers |= _one_after_another(going, known, theirs, now)
    going = [message for message in rest if isinstance(answers[message.pk], Go)]
    answers |= _put_off(going, known, now)
    going = [message for message in rest if isinstance(answers[message.pk], Go)]
    return answers | _without_gift(going, known, now)


def _leave_offers_out(messages: Sequence[Message], known: Mapping[int, Facts]) -> None:
    """What may go without its offer alone is no marketing from now on."""
    for message in messages:
        category = known[message.pk].category.value
        if message.category != category:
            message.category = category
            message.save(update_fields=["category"])


def _one_after_another(
    going: Sequence[Message],
    known: Mapping[int, Facts],
    theirs: Mapping[int, frozenset[bytes]],
    now: datetime,
) -> dict[int, Decision]:
    """Several to one person or address in one group: each is asked as if those before
    it had gone."""
    before: dict[bytes, list[Message]] = defaultdict(list)
    answers: dict[int, Decision] = {}
    for message in going:
        addresses = theirs[message.pk]
        others = {one.pk: one for address in addresses for one in before[address]}
        if others:
            gone = [*others.values()]
            facts = permission.beside(known[message.pk], message, gone, now)
            answers[message.pk] = send_decision.decide(facts, now)
        if isinstance(answers.get(message.pk, Go()), Go):
            answers[message.pk] = send_decision.lot_of(known[message.pk])
        if isinstance(answers[message.pk], Go):
            for address in addresses:
                before[address].append(message)
    return answers


def _put_off(
    messages: Sequence[Message], known: Mapping[int, Facts], now: datetime
) -> dict[int, Decision]:
    """Those for whom their kind has no place now."""
    answers: dict[int, Decision] = {}
    again = Defer(now + wait_after(2, 0), Reason("not_asked"))
    for kind, group in by_kind(messages):
        assert kind is not None, "an unknown kind has ended before"
        waits, broken = isolated(kind.put_off, group, now)
        answers |= dict.fromkeys(broken, again)
        for pk, one in waits.items():
            answers[pk] = send_decision.wait(one.until, one.reason, known[pk], now)
    return answers


def _without_gift(
    messages: Sequence[Message], known: Mapping[int, Facts], now: datetime
) -> dict[int, Decision]:
    """Asked at last, because whoever gets this far takes it: nobody holds a gift whose
    mail waits for something else."""
    reasons, broken = isolated(gifts.take, messages, now)
    again = Defer(now + wait_after(2, 0), Reason("not_asked"))
    answers: dict[int, Decision] = dict.fromkeys(broken, again)
    for pk, reason in reasons.items():
        later = now + send_decision.LOOK_AGAIN
        answers[pk] = send_decision.wait(later, reason, known[pk], now)
    return answers


def _still_due(
    kind: Kind, group: Sequence[Message], now: datetime
) -> dict[int, Decision]:
    reasons, broken = isolated(partial(_over, kind), group, now)
    # One more try without an answer each time: a broken rule cannot go round for ever.
    again = Defer(now + wait_after(2, 0), Reason("not_asked"))
    answers: dict[int, Decision] = dict.fromkeys(broken, again)
    for pk, reason in reasons.items():
        over = reason.code.startswith(_SUPERSEDED)
        state = State.SUPERSEDED if over else State.CANCELLED
        answers[pk] = End(state, Reason(reason.code, reason.data))
    return answers


def _over(kind: Kind, messages: Sequence[Message], now: datetime) -> dict[int, Reason]:
    """Whom the kind no longer writes to, and then whom another automation has. Of a
    later step its own rules are asked alone."""
    first = [message for message in messages if message.step == 1]
    later = [message for message in messages if message.step > 1]
    over = runs.stopped(later, now)
    if first:
        over |= {**reach.outside(first, now), **kind.no_longer_due(first, now)}
    return over


def isolated(
    ask: Callable[[Sequence[Message], datetime], Mapping[int, Found]],
    messages: Sequence[Message],
    now: datetime,
) -> tuple[dict[int, Found], list[int]]:
    """Ask for all at once; where that fails, one by one: poison spoils itself only.

    A lock that was not free or a lost connection is not the fault of a message.
    """
    try:
        with transaction.atomic():
            return dict(ask(messages, now)), []
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        if len(messages) == 1:
            logger.exception("Message %s cannot be prepared", messages[0].pk)
            return {}, [messages[0].pk]
    answers: dict[int, Found] = {}
    broken: list[int] = []
    for message in messages:
        one, failed = isolated(ask, [message], now)
        answers |= one
        broken += failed
    return answers, broken


def by_kind(
    messages: Iterable[Message],
) -> list[tuple[Kind | None, list[Message]]]:
    """Messages in groups of one kind; None for a kind that is no more."""
    known = {kind.name: kind for kind in kinds.all_kinds()}
    ordered = sorted(messages, key=lambda message: message.kind)
    return [
        (known.get(name), list(group))
        for name, group in groupby(ordered, key=lambda message: message.kind)
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
