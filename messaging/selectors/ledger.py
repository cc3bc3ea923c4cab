"""Why a message went, waits or will never go: the checks in order, the last decided."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.rules.dates import city
from messaging import kinds
from messaging.kinds import Kind
from messaging.models import Message
from messaging.rules import budget
from messaging.rules.choices import Category, State
from messaging.rules.outlook import Outlook
from messaging.rules.send_decision import Code, Facts, Reason
from messaging.selectors import outbox, roads
from messaging.selectors.outlooks import (
    hold_words,
    is_moved,
    is_pause,
    outlook_of,
    stored_reason,
)
from messaging.selectors.refusals import REFUSED
from messaging.services import permission
from web import formats

_ICONS = {"ok": "check", "wait": "clock", "stop": "cross", "bad": "triangle"}


@dataclass(frozen=True)
class Check:
    """One line. tone: ok, wait, stop, or bad where it failed; `decided`: the last."""

    tone: str
    text: str
    decided: bool = False

    @property
    def icon(self) -> str:
        return _ICONS[self.tone]


@dataclass(frozen=True)
class _Case:
    """One message, what we know about it, and what stood or stands in its way."""

    message: Message
    facts: Facts
    reason: Reason | None
    # The moment the answers are about: when it went or ended, else when it would go.
    at: datetime
    now: datetime
    # Of a planned one.
    outlook: Outlook | None = None

    @property
    def lapses(self) -> bool:
        return self.outlook is not None and self.outlook.lapses


def why(message: Message, *, now: datetime) -> list[Check]:
    """Due, may we write, contact limit, hold, quiet hours, delivery."""
    case = _case(message, now)
    checks = [_due(case)]
    if message.state in {State.CANCELLED.value, State.SUPERSEDED.value}:
        return [*checks, _ended(case)]
    if is_pause(case.reason):
        return [*checks, _paused(case)]
    for codes, fine, decided in _STAGES:
        if case.reason and case.reason.code in codes:
            return [*checks, decided(case)]
        checks.append(fine(case))
    return [*checks, _outcome(case)]


def _case(message: Message, now: datetime) -> _Case:
    if message.state == State.PLANNED.value:
        facts = permission.facts([message], now=now)[message.pk]
        found = outlook_of(message, facts, now=now)
        at = max(now, message.not_before)
        return _Case(message, facts, found.reason, at, now, found)
    at = message.counted_at or message.final_at or now
    facts = permission.facts([message], now=at, as_of=at)[message.pk]
    return _Case(message, facts, stored_reason(message), at, now)


# --- Due -----------------------------------------------------------------------------


def _due(case: _Case) -> Check:
    known = {kind.name: kind for kind in kinds.all_kinds()}
    kind = known.get(case.message.kind)
    reason = explained(kind, case.message) if kind else None
    return Check("ok", reason or str(outbox.kind_label(case.message.kind)))


def explained(kind: Kind, message: Message) -> str | None:
    """Why it exists, in one sentence."""
    if message.step == 1:
        return kind.explain([message]).get(message.pk)
    return roads.why(message)


def _ended(case: _Case) -> Check:
    words = str(outbox.reason_of(case.message)) or _("Cancelled")
    when = _day(case.message.final_at, case)
    return Check(
        "stop", _("%(reason)s, %(day)s") % {"reason": words, "day": when}, True
    )


# --- May we write --------------------------------------------------------------------


def _may_write(case: _Case) -> Check:
    consent = case.facts.consent
    if case.facts.category is Category.TRANSACTIONAL or consent.since is None:
        return Check("ok", _("May we write: yes"))
    since = formats.full_day(consent.since)
    return Check("ok", _("May we write: yes, since %(day)s") % {"day": since})


def _may_not_write(case: _Case) -> Check:
    reason = REFUSED[case.reason.code] if case.reason else ""
    if case.reason and case.reason.data.get("through"):
        reason = gettext_lazy("its address was stopped through another record")
    return Check("stop", _("May we write: no, %(reason)s") % {"reason": reason}, True)


# --- Contact limit -------------------------------------------------------------------


def _limit(case: _Case) -> Check:
    facts = case.facts
    concerned = [
        (rule, len(budget.used(rule, facts.counted, case.at)))
        for rule in facts.rules
        if rule.concerns(facts.category, is_reminder=facts.is_reminder)
    ]
    if not concerned:
        return Check("ok", _("Contact limit: none for this mail"))
    # The tightest one; of two that leave the same room, the one that is used more.
    rule, count = min(
        concerned, key=lambda pair: (pair[0].max_count - pair[1], -pair[1])
    )
    numbers = {"count": count, "most": rule.max_count, "days": rule.window_days}
    return Check(
        "ok", _("Contact limit: %(count)s of %(most)s in %(days)s days") % numbers
    )


def _no_room(case: _Case) -> Check:
    if case.reason and case.reason.code == Code.SAME_ADDRESS:
        return _waiting(case, _("another record with this address got one that day"))
    return _limited(case)


def _limited(case: _Case) -> Check:
    data = case.reason.data if case.reason else {}
    count = int(data.get("count", 0))
    numbers = {"count": count, "days": data.get("days", "")}
    already = (
        ngettext(
            "already %(count)s mail in %(days)s days",
            "already %(count)s mails in %(days)s days",
            count,
        )
        % numbers
    )
    return _waiting(case, already)


# --- Hold and quiet hours ------------------------------------------------------------


def _not_held(case: _Case) -> Check:
    return Check("ok", _("Nothing holds it"))


def _paused(case: _Case) -> Check:
    """A pause is about whether we may write at all, so nothing after it is asked."""
    words = hold_words(case.reason)
    if case.message.state == State.EXPIRED.value:
        return _waiting(case, words)
    ends = case.reason.data.get("until") if case.reason else None
    day = formats.full_day(datetime.fromisoformat(ends)) if ends else ""
    over = _day(case.message.expires_at, case)
    text = _("May we write: not now. %(pause)s until %(day)s; it may go after that.")
    if case.lapses:
        text = _(
            "May we write: not now. %(pause)s until %(day)s; it lapses before that,"
            " on %(over)s."
        )
    return Check("wait", text % {"pause": words, "day": day, "over": over}, True)


def _held(case: _Case) -> Check:
    words = hold_words(case.reason)
    if case.message.state == State.EXPIRED.value:
        return _waiting(case, words)
    day = _day(case.message.expires_at, case)
    text = _("%(hold)s holds it. Looked at hourly until %(day)s, then it lapses.")
    return Check("wait", text % {"hold": words, "day": day}, True)


def _not_quiet(case: _Case) -> Check:
    return Check("ok", _("Not in the quiet hours there"))


def _not_now(case: _Case) -> Check:
    if case.reason and case.reason.code == Code.DAY_OFF:
        return _waiting(case, _("it does not go on that day there"))
    return _waiting(case, _("quiet hours there"))


def _waiting(case: _Case, reason: str) -> Check:
    """Later, with the next try; or over, because it waited for this to the end."""
    if case.message.state == State.EXPIRED.value:
        day = _day(case.message.expires_at, case)
        text = _("Too late: %(reason)s, and its time ended on %(day)s")
        return Check("stop", text % {"reason": reason, "day": day}, True)
    if case.lapses:
        when = _when(case.message.expires_at, case)
        text = _(
            "Will lapse: %(reason)s, and its time ends before that, %(when)s."
            " It goes only if something changes."
        )
        return Check("wait", text % {"reason": reason, "when": when}, True)
    text = _("Later: %(reason)s. Next try %(when)s.")
    when = _when(_next_try(case), case)
    return Check("wait", text % {"reason": reason, "when": when}, True)


def _next_try(case: _Case) -> datetime:
    if case.message.deferred_reason:
        return case.message.not_before
    expected = case.outlook.goes_at if case.outlook else None
    return expected or case.at


# --- What became of it ---------------------------------------------------------------


def _outcome(case: _Case) -> Check:
    message = case.message
    reason = str(outbox.reason_of(message))
    values = {"when": _when(message.final_at or message.not_before, case)}
    if case.reason and case.reason.code == Code.HELD_OUT:
        return _held_out(case)
    if message.state == State.SENT.value:
        kept = outbox.is_kept(message)
        text = _("Kept here, no mail server, %(when)s") if kept else _("Sent %(when)s")
        return Check("ok", text % values, True)
    if message.state == State.FAILED.value:
        text = _("Failed %(when)s: %(reason)s")
        return Check("bad", text % {**values, "reason": reason}, True)
    if message.state == State.UNCERTAIN.value:
        text = _("Unsure whether it left, %(when)s: %(reason)s")
        return Check("wait", text % {**values, "reason": reason}, True)
    if message.state == State.EXPIRED.value:
        day = _day(message.expires_at, case)
        text = _("Too late: it could not go before %(day)s")
        return Check("stop", text % {"day": day}, True)
    if message.state == State.PLANNED.value:
        return Check("wait", _planned(case, reason), True)
    return Check("wait", _("It is leaving now"), True)


def _held_out(case: _Case) -> Check:
    is_over = case.message.state == State.SUPPRESSED.value
    text = (
        _("Held out by lot: nothing was sent, to see what this mail does")
        if is_over
        else _("Held out by lot: nothing will be sent, to see what this mail does")
    )
    return Check("stop", text, True)


def _planned(case: _Case, reason: str) -> str:
    values = {
        "there": _there(case),
        "city": city(case.facts.zone),
        "here": formats.clock(case.message.not_before),
        "reason": reason,
    }
    if reason:
        return _("Later: %(reason)s. Next try %(there)s in %(city)s.") % values
    if is_moved(case.message, case.facts):
        text = _(
            "Goes %(there)s in %(city)s, %(here)s here; not on the day it was due, a"
            " day off there or one that the automation leaves out"
        )
        return text % values
    return _("Goes %(there)s in %(city)s, %(here)s here") % values


def _there(case: _Case) -> str:
    local = case.message.not_before.astimezone(case.facts.zone)
    return f"{formats.day(local.date(), case.now)}, {local:%H:%M}"


def _when(moment: datetime, case: _Case) -> str:
    return f"{formats.day(moment, case.now)}, {formats.clock(moment)}"


def _day(moment: datetime | None, case: _Case) -> str:
    return formats.day(moment, case.now)


# Codes that decide a stage, the line where it is fine, the line where it decided.
_Line = Callable[[_Case], Check]
_STAGES: tuple[tuple[frozenset[str], _Line, _Line], ...] = (
    (frozenset(REFUSED), _may_write, _may_not_write),
    (frozenset({Code.CONTACT_LIMIT, Code.SAME_ADDRESS}), _limit, _no_room),
    (frozenset({Code.ON_HOLD}), _not_held, _held),
    (frozenset({Code.DAY_OFF, Code.QUIET_HOURS}), _not_quiet, _not_now),
)
