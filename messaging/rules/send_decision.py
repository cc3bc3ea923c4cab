"""May this message go now, later, or never: one pure decision with its reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from crm.rules import dates
from messaging.rules import budget
from messaging.rules.budget import Counted, Rule
from messaging.rules.choices import Category, State
from messaging.rules.life import LAST_LOOK, is_in_time
from messaging.rules.reasons import Code as Code
from messaging.rules.reasons import Reason as Reason
from messaging.rules.resting import AllowedDays

# How often a message on hold is looked at again.
LOOK_AGAIN = timedelta(hours=1)
# An address gets one mail of a kind in such a time, however many records carry it.
SAME_ADDRESS_FOR = timedelta(days=1)


@dataclass(frozen=True)
class Go:
    """It may be sent now."""


@dataclass(frozen=True)
class Defer:
    """It stays planned and is looked at again then."""

    until: datetime
    reason: Reason


@dataclass(frozen=True)
class End:
    """It will never be sent."""

    state: State
    reason: Reason


Decision = Go | Defer | End
# The basis of a ConsentState: neither an order nor words of the shop allow it.
NO_GROUND = "no_ground"


@dataclass(frozen=True)
class ConsentState:
    """May we write in this category; since when, and on what ground."""

    allowed: bool
    since: datetime | None
    basis: str
    # Whether it was recorded, or is only the default of the shop.
    recorded: bool = False
    # The record through which it was recorded: one with the same address, if another.
    through: int | None = None


@dataclass(frozen=True)
class OpenHold:
    """A hold on all mail to a customer that is not released yet."""

    id: int
    reason: str
    source_key: str
    # It ends by itself then, as a pause does; None: only when it is released.
    until: datetime | None = None

    def stands(self, now: datetime) -> bool:
        """Whether it holds at this moment; without an end it always does."""
        return self.until is None or now < self.until


@dataclass(frozen=True)
class Facts:
    """All that is known about one message and its recipient when we decide."""

    category: Category
    is_reminder: bool
    expires_at: datetime
    zone: ZoneInfo
    consent: ConsentState
    # Their id; None for a colleague or a bare address.
    customer: int | None = None
    customer_gone: bool = False
    colleague_gone: bool = False
    has_address: bool = True
    is_staff: bool = False
    suppressed: str = ""
    holds: Sequence[OpenHold] = ()
    # The days on which its automation may write there, and its hour.
    allowed: AllowedDays = AllowedDays()
    country: str = ""
    send_hour: int = 0
    quiet_from: int = 0
    quiet_until: int = 0
    rules: Sequence[Rule] = ()
    counted: Sequence[Counted] = ()
    # When mails of this kind went to this address for other records.
    twins: Sequence[datetime] = ()
    # By the lot of the automation; see `lot_of`.
    held_out: bool = False


@dataclass(frozen=True)
class Beside:
    """What else would count by then: mails that are foreseen to have gone before."""

    counted: Sequence[Counted] = ()
    twins: Sequence[datetime] = ()


NOTHING = Beside()


def decide(facts: Facts, now: datetime, beside: Beside = NOTHING) -> Decision:
    """The first reason not to send it. Ends come first, waits after them."""
    return (
        _never(facts)
        or _over(facts, now)
        or _twin(facts, now, beside)
        or _limited(facts, now, beside)
        or _held(facts, now)
        or _day_off(facts, now)
        or _quiet(facts, now)
        or Go()
    )


def lot_of(facts: Facts) -> End | Go:
    """What becomes of a mail that may go: whoever is held out by lot gets none.

    Asked after everything else, what the kind says included: those held out are the
    people who would have got it.
    """
    if facts.held_out:
        return End(State.SUPPRESSED, Reason(Code.HELD_OUT.value))
    return Go()


def _never(facts: Facts) -> End | None:
    code = _refusal(facts)
    if not code:
        return None
    through = facts.consent.through
    elsewhere = code == Code.OPTED_OUT and through != facts.customer
    return End(
        State.SUPPRESSED, Reason(code, {"through": through} if elsewhere else {})
    )


def _refusal(facts: Facts) -> str:
    if facts.customer_gone:
        return Code.CUSTOMER_GONE.value
    if facts.colleague_gone:
        return Code.COLLEAGUE_GONE.value
    if not facts.has_address:
        return Code.NO_ADDRESS.value
    if facts.suppressed:
        return facts.suppressed
    # Staff do not rate their own shop.
    if facts.is_staff and facts.category is Category.SURVEY:
        return Code.IS_STAFF.value
    if not facts.consent.allowed:
        return _not_allowed(facts.consent).value
    return ""


def _not_allowed(consent: ConsentState) -> Code:
    if consent.recorded:
        return Code.OPTED_OUT
    return Code.NO_GROUND if consent.basis == NO_GROUND else Code.NO_CONSENT


def _over(facts: Facts, now: datetime) -> End | None:
    if now < facts.expires_at:
        return None
    return End(State.EXPIRED, Reason(Code.TOO_LATE.value))


def _twin(facts: Facts, now: datetime, beside: Beside) -> Defer | End | None:
    if facts.category is Category.TRANSACTIONAL:
        return None
    twins = (*facts.twins, *beside.twins)
    near = [at for at in twins if now < at + SAME_ADDRESS_FOR]
    if not near:
        return None
    until = max(near) + SAME_ADDRESS_FOR
    reason = Reason(Code.SAME_ADDRESS.value, {"until": until.isoformat()})
    return wait(until, reason, facts, now)


def _limited(facts: Facts, now: datetime, beside: Beside) -> Defer | End | None:
    blocked = budget.longest_wait(
        facts.rules,
        [*facts.counted, *beside.counted],
        category=facts.category,
        is_reminder=facts.is_reminder,
        now=now,
    )
    if blocked is None:
        return None
    data = {
        "rule": blocked.rule.id,
        "count": blocked.count,
        "most": blocked.rule.max_count,
        "days": blocked.rule.window_days,
        "fits_at": blocked.until.isoformat(),
    }
    reason = Reason(Code.CONTACT_LIMIT.value, data)
    return wait(blocked.until, reason, facts, now)


def _held(facts: Facts, now: datetime) -> Defer | End | None:
    hold = next((hold for hold in facts.holds if hold.stands(now)), None)
    if hold is None:
        return None
    return wait(now + LOOK_AGAIN, held_by(hold), facts, now)


def held_by(hold: OpenHold) -> Reason:
    """The reason of a message that this hold stops."""
    data = {"hold": hold.id, "why": hold.reason, "source": hold.source_key}
    if hold.until:
        data["until"] = hold.until.isoformat()
    return Reason(Code.ON_HOLD.value, data)


def _day_off(facts: Facts, now: datetime) -> Defer | End | None:
    """Whatever made it late: no mail goes on a day that staff left out."""
    today = dates.local_day(now, facts.zone)
    next_on = facts.allowed.next_on(today, facts.country)
    if next_on == today:
        return None
    until = _on_the_day(next_on, facts) if next_on else facts.expires_at
    reason = Reason(Code.DAY_OFF.value, {"until": until.isoformat()})
    return wait(until, reason, facts, now)


def _on_the_day(day: date, facts: Facts) -> datetime:
    """Its hour on that day; where its life ends before that, as soon as the day begins:
    sooner than at its hour is better than not at all."""
    at_its_hour = dates.moment_at(day, facts.send_hour, facts.zone)
    if is_in_time(at_its_hour, facts.expires_at):
        return at_its_hour
    return dates.moment_at(day, 0, facts.zone)


def _quiet(facts: Facts, now: datetime) -> Defer | End | None:
    if facts.category is Category.TRANSACTIONAL:
        return None
    until = dates.quiet_until(now, facts.zone, facts.quiet_from, facts.quiet_until)
    if until is None:
        return None
    data = {"until": until.isoformat()}
    return wait(until, Reason(Code.QUIET_HOURS.value, data), facts, now)


def wait(until: datetime, reason: Reason, facts: Facts, now: datetime) -> Defer | End:
    """Later, but inside its life; at the very end of it, over for this reason.

    What does not fit waits in sight until its life ends: something that counted may
    still fail and make room.
    """
    last = facts.expires_at - LAST_LOOK
    if is_in_time(until, facts.expires_at):
        return Defer(until, reason)
    if now < last:
        return Defer(last, reason)
    return End(State.EXPIRED, reason)
