"""An automation as sentences whose parts can be pressed to change them.

Each sentence is translated as a whole; the parts stand in it as placeholders, so that
every language puts them in its own order.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm import audiences
from messaging import kinds
from messaging.models import Automation
from messaging.rules.choices import Reentry

_PART = re.compile(r"%\((\w+)\)s")
# What pressing a part changes: names of fields of AutomationForm.
PARTS: dict[str, tuple[str, ...]] = {
    "name": ("name",),
    "day": ("offset_days",),
    "hour": ("send_hour",),
    "audience": ("owner", "segment", "outside", "open", "q"),
    "life": ("life_days",),
    "days": ("weekdays", "rests"),
    "again": ("reentry", "reentry_days"),
}
# What "about" changes, in the fields of the kind.
PARAMS = ("params",)
# The headings of their forms.
LABELS: dict[str, Any] = {
    "name": gettext_lazy("What it is called"),
    "day": gettext_lazy("On which day"),
    "hour": gettext_lazy("At which hour"),
    "audience": gettext_lazy("For whom"),
    "life": gettext_lazy("How long it may wait"),
    "days": gettext_lazy("On which days of the week"),
    "again": gettext_lazy("How often somebody gets it"),
    "about": gettext_lazy("What it is about"),
    "all": gettext_lazy("All settings"),
}


@dataclass(frozen=True)
class Piece:
    """Words of a sentence. With a `part` they can be pressed to change it."""

    words: str
    part: str = ""


def sentences(automation: Automation) -> list[list[Piece]]:
    """What it does, in the reader's language."""
    fixed = kinds.get(automation.kind).fixed_settings
    return [
        pieces(text, words, fixed)
        for text, words in _told(automation)
        if not all(fixed.issuperset(PARTS.get(part, PARAMS)) for part in words)
    ]


def pieces(
    text: str, words: Mapping[str, str], fixed: frozenset[str] = frozenset()
) -> list[Piece]:
    """The translated sentence in order; each `%(part)s` with its words, to be pressed
    unless its settings are fixed."""
    found: list[Piece] = []
    end = 0
    for match in _PART.finditer(text):
        found.append(Piece(text[end : match.start()]))
        is_fixed = fixed.issuperset(PARTS.get(match[1], PARAMS))
        found.append(Piece(words[match[1]], "" if is_fixed else match[1]))
        end = match.end()
    found.append(Piece(text[end:]))
    return [piece for piece in found if piece.words]


def _told(automation: Automation) -> Sequence[tuple[str, Mapping[str, str]]]:
    kind = kinds.get(automation.kind)
    own = {"about": kind.params_in_words(automation)} if kind.params_form else {}
    return [
        *([(_("It is about %(about)s."), own)] if own else []),
        (
            _(
                "It goes %(day)s, at %(hour)s where they are, to %(audience)s, at most "
                "until %(life)s."
            ),
            {
                "day": day_in_words(automation),
                "hour": f"{automation.send_hour:02}:00",
                "audience": audiences.in_words(automation.audience),
                "life": life_in_words(automation.life_days),
            },
        ),
        (_days_told(automation), {"days": days_in_words(automation)}),
        (
            _("Whoever got it once %(again)s."),
            {"again": again_in_words(automation)},
        ),
    ]


def _days_told(automation: Automation) -> str:
    if len(automation.weekdays) == len(WEEKDAYS) and not automation.rests:
        return _("Mail goes %(days)s.")
    return _("Mail goes %(days)s; what is due on another day waits for the next.")


def day_in_words(automation: Automation) -> str:
    """ "3 days after the anniversary"."""
    occasion = str(kinds.get(automation.kind).occasion)
    days = automation.offset_days
    if not days:
        return _("on %(occasion)s") % {"occasion": occasion}
    text = (
        ngettext("%(n)s day after %(occasion)s", "%(n)s days after %(occasion)s", days)
        if days > 0
        else ngettext(
            "%(n)s day before %(occasion)s", "%(n)s days before %(occasion)s", -days
        )
    )
    return text % {"n": abs(days), "occasion": occasion}


def life_in_words(days: int) -> str:
    """ "3 days later"."""
    return ngettext("%(n)s day later", "%(n)s days later", days) % {"n": days}


def again_in_words(automation: Automation) -> str:
    """ "gets it again on the next occasion"."""
    if automation.reentry == Reentry.NEVER.value:
        return _("never gets it again")
    if automation.reentry_days is None:
        return _("gets it again on the next occasion")
    days = automation.reentry_days
    text = ngettext(
        "gets it again after %(n)s day at the earliest",
        "gets it again after %(n)s days at the earliest",
        days,
    )
    return text % {"n": days}


def days_in_words(automation: Automation) -> str:
    """ "on Monday, Tuesday only, and not on days off or public holidays"."""
    is_any = len(automation.weekdays) == len(WEEKDAYS)
    if is_any and automation.rests:
        return _("on any day but days off and public holidays")
    if is_any:
        return _("on any day, also on days off")
    text = (
        _("on %(days)s only, and not on days off or public holidays")
        if automation.rests
        else _("on %(days)s only, also on days off")
    )
    names = [str(WEEKDAYS[day - 1]) for day in automation.weekdays]
    return text % {"days": ", ".join(names)}
