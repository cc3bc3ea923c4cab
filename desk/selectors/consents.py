"""May we write: each class of mail, and since when."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from crm.models import Customer
from messaging.rules.choices import Category
from messaging.services import consent


@dataclass(frozen=True)
class Allowed:
    """One class of mail, and whether we may send it."""

    category: str
    label: str
    text: str
    is_allowed: bool


def allowed(customer: Customer) -> list[Allowed]:
    states = consent.states([customer.pk])[customer.pk]
    words = {
        Category.SURVEY: _("Surveys"),
        Category.LOYALTY: _("Reminders"),
        Category.MARKETING: _("Offers"),
    }
    return [
        Allowed(
            category=category.value,
            label=label,
            text=_yes_or_no(states[category].allowed, states[category].since),
            is_allowed=states[category].allowed,
        )
        for category, label in words.items()
    ]


def _yes_or_no(allowed: bool, since: datetime | None) -> str:
    if since is None:
        return _("Yes") if allowed else _("No, never agreed")
    day = date_format(since, "j M Y")
    return (_("Yes, since %(day)s") if allowed else _("No, since %(day)s")) % {
        "day": day
    }
