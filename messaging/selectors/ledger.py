"""Why a message went, waits or will never go: the checks in order, the last decided."""

from collections.abc import Callable
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from messaging import kinds
from messaging.kinds import Kind
from messaging.models import Message
from messaging.rules import budget
from messaging.rules.choices import Category, State
from messaging.rules.send_decision import Code
from messaging.selectors import outbox, series
from messaging.selectors.decision_words import REFUSED
from messaging.selectors.ledger_case import Case, Check, day_of, moment_of
from messaging.selectors.ledger_outcomes import outcome
from messaging.selectors.outlooks import (
    hold_words,
    is_pause,
    outlook_of,
    stored_reason,
)
from messaging.services import permission
from web import formats


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
    return [*checks, outcome(case)]


def _case(message: Message, now: datetime) -> Case:
    if message.state == State.PLANNED.value:
        facts = permission.facts([message], now=now)[message.pk]
        found = outlook_of(message, facts, now=now)
        at = max(now, message.not_before)
        return Case(message, facts, found.reason, at, now, found)
    at = message.counted_at or message.final_at or now
    facts = permission.facts([message], now=at, as_of=at)[message.pk]
    return Case(message, facts, stored_reason(message), at, now)


# --- Due -----------------------------------------------------------------------------


def _due(case: Case) -> Check:
    known = {kind.name: kind for kind in kinds.all_kinds()}
    kind = known.get(case.message.kind)
    reason = explained(kind, case.message) if kind else None
    return Check("ok", reason or str(outbox.kind_label(case.message.kind)))


def explained(kind: Kind, message: Message) -> str | None:
    """Why it exists, in one sentence."""
    if message.step == 1:
        return kind.explain([message]).get(message.pk)
    return series.why(message)


def _ended(case: Case) -> Check:
    words = str(outbox.reason_of(case.message)) or _("Cancelled")
    when = day_of(case.message.final_at, case)
    return Check(
        "stop", _("%(reason)s, %(day)s") % {"reason": words, "day": when}, True
    )


# --- May we write --------------------------------------------------------------------


def _may_write(case: Case) -> Check:
    consent = case.facts.consent
    if case.facts.category is Category.TRANSACTIONAL or consent.since is None:
        return Check("ok", _("May we write: yes"))
    since = formats.full_day(consent.since)
    return Check("ok", _("May we write: yes, since %(day)s") % {"day": since})


def _may_not_write(case: Case) -> Check:
    reason = REFUSED[case.reason.code] if case.reason else ""
    if case.reason and case.reason.data.get("through"):
        reason = gettext_lazy("its address was stopped through another record")
    return Check("stop", _("May we write: no, %(reason)s") % {"reason": reason}, True)


# --- Contact limit -------------------------------------------------------------------


def _limit(case: Case) -> Check:
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


def _no_room(case: Case) -> Check:
    if case.reason and case.reason.code == Code.SAME_ADDRESS:
        return _waiting(case, _("another record with this address got one that day"))
    return _limited(case)


def _limited(case: Case) -> Check:
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


def _not_held(case: Case) -> Check:
    return Check("ok", _("Nothing holds it"))


def _paused(case: Case) -> Check:
    """A pause is about whether we may write at all, so nothing after it is asked."""
    words = hold_words(case.reason)
    if case.message.state == State.EXPIRED.value:
        return _waiting(case, words)
    ends = case.reason.data.get("until") if case.reason else None
    day = formats.full_day(datetime.fromisoformat(ends)) if ends else ""
    over = day_of(case.message.expires_at, case)
    text = _("May we write: not now. %(pause)s until %(day)s; it may go after that.")
    if case.lapses:
        text = _(
            "May we write: not now. %(pause)s until %(day)s; it lapses before that,"
            " on %(over)s."
        )
    return Check("wait", text % {"pause": words, "day": day, "over": over}, True)


def _held(case: Case) -> Check:
    words = hold_words(case.reason)
    if case.message.state == State.EXPIRED.value:
        return _waiting(case, words)
    day = day_of(case.message.expires_at, case)
    text = _("%(hold)s holds it. Looked at hourly until %(day)s, then it lapses.")
    return Check("wait", text % {"hold": words, "day": day}, True)


def _not_quiet(case: Case) -> Check:
    return Check("ok", _("Not in the quiet hours there"))


def _not_now(case: Case) -> Check:
    if case.reason and case.reason.code == Code.DAY_OFF:
        return _waiting(case, _("it does not go on that day there"))
    return _waiting(case, _("quiet hours there"))


def _waiting(case: Case, reason: str) -> Check:
    """Later, with the next try; or over, because it waited for this to the end."""
    if case.message.state == State.EXPIRED.value:
        day = day_of(case.message.expires_at, case)
        text = _("Too late: %(reason)s, and its time ended on %(day)s")
        return Check("stop", text % {"reason": reason, "day": day}, True)
    if case.lapses:
        when = moment_of(case.message.expires_at, case)
        text = _(
            "Will lapse: %(reason)s, and its time ends before that, %(when)s."
            " It goes only if something changes."
        )
        return Check("wait", text % {"reason": reason, "when": when}, True)
    text = _("Later: %(reason)s. Next try %(when)s.")
    when = moment_of(_next_try(case), case)
    return Check("wait", text % {"reason": reason, "when": when}, True)


def _next_try(case: Case) -> datetime:
    if case.message.deferred_reason:
        return case.message.not_before
    expected = case.outlook.goes_at if case.outlook else None
    return expected or case.at


# Codes that decide a stage, the line where it is fine, the line where it decided.
_Line = Callable[[Case], Check]
_STAGES: tuple[tuple[frozenset[str], _Line, _Line], ...] = (
    (frozenset(REFUSED), _may_write, _may_not_write),
    (frozenset({Code.CONTACT_LIMIT, Code.SAME_ADDRESS}), _limit, _no_room),
    (frozenset({Code.ON_HOLD}), _not_held, _held),
    (frozenset({Code.DAY_OFF, Code.QUIET_HOURS}), _not_quiet, _not_now),
)
