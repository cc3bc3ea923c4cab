"""The form of a programme, and of a reward that its members may take."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from crm.access import Role
from crm.models import Segment
from loyalty import programme_labels as labels
from loyalty.choices import Expiry, ProgrammeKind, Unit, WhoTakesPart
from loyalty.models import Programme, Reward
from loyalty.models.programmes import LONGEST_DELIVERY, LONGEST_WAIT
from loyalty.services.programmes.programmes import LONGEST_EXPIRY
from loyalty.services.programmes.wording import Words
from web import form_fields as fields
from web.formats import own_language

# What it counts: its kind, and its unit.
COUNTED = {
    Unit.POINTS.value: (ProgrammeKind.POINTS, Unit.POINTS),
    Unit.MONEY.value: (ProgrammeKind.POINTS, Unit.MONEY),
    Unit.STAMPS.value: (ProgrammeKind.PUNCH_CARD, Unit.STAMPS),
}
_ROLES = (Role.OWNER, Role.MANAGER, Role.AGENT, Role.MARKETER)
_WORDS = ("name", "terms", "unit_one", "unit_many")


def _days(most: int, **more: Any) -> forms.IntegerField:
    return forms.IntegerField(required=False, min_value=0, max_value=most, **more)


def _segment(label: Any, **more: Any) -> "forms.ModelChoiceField[Segment]":
    """One of the segments, asked when the form is made."""
    return forms.ModelChoiceField(
        queryset=Segment.objects.all(), required=False, label=label, **more
    )


class ProgrammeForm(forms.Form):
    """A programme, with what members read of it in each language. What it counts is
    chosen once; its currency and decimals for as long as nobody takes part."""

    name = fields.TextField(
        name="name",
        most=120,
        required=True,
        label=_("Name"),
        help_text=_("For the team. What customers read is below."),
    )
    counts = forms.ChoiceField(
        label=_("What it counts"),
        choices=[*labels.COUNTS.items()],
        widget=forms.RadioSelect,
        initial=Unit.POINTS.value,
    )
    currency = fields.TextField(
        name="currency",
        most=3,
        required=True,
        label=_("Currency"),
        help_text=_("Orders in another one earn nothing."),
        attrs={"dir": "ltr"},
    )
    places = forms.TypedChoiceField(
        label=_("Decimals of a point"),
        coerce=int,
        choices=[(0, _("None")), (1, _("One")), (2, _("Two"))],
        help_text=_("Money has those of its currency, stamps none."),
    )
    worth = fields.AmountField(
        name="worth",
        label=_("What a hundred points pay of an order"),
        help_text=_("In the currency above. Empty: rewards alone take them."),
    )
    share_percent = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=100,
        label=_("The most they pay of an order, in percent"),
        help_text=_("Empty: the whole order. Stamps pay nothing."),
    )
    takes_part = forms.ChoiceField(
        label=_("Who takes part"),
        choices=[*labels.WHO.items()],
        widget=forms.RadioSelect,
        initial=WhoTakesPart.ALL.value,
    )
    segment = _segment(
        _("Segment"),
        empty_label=_("None"),
        help_text=_("Only where a segment takes part."),
    )
    left_out = _segment(_("Without the segment"), empty_label=_("Nobody is left out"))
    expiry = forms.ChoiceField(
        label=_("When it runs out"),
        choices=[*labels.EXPIRY.items()],
        initial=Expiry.NEVER.value,
    )
    expires_after = _days(
        LONGEST_EXPIRY,
        label=_("After how many days, months or years"),
        help_text=_("What is there already counts from the day of the change."),
    )
    returns_days = _days(
        LONGEST_WAIT,
        initial=14,
        label=_("Days until it can be spent"),
        help_text=_("After delivery, while things may still come back."),
    )
    assumed_delivery_days = _days(
        LONGEST_DELIVERY,
        label=_("Days to delivery, where none is reported"),
        help_text=_("Empty: as the shop’s settings say."),
    )

    def __init__(
        self, *args: Any, programme: Programme | None = None, **more: Any
    ) -> None:
        super().__init__(*args, **more)
        self.programme = programme
        for role in _ROLES:
            self.fields[f"limit_{role.value}"] = fields.AmountField(
                name="limit", label=labels.ROLES[role.value]
            )
        for code, _name in settings.LANGUAGES:
            self._add_words(code)
        if programme is not None:
            del self.fields["counts"]
            self.fields["version"] = forms.IntegerField(widget=forms.HiddenInput)
            if programme.unit != Unit.POINTS.value:
                del self.fields["places"], self.fields["worth"]
            if programme.unit == Unit.STAMPS.value:
                del self.fields["share_percent"]

    def _add_words(self, code: str) -> None:
        made = {
            "name": fields.TextField(name="name", most=120, label=_("Its name")),
            "terms": fields.MultilineField(
                name="terms", most=4_000, rows=3, label=_("Its terms")
            ),
            "unit_one": fields.TextField(
                name="unit_one", most=40, label=_("One of its unit")
            ),
            "unit_many": fields.TextField(
                name="unit_many", most=40, label=_("Several of its unit")
            ),
        }
        for part, field in made.items():
            self.fields[f"{part}_{code}"] = field
            if code in settings.LANGUAGES_BIDI:
                field.widget.attrs["dir"] = "rtl"

    @classmethod
    def of(cls, row: Programme, data: Any = None) -> "ProgrammeForm":
        """The form of a stored one."""
        names = [name for name in cls.base_fields if name != "counts"]
        initial: dict[str, Any] = {name: getattr(row, name) for name in names}
        initial["worth"] = row.worth * 100 if row.worth is not None else None
        initial["version"] = row.version
        for limit in row.hand_limits.all():
            initial[f"limit_{limit.role}"] = limit.most
        for code, words in row.wording.items():
            for part in _WORDS:
                initial[f"{part}_{code}"] = getattr(words, part)
        return cls(data, programme=row, initial=initial)

    def groups(self) -> Iterator[tuple[Any, list[forms.BoundField]]]:
        """The fields of each part of the page under its heading."""
        for label, names in labels.PROGRAMME_GROUPS:
            yield label, [self[name] for name in names if name in self.fields]

    def limits(self) -> list[forms.BoundField]:
        """How much each role may add or take by hand."""
        return [self[f"limit_{role.value}"] for role in _ROLES]

    def languages(self) -> Iterator[tuple[str, str, list[forms.BoundField]]]:
        """What members read, by language."""
        for code, _name in settings.LANGUAGES:
            bound = [self[f"{part}_{code}"] for part in _WORDS]
            yield code, own_language(code), bound

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()

    def clean_worth(self) -> Decimal | None:
        worth = self.cleaned_data["worth"]
        return worth / 100 if worth is not None else None

    def clean_returns_days(self) -> int:
        return self.cleaned_data["returns_days"] or 0

    def given(self) -> dict[str, Any]:
        """What the service takes."""
        data = self.cleaned_data
        values = {name: data[name] for name in self.base_fields if name in data}
        values.pop("counts", None)
        unit = self.programme.unit if self.programme else data["counts"]
        if unit != Unit.POINTS.value:
            # The service knows those of money and stamps.
            values.pop("worth", None)
            values.pop("places", None)
        if values["expiry"] == Expiry.NEVER.value:
            values["expires_after"] = None
        limits = {role: data[f"limit_{role.value}"] for role in _ROLES}
        return {
            "values": values,
            "limits": {role: most for role, most in limits.items() if most},
            "words": {
                code: Words(*(data[f"{part}_{code}"] for part in _WORDS))
                for code, _name in settings.LANGUAGES
            },
        }

    def chosen(self) -> dict[str, Any]:
        """What is chosen once."""
        kind, unit = COUNTED[self.cleaned_data["counts"]]
        return {"kind": kind, "unit": unit}


class SwitchOnForm(forms.Form):
    """From when orders earn."""

    since = fields.Day(
        name="since",
        label=_("Orders since"),
        help_text=_(
            "Empty: from today on. An earlier day credits past orders, once, the first"
            " time; on a later one it begins, and orders before it earn nothing."
        ),
    )


class OfferForm(forms.Form):
    """A reward of the catalogue, and what it takes."""

    reward = forms.ModelChoiceField(
        queryset=Reward.objects.none(), label=_("Reward"), empty_label=None
    )
    price = fields.AmountField(name="price", required=True, label=_("For how many"))

    def __init__(self, *args: Any, programme: Programme, **more: Any) -> None:
        super().__init__(*args, **more)
        offered = programme.offers.values("reward")
        self.fields["reward"].queryset = (  # type: ignore[attr-defined]
            Reward.objects.filter(archived_at=None).exclude(pk__in=offered)
        )
