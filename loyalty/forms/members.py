"""Forms about the balance of a member."""

from django import forms
from django.utils.translation import gettext_lazy as _

from loyalty.services.programmes.deeds import MOST_NOTE
from web import form_fields as fields


class AdjustForm(forms.Form):
    """Add or take by hand."""

    amount = forms.DecimalField(
        label=_("How much"),
        help_text=_("A number below zero takes away."),
        max_digits=14,
        decimal_places=4,
    )
    reason = fields.TextField(
        name="why_adjusted", most=MOST_NOTE, required=True, label=_("Reason")
    )
    once = fields.IdempotencyField()


class BookForm(forms.Form):
    """What somebody paid at the till."""

    paid = fields.AmountField(
        name="paid",
        label=_("Paid"),
        help_text=_("Only for sales that do not come in as orders."),
        required=True,
    )


class FindForm(forms.Form):
    """Whoever stands at the till."""

    q = fields.TextField(
        name="q",
        most=400,
        required=True,
        label=_("Telephone number, name or member’s code"),
        attrs={"autocomplete": "off", "spellcheck": "false", "dir": "auto"},
    )
