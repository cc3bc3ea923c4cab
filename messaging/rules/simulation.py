"""What becomes of several mails to the same people, one after another.

The decision is that of the claim (`send_decision.decide`), asked at the moments at
which a delivery would ask it, of the mails that went before as well. So limits, pauses
and nights count here as they will; only what cannot be known is left out: failures,
withdrawals, orders and answers of the days ahead.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from heapq import heapify, heappop, heappush

from messaging.rules import send_decision
from messaging.rules.budget import Counted
from messaging.rules.choices import State
from messaging.rules.life import LAST_LOOK, is_in_time
from messaging.rules.send_decision import (
    LOOK_AGAIN,
    Beside,
    Code,
    Defer,
    End,
    Facts,
    Go,
)

# A customer, or the hash of an address.
Key = int | bytes


class ForecastDecision(StrEnum):
    """What becomes of a mail."""

    GOES = "goes"
    WAITS = "waits"
    LAPSES = "lapses"
    REFUSED = "refused"
    # A member of staff has to release it, at an unknown time.
    HELD = "held"


@dataclass(frozen=True)
class Mail:
    """One mail that is planned or will be, and what is known about it now.

    `sender`: the customer and the hash of the address it counts by; `sees`: those whose
    mails count against it. Without them it counts with the others of its group.
    `rank`: what goes first at the same moment, as in the claim.
    """

    key: int
    kind: str
    customer: int
    moment: datetime
    rank: tuple[int, ...]
    facts: Facts
    sender: frozenset[Key] = frozenset()
    sees: frozenset[Key] = frozenset()


@dataclass(frozen=True)
class Outcome:
    """`code`: why it waits or does not go; "" where it goes at its moment."""

    decision: ForecastDecision
    code: str = ""
    goes_at: datetime | None = None


@dataclass(frozen=True)
class _Gone:
    mail: Mail
    at: datetime
    counted: Counted


_Waiting = tuple[datetime, tuple[int, ...], datetime, datetime, int, int]


def simulate(mails: Sequence[Mail], now: datetime) -> dict[int, Outcome]:
    """Key to outcome, for mails to one person, or to several who share an address."""
    by_key = {mail.key: mail for mail in mails}
    queue = [_asked_at(mail, max(mail.moment, now)) for mail in mails]
    heapify(queue)
    gone: list[_Gone] = []
    first: dict[int, str] = {}
    found: dict[int, Outcome] = {}
    while queue:
        at, *_, key = heappop(queue)
        mail = by_key[key]
        facts = mail.facts
        decision = send_decision.decide(facts, at, _beside(mail, gone))
        if isinstance(decision, Go):
            decision = send_decision.lot_of(facts)
        if isinstance(decision, Go):
            gone.append(_Gone(mail, at, _counted(facts, at)))
            found[key] = _went(mail, at, first.get(key, ""), now)
        elif isinstance(decision, End):
            found[key] = _ended(decision)
        elif (until := _next_look(decision, facts, at)) is None:
            found[key] = Outcome(ForecastDecision.HELD, Code.ON_HOLD.value)
        else:
            first.setdefault(key, decision.reason.code)
            heappush(queue, _asked_at(mail, until))
    return found


def _asked_at(mail: Mail, at: datetime) -> _Waiting:
    # Of two that days off moved to one moment, the one that was due first was planned
    # first, and ends first. Of two people with one address the older record goes first,
    # in whatever order they were found.
    ends_at = mail.facts.expires_at
    return at, mail.rank, mail.moment, ends_at, mail.customer, mail.key


def _beside(mail: Mail, gone: Sequence[_Gone]) -> Beside:
    """Those that had gone by then and count against it."""
    others = [one for one in gone if not mail.sees or one.mail.sender & mail.sees]
    return Beside(
        [one.counted for one in others],
        [one.at for one in others if _is_twin(one.mail, mail)],
    )


def _counted(facts: Facts, at: datetime) -> Counted:
    return Counted(facts.category, at, facts.is_reminder)


def _is_twin(one: Mail, other: Mail) -> bool:
    return one.kind == other.kind and one.customer != other.customer


def _went(mail: Mail, at: datetime, first: str, now: datetime) -> Outcome:
    if at > max(mail.moment, now):
        return Outcome(ForecastDecision.WAITS, first, at)
    return Outcome(ForecastDecision.GOES, "", at)


def _ended(decision: End) -> Outcome:
    code = decision.reason.code
    if decision.state is State.EXPIRED:
        return Outcome(ForecastDecision.LAPSES, code)
    return Outcome(ForecastDecision.REFUSED, code)


def _next_look(decision: Defer, facts: Facts, at: datetime) -> datetime | None:
    """When it is asked again; None: once somebody has released the hold.

    A hold is looked at every hour. Nothing changes before it ends, so that the looks in
    between are left out.
    """
    if decision.reason.code != Code.ON_HOLD:
        return decision.until
    hold = next(hold for hold in facts.holds if hold.stands(at))
    if hold.until is None:
        return None
    looks = -((at - hold.until) // LOOK_AGAIN)
    until = at + looks * LOOK_AGAIN
    last = facts.expires_at - LAST_LOOK
    return until if is_in_time(until, facts.expires_at) else max(last, decision.until)
