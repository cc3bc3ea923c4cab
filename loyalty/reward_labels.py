"""What staff read of rewards and grants."""

import re

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loyalty.choices import Fulfilment, GrantSource, GrantState, LimitSpan
from loyalty.models import Grant, Spending
from messaging import kinds

FULFILMENTS: dict[str, Promise] = {
    Fulfilment.CODE.value: gettext_lazy("With a code that we make"),
    Fulfilment.POOL.value: gettext_lazy("With a code of your own list"),
    Fulfilment.DESK.value: gettext_lazy("Somebody of the team does it"),
    Fulfilment.ASK.value: gettext_lazy("Somebody does it once they said yes"),
}
# How many one person may have is counted over them.
LIMIT_SPANS: dict[str, Promise] = {
    LimitSpan.CALENDAR_YEAR.value: gettext_lazy("in a calendar year"),
    LimitSpan.TWELVE_MONTHS.value: gettext_lazy("in twelve months"),
}
STATES: dict[str, Promise] = {
    GrantState.OFFERED.value: gettext_lazy("Offered"),
    GrantState.CODE_ISSUED.value: gettext_lazy("Has the code"),
    GrantState.TO_DO.value: gettext_lazy("To do"),
    GrantState.DONE.value: gettext_lazy("Done"),
    GrantState.EXPIRED.value: gettext_lazy("Ran out"),
    GrantState.TAKEN_BACK.value: gettext_lazy("Taken back"),
}
TONES = {
    GrantState.TO_DO.value: "warn",
    GrantState.DONE.value: "good",
    GrantState.OFFERED.value: "info",
    GrantState.CODE_ISSUED.value: "info",
}
# Of an occurrence what says something to people: its year, or its day.
_WHEN = re.compile(r"\d{4}(-\d{2}-\d{2})?")


def state_of(grant: Grant) -> str:
    """A code that was used is not "done"."""
    if grant.state == GrantState.DONE.value and grant.reward.has_code:
        return _("Used")
    return str(STATES[grant.state])


def source_of(grant: Grant) -> str:
    """What gave it: "Anniversary 2026", "Welcome, mail 2", "By hand", the name of a
    programme. Needs `spending__membership__programme` for the last."""
    if grant.source == GrantSource.HAND.value:
        return _("By hand")
    if grant.source == GrantSource.PROGRAMME.value:
        spent: Spending | None = getattr(grant, "spending", None)
        return spent.membership.programme.name if spent else _("A programme")
    name, _colon, rest = grant.source_key.partition(":")
    occurrence, _colon, step = rest.rpartition(":")
    kind = kinds.find(kinds.today_called(name))
    said = str(kind.label) if kind else name
    # An occurrence may name its automation before its day.
    when = occurrence.rpartition(":")[2]
    if _WHEN.fullmatch(when):
        said = _("%(source)s %(when)s") % {"source": said, "when": when}
    if step.isdecimal() and int(step) > 1:
        said = _("%(source)s, mail %(step)s") % {"source": said, "step": step}
    return said
