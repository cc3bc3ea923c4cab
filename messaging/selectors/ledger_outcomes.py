"""The last line of a message's way: what became of it, or when it goes."""

from django.utils.translation import gettext as _

from crm.rules.dates import city
from messaging.rules.choices import State
from messaging.rules.send_decision import Code
from messaging.selectors import outbox
from messaging.selectors.ledger_case import Case, Check, day_of, moment_of, there
from messaging.selectors.outlooks import is_moved
from web import formats


def outcome(case: Case) -> Check:
    """Sent, failed, unsure, too late, held out, or still to go and when."""
    message = case.message
    reason = str(outbox.reason_of(message))
    values = {"when": moment_of(message.final_at or message.not_before, case)}
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
        day = day_of(message.expires_at, case)
        text = _("Too late: it could not go before %(day)s")
        return Check("stop", text % {"day": day}, True)
    if message.state == State.PLANNED.value:
        return Check("wait", _planned(case, reason), True)
    return Check("wait", _("It is leaving now"), True)


def _held_out(case: Case) -> Check:
    is_over = case.message.state == State.SUPPRESSED.value
    text = (
        _("Held out by lot: nothing was sent, to see what this mail does")
        if is_over
        else _("Held out by lot: nothing will be sent, to see what this mail does")
    )
    return Check("stop", text, True)


def _planned(case: Case, reason: str) -> str:
    values = {
        "there": there(case),
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
