"""May we write: each class of mail, since when, and whether it rests now."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from crm.models import Customer
from desk.reader import Reader
from messaging.models import Hold
from messaging.rules.choices import Category
from messaging.services import consent, consent_undo


@dataclass(frozen=True)
class Allowed:
    """One class of mail, and whether we may send it."""

    category: str
    label: str
    text: str
    is_allowed: bool
    # The reader withdrew it a moment ago and may take that back.
    can_undo: bool = False


def allowed(customer: Customer, pause: Hold | None, *, reader: Reader) -> list[Allowed]:
    states = consent.states([customer.pk])[customer.pk]
    undoable = consent_undo.undoable_by(customer, staff=reader.user, now=reader.now)
    words = {
        Category.SURVEY: _("Surveys"),
        Category.LOYALTY: _("Reminders"),
        Category.MARKETING: _("Offers"),
    }
    return [
        Allowed(
            category=category.value,
            label=label,
            text=_yes_or_no(states[category].allowed, states[category].since, pause),
            is_allowed=states[category].allowed,
            can_undo=category in undoable,
        )
        for category, label in words.items()
    ]


def _yes_or_no(allowed: bool, since: datetime | None, pause: Hold | None) -> str:
    if allowed and pause is not None and pause.until is not None:
        day = date_format(pause.until, "j M Y")
        return _("Not before %(day)s: paused") % {"day": day}
    if since is None:
        return _("Yes") if allowed else _("No, never agreed")
    day = date_format(since, "j M Y")
    return (_("Yes, since %(day)s") if allowed else _("No, since %(day)s")) % {
        "day": day
    }
