"""The address of a list of people: which group of which figure."""

from datetime import timedelta
from typing import Any

from django import forms

from insights.choices import Basis
from insights.forms.sides import BY
from insights.metrics.periods import Period
from insights.selectors.asked import RECOMMENDED, Asked
from insights.sql.overlaps import HEARD
from insights.sql.people import BUYERS, GROUPS
from insights.sql.signals import SIGNALS


class PeopleForm(forms.Form):
    """Made by links, never typed: what is wrong has no page."""

    group = forms.ChoiceField(
        choices=[(name, name) for name in (*GROUPS, *BUYERS, *SIGNALS, *HEARD)]
    )
    basis = forms.ChoiceField(choices=[(one.value, one.value) for one in Basis])
    first = forms.DateField()
    last = forms.DateField()
    # Of those who first bought between these days, for groups of buyers.
    since = forms.DateField(required=False)
    until = forms.DateField(required=False)
    by = forms.ChoiceField(choices=[*BY, (RECOMMENDED, RECOMMENDED)], required=False)
    value = forms.CharField(required=False, max_length=60)

    def clean(self) -> dict[str, Any]:
        """Both days in order."""
        values = super().clean() or {}
        if not self.errors and values["last"] < values["first"]:
            self.add_error("last", "wrong_order")
        if values.get("group") in BUYERS and not (
            values.get("since") and values.get("until")
        ):
            self.add_error("since", "required")
        return values

    @property
    def asked(self) -> Asked:
        """What the figure was asked for, of a valid form."""
        values = self.cleaned_data
        return Asked(
            Basis(values["basis"]),
            Period(values["first"], values["last"] + timedelta(days=1)),
            values["by"] or "all",
            values["value"],
        )
