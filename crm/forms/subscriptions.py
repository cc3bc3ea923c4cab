"""A contract, and what happens to it."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.services.subscriptions import MOST_PLAN, MOST_REASON
from web import form_fields as fields
from web.error_messages import for_field
from web.errors import InvalidValue
from web.rules import money


class AmountField(fields.TextField):
    """An amount as machines and most people write it: 29.90."""

    def __init__(self, *, name: str, **more: Any) -> None:
        attrs = {"inputmode": "decimal", "dir": "ltr"}
        super().__init__(most=20, name=name, attrs=attrs, **more)
        self.name = name

    def prepare_value(self, value: Any) -> Any:
        """Without the places that no currency has: 29.9000 is 29.90."""
        if not isinstance(value, Decimal):
            return value
        exact = value.quantize(money.UNITS[2])
        return str(exact if exact == value else value.normalize())

    def clean(self, value: Any) -> Any:
        typed = super().clean(value)
        if not typed:
            return None
        try:
            return money.parse_decimal(typed, field=self.name, least=Decimal(0))
        except InvalidValue as error:
            code = error.fields[self.name]
            raise forms.ValidationError(for_field(self.name, code), code=code) from None


def _plan() -> fields.TextField:
    return fields.TextField(most=MOST_PLAN, required=True, name="plan", label=_("Plan"))


def _value() -> AmountField:
    return AmountField(required=True, name="value", label=_("Value a month"))


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
