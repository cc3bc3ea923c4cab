"""Which two sides are looked at beside each other: groups, periods or both."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.models import Product
from insights.choices import Basis
from insights.selectors import groups
from insights.selectors.asked import ALL, PRODUCT

# Days beyond these have no day before or after them that the calendar knows.
KNOWN_DAYS = (
    MinValueValidator(date(1900, 1, 1)),
    MaxValueValidator(date(8999, 12, 31)),
)
BY = (
    (ALL, gettext_lazy("Everybody")),
    ("country", gettext_lazy("Country")),
    ("source", gettext_lazy("How they heard")),
    ("owner", gettext_lazy("Owner")),
    ("segment", gettext_lazy("Segment")),
    (PRODUCT, gettext_lazy("Product bought before")),
)
# In an address, a country, source or owner that is not known.
UNKNOWN = "-"


@dataclass(frozen=True)
class Side:
    """One side: a group (`by` "all": everybody) in a period, as the form names it;
    without a name it is the period of the page."""

    by: str
    value: str
    at: str = ""

    @property
    def whom(self) -> tuple[str, str]:
        """Its dimension and value."""
        return self.by, self.value


class SidesForm(forms.Form):
    """A period and a group beside another. Which groups there are depends on what is
    chosen before: the page that comes back offers them."""

    than = forms.ChoiceField(required=False, label=gettext_lazy("Compare with"))
    by = forms.ChoiceField(choices=BY, required=False, label=gettext_lazy("By"))
    value = forms.CharField(required=False, max_length=120)
    other = forms.CharField(required=False, max_length=120)

    def offer(
        self, basis: Basis, than: list[tuple[str, str]], *, leave: str = ""
    ) -> None:
        """Put the choices in: periods to compare with, and the groups of what is
        chosen; `leave`: a dimension that this page does not offer."""
        self.fields["than"].choices = [("", _("Nothing")), *than]  # type: ignore[attr-defined] # a ChoiceField
        self.fields["by"].choices = [one for one in BY if one[0] != leave]  # type: ignore[attr-defined] # a ChoiceField
        self.chosen_by = str(self.data.get("by") or ALL)
        if self.chosen_by == PRODUCT:
            labels = (_("Its code"), _("Beside the code"))
            fields: list[forms.Field] = [
                forms.CharField(required=False, max_length=120, label=label)
                for label in labels
            ]
        else:
            known = [
                (value or UNKNOWN, label)
                for value, label in groups.choices(basis, self.chosen_by)
            ]
            fields = [
                forms.ChoiceField(
                    choices=[("", label), *known], required=False, label=name
                )
                for name, label in (
                    (_("Which of them"), _("All of them")),
                    (_("Beside"), _("Nobody")),
                )
            ]
        self.fields["value"], self.fields["other"] = fields

    @property
    def side_names(self) -> list[str]:
        """The fields that make sense with what is chosen."""
        return ["than", "by", *(("value", "other") if self.chosen_by != ALL else ())]

    def clean_value(self) -> str:
        return self._found("value")

    def clean_other(self) -> str:
        return self._found("other")

    def _found(self, name: str) -> str:
        """A product by its code; anything else as it was chosen."""
        typed = str(self.cleaned_data.get(name, "")).strip()
        if self.chosen_by != PRODUCT or not typed:
            return typed
        rows = Product.objects.filter(sku__iexact=typed).order_by("pk")
        found: int | None = rows.values_list("pk", flat=True).first()
        if found is None:
            raise ValidationError(
                _("No product has the code “%(code)s”.") % {"code": typed},
                code="unknown_product",
            )
        return str(found)

    def sides(self) -> tuple[Side, Side] | None:
        """Both sides of a valid form. One group alone is beside everybody; None where
        nothing is compared."""
        values: dict[str, Any] = self.cleaned_data
        by, than = values.get("by") or ALL, values.get("than") or ""
        value, other = (
            values.get(name) or "" if by != ALL else "" for name in ("value", "other")
        )
        if not (value or other or than):
            return None
        if not (than or (value and other)):
            return Side(ALL, ""), _side(by, value or other, "")
        page, beside = _side(by, value, ""), _side(by, other or value, than)
        # The difference is that of the page's time to the one it is compared with.
        return (beside, page) if than else (page, beside)


def _side(by: str, value: str, at: str) -> Side:
    if not value:
        return Side(ALL, "", at)
    return Side(by, "" if value == UNKNOWN else value, at)
