"""May these messages go now? Everything that a claim asks, in its order."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial

from messaging.kinds import Kind, Wait
from messaging.models import Message
from messaging.rules import send_decision
from messaging.rules.backoff import wait_after
from messaging.rules.choices import State
from messaging.rules.send_decision import Decision, Defer, End, Facts, Go, Reason
from messaging.services import gifts, permission, reach, runs
from messaging.services.delivery.groups import by_kind, isolated
from messaging.services.person_addresses import Addressees

# Tries that ended without any answer: the process died, or the kind's code failed.
ATTEMPTS_MOST = 5
TOO_MANY = End(State.FAILED, Reason("too_many_attempts"))
UNKNOWN_KIND = End(State.CANCELLED, Reason("unknown_kind"))
_SUPERSEDED = "superseded"
PutOff = Callable[[Sequence[Message], datetime], Mapping[int, Wait]]


def asked(
    messages: Sequence[Message], addressees: Addressees, now: datetime
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
    answers |= _one_after_another(going, known, addressees, now)
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
    addressees: Addressees,
    now: datetime,
) -> dict[int, Decision]:
    """Several to one person or address in one group: each is asked as if those before
    it had gone."""
    before: dict[bytes, list[Message]] = defaultdict(list)
    answers: dict[int, Decision] = {}
    for message in going:
        addresses = addressees.of(message)
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
    for put_off, group in _by_places(messages):
        waits, broken = isolated(put_off, group, now)
        answers |= dict.fromkeys(broken, again)
        for pk, one in waits.items():
            answers[pk] = send_decision.wait(one.until, one.reason, known[pk], now)
    return answers


def _by_places(messages: Sequence[Message]) -> list[tuple[PutOff, list[Message]]]:
    """Kinds that give out places by one and the same rule are asked together, in the
    order of the claim: each alone would give the same places again."""
    rules: dict[str, PutOff] = {}
    stocks: dict[object, list[str]] = defaultdict(list)
    for kind, _group in by_kind(messages):
        assert kind is not None, "an unknown kind has ended before"
        rules[kind.name] = kind.put_off
        stocks[type(kind).put_off].append(kind.name)
    return [
        (rules[names[0]], [message for message in messages if message.kind in names])
        for names in stocks.values()
    ]


def _without_gift(
    messages: Sequence[Message], known: Mapping[int, Facts], now: datetime
) -> dict[int, Decision]:
    """Asked at last, because who gets this far takes it: no one holds a gift whose
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
