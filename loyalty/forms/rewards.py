"""Forms of the catalogue, and of a pool of codes."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.access import Role
from crm.models import Product, User
from loyalty import card_words, reward_labels, reward_words
from loyalty.choices import Fulfilment, LimitSpan, RewardKind
from loyalty.models import Reward
from loyalty.models.rewards import LONGEST_LIFE, MOST_DAYS_TO_DO
from loyalty.services.rewards import Words
from web import form_fields as fields
from web.formats import own_language

_ROLES: dict[str, Any] = {
    Role.OWNER.value: _("Owner"),
    Role.MANAGER.value: _("Manager"),
    Role.AGENT.value: _("Agent"),
    Role.MARKETER.value: _("Marketer"),
}
_GROUPS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (_("What it is"), ("name", "percent", "amount", "minimum", "products")),
    (_("What it costs"), ("cost", "stock", "yearly_budget")),
    (
        _("Who gets it"),
        (
            *("limit_per_customer", "limit_span", "life_days", "roles"),
            *("is_offer", "stacks"),
        ),
    ),
    (_("Where somebody of the team does it"), ("days_to_do", "doer")),
)


def _number(most: int, **more: Any) -> forms.IntegerField:
    return forms.IntegerField(required=False, max_value=most, **more)


@dataclass(frozen=True)
class What:
    """What a reward is and how it reaches people, which is chosen once."""

    kind: RewardKind
    fulfilment: Fulfilment

    @property
    def has_code(self) -> bool:
        return self.fulfilment in (Fulfilment.CODE, Fulfilment.POOL)

    def label(self) -> str:
        """Both in words."""
        kind = reward_words.KINDS[self.kind.value]
        return f"{kind}: {reward_labels.FULFILMENTS[self.fulfilment.value]}"

    def not_asked(self) -> list[str]:
        """Fields that say nothing about it."""
        names = [] if self.kind is RewardKind.DISCOUNT else ["percent", "amount"]
        # An order is looked at where a code is used.
        return names + (
            ["days_to_do", "doer"] if self.has_code else ["minimum", "products"]
        )


class WhatForm(forms.Form):
    """The first step of a new reward; it is asked for in the address."""

    kind = forms.ChoiceField(label=_("Kind"), choices=[*reward_words.KINDS.items()])
    fulfilment = forms.ChoiceField(
        label=_("How it reaches them"), choices=[*reward_labels.FULFILMENTS.items()]
    )

    def chosen(self) -> What:
        """Of a valid form."""
        return What(
            RewardKind(self.cleaned_data["kind"]),
            Fulfilment(self.cleaned_data["fulfilment"]),
        )


class RewardForm(forms.Form):
    """A reward, with what customers read of it in each language. It asks only what
    goes with what it is; the rest stays as it was."""

    name = fields.TextField(
        name="name",
        most=120,
        required=True,
        label=_("Name"),
        help_text=_("For the team. What customers read is below."),
    )
    percent = fields.AmountField(name="percent", label=_("Percent off"))
    amount = fields.AmountField(
        name="amount",
        label=_("Or an amount off"),
        help_text=_("Of a discount one of the two."),
    )
    minimum = fields.AmountField(name="minimum", label=_("For orders from"))
    products = fields.NamesField(
        name="products",
        most=4_000,
        most_each=120,
        label=_("Only for these products"),
        help_text=_("Their codes (SKU), with commas between them. None: for all."),
    )
    cost = fields.AmountField(
        name="cost",
        label=_("Cost of one"),
        help_text=_("What it costs the shop, in its currency."),
    )
    stock = _number(
        1_000_000_000,
        min_value=0,
        label=_("How many there are"),
        help_text=_("In all, those given already among them. Empty: enough for all."),
    )
    yearly_budget = fields.AmountField(
        name="yearly_budget",
        label=_("Budget of a year"),
        help_text=_("Once it is spent nobody gets another one that year."),
    )
    limit_per_customer = _number(
        1_000,
        min_value=1,
        initial=1,
        label=_("At most for one person"),
        help_text=_("Empty: any number."),
    )
    limit_span = forms.ChoiceField(
        label=_("Counted over"),
        choices=[*reward_labels.LIMIT_SPANS.items()],
        initial=LimitSpan.CALENDAR_YEAR.value,
        required=False,
    )
    life_days = _number(
        LONGEST_LIFE,
        min_value=1,
        label=_("Days it is good"),
        help_text=_("To the end of the last day in the shop. Empty: for ever."),
    )
    days_to_do = _number(
        MOST_DAYS_TO_DO,
        min_value=0,
        initial=7,
        label=_("Days to do it"),
        help_text=_("From the day it is given, or accepted, to the day it is due."),
    )
    doer = forms.ModelChoiceField(
        queryset=User.objects.none(),
        required=False,
        label=_("Who does it"),
        empty_label=_("Whoever is free"),
        help_text=_("On the gift desk it can be given to somebody else."),
    )
    roles = forms.MultipleChoiceField(
        required=False,
        choices=[*_ROLES.items()],
        initial=[Role.OWNER.value, Role.MANAGER.value],
        widget=forms.CheckboxSelectMultiple,
        label=_("Who may give it by hand"),
    )
    is_offer = forms.BooleanField(
        required=False,
        label=_("It is an offer"),
        help_text=_("Mails with it are marketing and need a consent to that."),
    )
    stacks = forms.BooleanField(
        required=False,
        label=_("Good together with another offer"),
        help_text=_(
            "Else a mail that gives it waits while its reader has an offer that is"
            " still good."
        ),
    )

    def __init__(
        self, *args: Any, what: What, reward: Reward | None = None, **more: Any
    ) -> None:
        super().__init__(*args, **more)
        self.reward, self.what = reward, what
        for name in what.not_asked():
            del self.fields[name]
        doer = self.fields.get("doer")
        if isinstance(doer, forms.ModelChoiceField):
            doer.queryset = User.objects.filter(
                Q(is_active=True) | Q(pk=reward.doer_id if reward else None)
            ).order_by("name", "pk")
        for code, _name in settings.LANGUAGES:
            self.fields[f"name_{code}"] = fields.TextField(
                name="name", most=120, label=_("Name for customers")
            )
            self.fields[f"terms_{code}"] = fields.MultilineField(
                name="terms", most=1_000, rows=2, label=_("Terms")
            )
            self.fields[f"card_{code}"] = fields.MultilineField(
                name="card",
                most=2_000,
                rows=5,
                label=_("On the card or letter"),
                help_text=card_words.HELP,
            )
            # By its first letter a card of {first_name} would be typed from the left.
            if code in settings.LANGUAGES_BIDI:
                for part in ("name", "terms", "card"):
                    self.fields[f"{part}_{code}"].widget.attrs["dir"] = "rtl"
        if reward is not None:
            self.fields["version"] = forms.IntegerField(widget=forms.HiddenInput)

    @classmethod
    def of(cls, reward: Reward, data: Any = None) -> "RewardForm":
        """The form of a stored one."""
        names = [name for _label, names in _GROUPS for name in names]
        initial = {name: getattr(reward, name) for name in names}
        skus = reward.products.order_by("sku").values_list("sku", flat=True)
        initial["products"] = fields.NameList(skus)
        initial["version"] = reward.version
        for row in reward.words.all():
            initial[f"name_{row.language}"] = row.name
            initial[f"terms_{row.language}"] = row.terms
            initial[f"card_{row.language}"] = row.card
        what = What(RewardKind(reward.kind), Fulfilment(reward.fulfilment))
        return cls(data, what=what, reward=reward, initial=initial)

    def groups(self) -> Iterator[tuple[Any, list[forms.BoundField]]]:
        """The fields of each part of the page under its heading."""
        for label, names in _GROUPS:
            if asked := [self[name] for name in names if name in self.fields]:
                yield label, asked

    def languages(self) -> Iterator[tuple[str, str, list[forms.BoundField]]]:
        for code, _name in settings.LANGUAGES:
            names = ("name", "terms", "card")
            bound = [self[f"{name}_{code}"] for name in names]
            yield code, own_language(code), bound

    def clean_products(self) -> list[Product]:
        skus = self.cleaned_data["products"]
        found = {row.sku: row for row in Product.objects.filter(sku__in=skus)}
        if missing := [sku for sku in skus if sku not in found]:
            raise forms.ValidationError(
                _("No product has the code %(code)s."), params={"code": missing[0]}
            )
        return list(found.values())

    def clean_cost(self) -> Decimal:
        return self.cleaned_data["cost"] or Decimal(0)

    def clean_limit_span(self) -> str:
        return self.cleaned_data["limit_span"] or LimitSpan.CALENDAR_YEAR.value

    def clean_days_to_do(self) -> int:
        days = self.cleaned_data["days_to_do"]
        return 7 if days is None else int(days)

    def given(self) -> dict[str, Any]:
        """What the service takes."""
        data = self.cleaned_data
        values = {
            name: data[name]
            for _label, names in _GROUPS
            for name in names
            if name in data and name != "products"
        }
        words = {
            code: Words(*(data[f"{name}_{code}"] for name in ("name", "terms", "card")))
            for code, _name in settings.LANGUAGES
        }
        given: dict[str, Any] = {"values": values, "words": words}
        if "products" in data:
            given["products"] = data["products"]
        return given


class CodesForm(forms.Form):
    """Codes of the shop, one a line."""

    codes = fields.MultilineField(
        name="codes",
        most=200_000,
        rows=6,
        required=True,
        label=_("Codes, one a line"),
        help_text=_("Letters and digits; case, spaces and hyphens do not count."),
    )
