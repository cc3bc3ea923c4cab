"""What staff type about those who are held out by lot."""

from django import forms
from django.utils.translation import gettext_lazy as _

from messaging.rules.holdout import MOST_PERCENT
from messaging.selectors.holdout import USUAL_PEOPLE, USUAL_SHARE


class HoldoutForm(forms.Form):
    """How many in a hundred are held out."""

    percent = forms.IntegerField(
        min_value=0,
        max_value=MOST_PERCENT,
        label=_("Held out, in percent"),
        help_text=_(
            "0 is nobody. Another share begins a new comparison; the same people stay "
            "out as long as it is not lowered."
        ),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


class ExpectedForm(forms.Form):
    """How many people fall due, and how many of them buy anyway."""

    people = forms.IntegerField(
        min_value=1, max_value=10_000_000, label=_("People who fall due")
    )
    share = forms.IntegerField(
        min_value=1, max_value=99, label=_("Of them buy anyway, in percent")
    )

    def numbers(self) -> tuple[int, int]:
        """People and percent; the usual ones where nothing sensible was typed."""
        if self.is_valid():
            return self.cleaned_data["people"], self.cleaned_data["share"]
        return USUAL_PEOPLE, USUAL_SHARE
