"""What staff choose about the mails of programmes."""

from django import forms
from django.utils.translation import gettext_lazy as _


class EarnedForm(forms.Form):
    """How often somebody is told at most."""

    every = forms.ChoiceField(
        label=_("How often"),
        choices=[
            ("day", _("The day after, with all of the day")),
            ("week", _("On Monday, with all of the week")),
        ],
    )
