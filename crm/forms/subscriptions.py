"""A contract, and what happens to it."""

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.services.subscription_values import MOST_PLAN, MOST_REASON
from web import form_fields as fields
from web.rules import money


def _plan() -> fields.TextField:
    return fields.TextField(most=MOST_PLAN, required=True, name="plan", label=_("Plan"))


def _value() -> fields.AmountField:
    return fields.AmountField(required=True, name="value", label=_("Value a month"))


class SubscriptionForm(forms.Form):
    """A new contract."""

    plan = _plan()
    value = _value()
    currency = forms.ChoiceField(
        label=_("Currency"),
        choices=[(code, code) for code in sorted(money.CURRENCIES)],
    )
    started_on = fields.Day(name="started_on", required=True, label=_("Started on"))


class DayForm(forms.Form):
    """On which day it happened."""

    on = fields.Day(name="on", required=True, label=_("Day"))
    version = forms.IntegerField(widget=forms.HiddenInput)


class TermsForm(DayForm):
    """Another plan or value from a day on, or the same for another term."""

    plan = _plan()
    value = _value()
    field_order = ("plan", "value", "on")


class ReasonForm(DayForm):
    """Why it is paused or over."""

    reason = fields.TextField(
        most=MOST_REASON,
        name="reason",
        label=_("Reason"),
        help_text=_("In their words, where you know them."),
    )
    field_order = ("on", "reason")
