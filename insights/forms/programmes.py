"""The address of a programme's figures, and of the people behind one of them."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from insights.selectors.programmes import DAYS, KINDS, USUAL_DAYS

STATES = ("open", "pending", "over")
SIDES = ("member", "member-again", "other", "other-again")
# The balance at the end of a month.
CLOSING = "closing"
_OF_A_MONTH = (*KINDS, CLOSING, "lost")


class DaysForm(forms.Form):
    """How many days are compared with as many before."""

    days = forms.TypedChoiceField(
        label=_("Compare the last"),
        choices=[
            (str(days), ngettext_lazy("%(n)s day", "%(n)s days", days) % {"n": days})
            for days in DAYS
        ],
        coerce=int,
        required=False,
        empty_value=None,
    )

    @property
    def asked_days(self) -> int:
        """Of a valid form: what was chosen, else the usual ones."""
        return self.cleaned_data["days"] or USUAL_DAYS


class ProgrammePeopleForm(DaysForm):
    """Made by links, never typed: what is wrong has no page."""

    what = forms.ChoiceField(
        choices=[(one, one) for one in (*STATES, "owed", *_OF_A_MONTH, *SIDES)]
    )
    # 2026-11; never: what has no last day.
    month = forms.RegexField(
        r"^(?:(?:19|20|21)\d\d-(?:0[1-9]|1[0-2])|never)$", required=False
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        month = values.get("month")
        if values.get("what") in _OF_A_MONTH and month in (None, "", "never"):
            self.add_error("month", "required")
        return values

    @property
    def month_on(self) -> date | None:
        """The first day of the month; None for never."""
        typed = self.cleaned_data["month"]
        return date.fromisoformat(f"{typed}-01") if typed and typed != "never" else None
