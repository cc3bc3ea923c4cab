"""The address of a list of people: which group of which figure."""

from typing import Any

from django import forms

from insights.choices import Basis
from insights.forms.sides import BY, KNOWN_DAYS
from insights.metrics.periods import MONTHS, ONE_DAY, Period
from insights.selectors.asked import POSSIBLY, RECOMMENDED, Asked
from insights.sql.again import LATER, SOON
from insights.sql.overlaps import HEARD
from insights.sql.people import BUYERS, LISTED
from insights.sql.signals import SIGNALS

# Groups of those who first bought between two days.
OF_BUYERS = (*BUYERS, SOON, LATER)
# Those who came for the first time and name a recommendation on their record.
REFERRED = "referred"
_GROUPS = (*LISTED, *OF_BUYERS, *SIGNALS, REFERRED, *HEARD)


class PeopleForm(forms.Form):
    """Made by links, never typed: what is wrong has no page."""

    group = forms.ChoiceField(choices=[(name, name) for name in _GROUPS])
    basis = forms.ChoiceField(choices=[(one.value, one.value) for one in Basis])
    first = forms.DateField(validators=KNOWN_DAYS)
    last = forms.DateField(validators=KNOWN_DAYS)
    # Of those who first bought between these days, for groups of buyers.
    since = forms.DateField(required=False, validators=KNOWN_DAYS)
    until = forms.DateField(required=False, validators=KNOWN_DAYS)
    # How many periods after the first order, for those who bought later.
    unit = forms.ChoiceField(choices=[(one, one) for one in MONTHS], required=False)
    step = forms.IntegerField(required=False, min_value=0, max_value=60)
    by = forms.ChoiceField(
        choices=[*BY, (RECOMMENDED, RECOMMENDED), (POSSIBLY, POSSIBLY)], required=False
    )
    value = forms.CharField(required=False, max_length=60)

    def clean(self) -> dict[str, Any]:
        """Both days in order."""
        values = super().clean() or {}
        if not self.errors and values["last"] < values["first"]:
            self.add_error("last", "wrong_order")
        group = values.get("group")
        if group in OF_BUYERS and not (values.get("since") and values.get("until")):
            self.add_error("since", "required")
        if group == LATER and not (
            values.get("unit") and values.get("step") is not None
        ):
            self.add_error("unit", "required")
        if group in OF_BUYERS and values.get("by") in (RECOMMENDED, POSSIBLY):
            self.add_error("by", "unknown_choice")
        return values

    @property
    def asked(self) -> Asked:
        """What the figure was asked for, of a valid form."""
        values = self.cleaned_data
        return Asked(
            Basis(values["basis"]),
            Period(values["first"], values["last"] + ONE_DAY),
            values["by"] or "all",
            values["value"],
        )
