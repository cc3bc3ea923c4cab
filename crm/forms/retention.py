"""How many days each kind of data is kept."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from crm import kept_data
from crm.forms.settings import whole_number
from crm.kept_data import Retention
from crm.models import Business
from crm.services.business import KEEP_DAYS
from web.formats import number


class RetentionForm(forms.Form):
    """A number of days for each kind that is declared (`crm/kept_data.py`).

    `now` is when the page counts how much there is. `sure` says which shorter times the
    reader has seen the consequence of.
    """

    version = forms.IntegerField(widget=forms.HiddenInput)
    sure = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, now: datetime, **options: Any) -> None:
        super().__init__(*args, **options)
        for kind in kept_data.all_settable():
            low, high = KEEP_DAYS[kind.setting]
            self.fields[kind.setting] = whole_number(
                low, high, label=kind.label, help_text=_hint(kind, now)
            )

    @property
    def shown(self) -> list[forms.BoundField]:
        return [self[kind.setting] for kind in kept_data.all_settable()]

    @property
    def days(self) -> dict[str, int]:
        """Setting to days, of a valid form."""
        return {
            kind.setting: self.cleaned_data[kind.setting]
            for kind in kept_data.all_settable()
        }

    @classmethod
    def of(cls, business: Business, *, now: datetime) -> "RetentionForm":
        names = [kind.setting for kind in kept_data.all_settable()]
        values = {name: getattr(business, name) for name in (*names, "version")}
        return cls(initial=values, now=now)


def _hint(kind: Retention, now: datetime) -> str:
    """What it holds, how much there is, and what a new shop begins with."""
    more = _("Number of %(unit)s now: %(number)s. Recommended: %(days)s days.") % {
        "number": number(kind.count(now)),
        "unit": kind.unit,
        "days": number(getattr(Business(), kind.setting)),
    }
    return f"{kind.holds} {more}"
