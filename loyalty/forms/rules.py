"""The form of a rule: what it earns on is chosen once, the rest by versions."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from crm.models import Product, Segment
from loyalty import programme_labels as labels
from loyalty.choices import EarnEvent, Measure, Rounding
from loyalty.models import Programme, Rule, RuleVersion
from loyalty.services.programmes import rules as service
from web import form_fields as fields
from web.formats import own_language

_OF_ORDERS = (
    *("measure", "per", "currency", "factor", "rounding", "minimum", "tax_percent"),
    *("not_discounted", "products", "categories", "not_products", "not_categories"),
    *("cap_order", "cap_day", "cap_month"),
)
_CATEGORY_LENGTH = 120


def _amount(name: str, label: Any, hint: Any = "", **more: Any) -> fields.AmountField:
    return fields.AmountField(name=name, label=label, help_text=hint, **more)


def _names(name: str, label: Any, hint: Any = "") -> fields.NamesField:
    return fields.NamesField(
        name=name, most=4_000, most_each=_CATEGORY_LENGTH, label=label, help_text=hint
    )


def _segment(label: Any, empty: Any) -> "forms.ModelChoiceField[Segment]":
    return forms.ModelChoiceField(
        queryset=Segment.objects.all(), required=False, label=label, empty_label=empty
    )


class RuleForm(forms.Form):
    """`event` says which of these fields there are; a step has its name in each
    language besides."""

    name = fields.TextField(
        name="name",
        most=120,
        required=True,
        label=_("What to do"),
        help_text=_("For the team, such as: fill in the profile."),
    )
    key = forms.ChoiceField(label=_("Occasion"), choices=[*labels.OCCASIONS.items()])
    units = _amount("units", _("How many it earns"), required=True)
    measure = forms.ChoiceField(
        label=_("For what"),
        choices=[*labels.MEASURES.items()],
        widget=forms.RadioSelect,
        initial=Measure.MONEY.value,
    )
    per = _amount("per", _("For each … of money"), _("Only where money counts."))
    currency = fields.TextField(
        name="currency",
        most=3,
        required=True,
        label=_("Currency of the orders"),
        help_text=_("Orders in another one earn nothing."),
        attrs={"dir": "ltr"},
    )
    factor = _amount("factor", _("Times"), _("2 for double. Empty: once."))
    rounding = forms.ChoiceField(
        label=_("Rounding"), choices=[*labels.ROUNDING.items()]
    )
    minimum = _amount("minimum", _("For orders from"))
    tax_percent = _amount(
        "tax_percent",
        _("Tax in prices that earns nothing, in percent"),
        _(
            "Empty: prices earn with their tax. A line of an order that says its own"
            " has that one instead, or else a product that does."
        ),
    )
    not_discounted = forms.BooleanField(
        required=False, label=_("Not for orders with a discount or an offer’s code")
    )
    products = _names(
        "products",
        _("Only these products"),
        _("Their codes (SKU), with commas between them. None: all."),
    )
    categories = _names("categories", _("Only these categories"))
    not_products = _names("not_products", _("Without these products"))
    not_categories = _names("not_categories", _("Without these categories"))
    only_for = _segment(_("Only for members in"), _("All members"))
    not_for = _segment(_("Not for members in"), _("Nobody is left out"))
    cap_order = _amount("cap_order", _("Of one order"))
    cap_day = _amount("cap_day", _("Of a member’s orders of one day"))
    cap_month = _amount("cap_month", _("Of a member’s orders of one month"))

    def __init__(
        self,
        *args: Any,
        programme: Programme,
        event: EarnEvent,
        rule: Rule | None = None,
        **more: Any,
    ) -> None:
        super().__init__(*args, **more)
        self.programme, self.event, self.rule = programme, event, rule
        unwanted: list[str] = [] if event is EarnEvent.ORDER else [*_OF_ORDERS]
        if event is not EarnEvent.STEP:
            unwanted.append("name")
        if event is not EarnEvent.OCCASION or rule is not None:
            unwanted.append("key")
        for name in unwanted:
            del self.fields[name]
        if event is EarnEvent.STEP:
            self._add_names()
        if rule is not None:
            self.fields["version"] = forms.IntegerField(widget=forms.HiddenInput)

    def _add_names(self) -> None:
        for code, _name in settings.LANGUAGES:
            field = fields.TextField(
                name="name", most=120, label=own_language(code), required=False
            )
            if code in settings.LANGUAGES_BIDI:
                field.widget.attrs["dir"] = "rtl"
            self.fields[f"name_{code}"] = field

    @classmethod
    def new(
        cls, programme: Programme, event: EarnEvent, data: Any = None
    ) -> "RuleForm":
        """An empty one; what is usual stands in it."""
        initial = {
            "currency": programme.currency,
            "units": 1,
            "per": 1,
            "rounding": Rounding.DOWN.value,
        }
        return cls(data, programme=programme, event=event, initial=initial)

    @classmethod
    def of(cls, rule: Rule, latest: RuleVersion, data: Any = None) -> "RuleForm":
        """The form of a stored one."""
        names = [name for name in cls.base_fields if name not in {"name", "key"}]
        initial: dict[str, Any] = {name: getattr(latest, name) for name in names}
        for name in ("products", "not_products"):
            rows = Product.objects.filter(pk__in=initial[name]).order_by("sku")
            initial[name] = fields.NameList(rows.values_list("sku", flat=True))
        for name in ("categories", "not_categories"):
            initial[name] = fields.NameList(initial[name])
        initial |= {"name": rule.name, "version": latest.number}
        for row in rule.words.all():
            initial[f"name_{row.language}"] = row.name
        return cls(
            data,
            programme=rule.programme,
            event=EarnEvent(rule.event),
            rule=rule,
            initial=initial,
        )

    def groups(self) -> Iterator[tuple[Any, list[forms.BoundField]]]:
        """The fields of each part of the page under its heading."""
        for label, names in labels.RULE_GROUPS:
            if found := [self[name] for name in names if name in self.fields]:
                yield label, found

    def names(self) -> list[forms.BoundField]:
        """What members read of a step, by language."""
        if self.event is not EarnEvent.STEP:
            return []
        return [self[f"name_{code}"] for code, _name in settings.LANGUAGES]

    def clean_products(self) -> list[int]:
        return self._products("products")

    def clean_not_products(self) -> list[int]:
        return self._products("not_products")

    def _products(self, name: str) -> list[int]:
        skus = self.cleaned_data[name]
        found = dict(Product.objects.filter(sku__in=skus).values_list("sku", "pk"))
        if missing := [sku for sku in skus if sku not in found]:
            raise forms.ValidationError(
                _("No product has the code %(code)s."), params={"code": missing[0]}
            )
        return sorted(found.values())

    def clean_categories(self) -> list[str]:
        return self._categories("categories")

    def clean_not_categories(self) -> list[str]:
        return self._categories("not_categories")

    def _categories(self, name: str) -> list[str]:
        names = list(self.cleaned_data[name])
        rows = Product.objects.filter(category__in=names)
        there = set(rows.values_list("category", flat=True))
        if missing := [one for one in names if one not in there]:
            raise forms.ValidationError(
                _("No product is of the category %(name)s."),
                params={"name": missing[0]},
            )
        return names

    def values(self) -> dict[str, Any]:
        """The fields of a version."""
        data = self.cleaned_data
        values = {
            name: data[name]
            for name in self.base_fields
            if name in data and name not in {"name", "key"}
        }
        if self.event is EarnEvent.ORDER:
            values["factor"] = 1 if values["factor"] is None else values["factor"]
            values["currency"] = str(values["currency"]).upper()
            if values["measure"] != Measure.MONEY.value:
                values["per"] = None
        return values

    def given(self) -> dict[str, Any]:
        """What the service takes."""
        given: dict[str, Any] = {"values": self.values()}
        if self.event is EarnEvent.STEP:
            data = self.cleaned_data
            names = {code: data[f"name_{code}"] for code, _name in settings.LANGUAGES}
            given |= {"name": data["name"], "names": names}
        return given

    def draft(self, now: Any) -> RuleVersion:
        """How it would be, for a forecast. Raises InvalidValue."""
        rule = self.rule or Rule(programme=self.programme, event=self.event.value)
        return service.draft(rule, self.values(), now=now)
