"""What will become of planned mails, asked of today's facts and not of what is stored.

A pause, a complaint or a full contact limit that came after a mail was planned shows on
it at once. One set of queries answers for a whole page.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.rules import dates
from messaging.models import Automation, Message
from messaging.rules import outlook as rules
from messaging.rules.choices import State
from messaging.rules.life import is_in_time
from messaging.rules.outlook import Outlook
from messaging.rules.pause import BY_CUSTOMER, BY_STAFF, PAUSES
from messaging.rules.send_decision import Code, Facts, Reason, held_by
from messaging.services import permission
from web import formats

# The reasons that are asked again at each look; others are the delivery's.
ASKED_AGAIN = frozenset(
    {
        Code.CONTACT_LIMIT,
        Code.SAME_ADDRESS,
        Code.ON_HOLD,
        Code.DAY_OFF,
        Code.QUIET_HOURS,
    }
)
_PAUSED: dict[str, Promise] = {
    BY_CUSTOMER: gettext_lazy("Paused by the customer until %(day)s"),
    BY_STAFF: gettext_lazy("Paused by staff until %(day)s"),
}
# As the beginning of a sentence.
_HOLDS: dict[str, Promise] = {
    BY_CUSTOMER: gettext_lazy("The customer paused our mail"),
    BY_STAFF: gettext_lazy("Staff paused our mail"),
    "open_complaint": gettext_lazy("An open complaint"),
}


def outlooks(messages: Iterable[Message], *, now: datetime) -> dict[int, Outlook]:
    """Message id to outlook, for those that are planned.

    The messages come with their customers (select_related).
    """
    planned = [one for one in messages if one.state == State.PLANNED.value]
    if not planned:
        return {}
    facts = permission.facts(planned, now=now)
    return {one.pk: outlook_of(one, facts[one.pk], now=now) for one in planned}


@dataclass(frozen=True)
class Waiting:
    """Planned mails behind the contact limit, and those that find no room in time."""

    waits: int
    lapses: int


def waiting_for_room(automation: Automation, *, now: datetime) -> Waiting:
    """Of one automation, by what was written down when each was last asked."""
    rows = Message.objects.filter(
        automation=automation,
        state=State.PLANNED.value,
        deferred_reason=Code.CONTACT_LIMIT.value,
        expires_at__gt=now,
    ).values_list("expires_at", "reason_data__fits_at")
    lapses = [
        fits_at is not None and not is_in_time(datetime.fromisoformat(fits_at), ends)
        for ends, fits_at in rows
    ]
    return Waiting(len(lapses), sum(lapses))


def outlook_of(message: Message, facts: Facts, *, now: datetime) -> Outlook:
    """The outlook of one planned message, with the reason that people should read."""
    has_waited = message.deferred_reason in ASKED_AGAIN
    at = now if has_waited else max(now, message.not_before)
    found = rules.look_ahead(facts, at)
    if found.goes_at is not None:
        found = replace(found, goes_at=max(found.goes_at, message.not_before))
    return replace(found, reason=_pause(facts, found, at) or _reason(message, found))


def _pause(facts: Facts, found: Outlook, at: datetime) -> Reason | None:
    """A pause comes before a limit that is full as well: we may not write at all."""
    if found.reason is None or found.reason.code not in ASKED_AGAIN:
        return None
    pauses = (hold for hold in facts.holds if hold.reason in PAUSES)
    return next((held_by(hold) for hold in pauses if hold.stands(at)), None)


def _reason(message: Message, found: Outlook) -> Reason | None:
    """What the delivery wrote down stays in sight, unless more than that is wrong."""
    stored = stored_reason(message)
    if found.reason is None:
        # A hold that was released since is looked at within the hour.
        is_over = stored is not None and stored.code == Code.ON_HOLD
        return None if is_over else stored
    is_known = stored is not None and stored.code not in ASKED_AGAIN
    if is_known and not (found.lapses or found.reason.code == Code.ON_HOLD):
        return stored
    return found.reason


def stored_reason(message: Message) -> Reason | None:
    """The reason that is stored in the row; None where there is none."""
    code = message.reason_code or message.deferred_reason
    return Reason(code, message.reason_data) if code else None


def is_moved(message: Message, facts: Facts) -> bool:
    """Whether it goes later because it was due on a day that is not allowed there."""
    goes_on = dates.local_day(message.not_before, facts.zone)
    is_later = goes_on > message.due_on
    return is_later and not facts.allowed.allow(message.due_on, facts.country)


def is_pause(reason: Reason | None) -> bool:
    """Whether the reason is a pause that the customer chose."""
    return (
        reason is not None
        and reason.code == Code.ON_HOLD
        and reason.data.get("why") in PAUSES
    )


def pause_words(reason_of_hold: str, until: datetime | None) -> str:
    """ "Paused by the customer until 28 February 2027"."""
    day = formats.full_day(until) if until else ""
    return str(_PAUSED[reason_of_hold]) % {"day": day}


def in_short(found: Outlook, words: str | Promise) -> str:
    """Why it waits, for a line of a list; `words`: the default ones of its reason."""
    reason, text = found.reason, str(words)
    if reason is not None and is_pause(reason):
        until = reason.data.get("until")
        moment = datetime.fromisoformat(until) if until else None
        text = pause_words(reason.data["why"], moment)
    if found.lapses and reason is not None and reason.code in ASKED_AGAIN:
        text = _("%(reason)s; its time ends before that") % {"reason": text}
    return text


def hold_words(reason: Reason | None) -> str:
    """Who or what holds it; an app's own word where we have none."""
    code = str(reason.data.get("why", "")) if reason else ""
    return str(_HOLDS.get(code) or code.replace("_", " ").capitalize() or _("On hold"))
