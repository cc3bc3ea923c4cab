"""The choice of what counts as a customer."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from insights.models import Definition
from insights.models.definition import FEWEST_DAYS, MOST_DAYS


class DefinitionForm(forms.Form):
    """Orders, contracts or both; the service keeps it."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    by_orders = forms.BooleanField(
        required=False,
        label=gettext_lazy("Orders"),
        help_text=gettext_lazy(
            "A customer is whoever bought something, until so many days after it."
        ),
    )
    days = forms.IntegerField(label=gettext_lazy("Days after an order"))
    by_contract = forms.BooleanField(
        required=False,
        label=gettext_lazy("Contracts"),
        help_text=gettext_lazy(
            "A customer is whoever has a subscription that runs, from its first day to"
            " its last."
        ),
    )

    churn_target = forms.DecimalField(
        required=False,
        max_digits=4,
        decimal_places=1,
        label=gettext_lazy("Churn you are content with, percent a month"),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        wrong = _("Enter a whole number from %(low)s to %(high)s") % {
            "low": FEWEST_DAYS,
            "high": MOST_DAYS,
        }
        days = self.fields["days"]
        days.error_messages |= dict.fromkeys(("invalid", "required"), wrong)
        days.validators += [
            MinValueValidator(FEWEST_DAYS, wrong),
            MaxValueValidator(MOST_DAYS, wrong),
        ]
        target = self.fields["churn_target"]
        not_a_share = _("Enter a percentage above 0 and below 100, such as 2.5")
        target.error_messages |= dict.fromkeys(
            ("invalid", "max_digits", "max_decimal_places"), not_a_share
        )
        target.validators += [
            MinValueValidator(Decimal("0.1"), not_a_share),
            MaxValueValidator(Decimal("99.9"), not_a_share),
        ]
        days.widget.attrs |= {"min": FEWEST_DAYS, "max": MOST_DAYS}

    @classmethod
    def of(cls, row: Definition) -> "DefinitionForm":
        """A form that shows what is kept."""
        names = ("version", "by_orders", "days", "by_contract", "churn_target")
        return cls(initial={name: getattr(row, name) for name in names})

    def clean(self) -> dict[str, Any]:
        """One of both at least: else nobody would be a customer."""
        values = super().clean() or {}
        if not values.get("by_orders") and not values.get("by_contract"):
            raise ValidationError(
                _("Choose orders, contracts or both: else nobody is a customer."),
                code="nothing_chosen",
            )
        return values
