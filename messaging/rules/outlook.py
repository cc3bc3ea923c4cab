"""What will become of a planned message, as things stand: it goes, waits or lapses."""

from dataclasses import dataclass
from datetime import datetime

from messaging.rules import send_decision
from messaging.rules.life import is_in_time
from messaging.rules.send_decision import Code, Defer, Facts, Go, Reason

# A limit, a pause and a night may follow one another; more of them is no forecast.
_MOST_STEPS = 12


@dataclass(frozen=True)
class Outlook:
    """`goes_at`: when it may go as things stand; None: it lapses, or it is unknown.

    `reason` is the first thing in its way, None where nothing is.
    """

    goes_at: datetime | None
    lapses: bool
    reason: Reason | None = None


def look_ahead(facts: Facts, at: datetime) -> Outlook:
    """The outlook of a message that is asked at `at`, its hour or the present.

    Each reason to wait is followed to its own end, which may lie beyond the life of the
    message: then it lapses, although the claim will look at it until the last minute.
    """
    first: Reason | None = None
    moment: datetime | None = at
    for _ in range(_MOST_STEPS):
        if moment is None:
            return Outlook(None, False, first)
        decision = send_decision.decide(facts, moment)
        if isinstance(decision, Go):
            lot = send_decision.lot_of(facts)
            if isinstance(lot, Go):
                return Outlook(moment, False, first)
            return Outlook(None, False, lot.reason)
        first = first or decision.reason
        if not isinstance(decision, Defer):
            return Outlook(None, True, first)
        moment = _end_of(decision.reason, facts, moment)
        if moment is not None and not is_in_time(moment, facts.expires_at):
            return Outlook(None, True, first)
    return Outlook(None, False, first)


def _end_of(reason: Reason, facts: Facts, moment: datetime) -> datetime | None:
    """When this reason is over; None: when somebody releases the hold."""
    if reason.code == Code.CONTACT_LIMIT:
        return datetime.fromisoformat(reason.data["fits_at"])
    if reason.code in {Code.DAY_OFF, Code.QUIET_HOURS, Code.SAME_ADDRESS}:
        return datetime.fromisoformat(reason.data["until"])
    return next((hold.until for hold in facts.holds if hold.stands(moment)), None)
