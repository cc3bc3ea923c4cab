"""Forms about the balance of a member."""

from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from loyalty.services.programmes.manual_entries import MOST_NOTE
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


class PayForm(forms.Form):
    """An order that points pay a share of: what it comes to, and how many they are."""

    total = fields.AmountField(
        name="total", label=_("Amount of the order"), required=True
    )
    receipt = fields.TextField(
        name="order",
        most=80,
        label=_("Receipt number"),
        help_text=_("With it, what points paid earns no points again."),
        attrs={"dir": "ltr"},
    )
    units = fields.AmountField(name="units", label=_("How many they use"))
    once = fields.IdempotencyField()

    def ask_in(self, currency: str) -> None:
        """In which money."""
        self["total"].label = _("Amount of the order (%(currency)s)") % {
            "currency": currency
        }

    def suggest(self, units: Decimal) -> None:
        """Put in the most, where nothing was typed."""
        if units and not self.data.get("units"):
            typed = {name: self.data[name] for name in self.data}
            self.data = {**typed, "units": format(units.normalize(), "f")}


class FindForm(forms.Form):
    """Who stands at the till: a member, by telephone, name or code."""

    q = fields.TextField(
        name="q",
        most=400,
        required=True,
        label=_("Telephone number, name or member’s code"),
        attrs={"autocomplete": "off", "spellcheck": "false", "dir": "auto"},
    )
