"""Create and edit a customer."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.models import Customer, User
from web import form_fields as fields

HEARD_FROM = ("A friend", "Search", "Social media", "Fair or event", "Press", "Advert")


class CustomerForm(forms.Form):
    """Every fact staff may set. `version` and the first values travel along.

    Hidden first values tell what this person really changed, so that saving never
    writes back a field that somebody else changed in the meantime.
    """

    def __init__(
        self,
        *args: Any,
        customer: Customer | None = None,
        see_notes: bool = True,
        only: str = "",
        **more: Any,
    ) -> None:
        if customer is not None:
            more.setdefault("initial", values_of(customer))
        super().__init__(*args, **more)
        for name, field in _fields().items():
            if only in ("", name) and (see_notes or name != "notes"):
                self.fields[name] = field
        if only:
            # Edited in place: the field takes the focus as soon as it is there.
            self.fields[only].widget.attrs.update({"data-focus": "", "autofocus": True})
        if customer is not None:
            self.fields["version"] = forms.IntegerField(
                widget=forms.HiddenInput, initial=customer.version
            )
            for name, field in self.fields.items():
                field.show_hidden_initial = name != "version"

    @property
    def changes(self) -> dict[str, Any]:
        """What was really changed, for the service."""
        return {
            name: self.cleaned_data[name]
            for name in self.changed_data
            if name != "version"
        }

    @property
    def shown(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name != "version"]


def values_of(customer: Customer) -> dict[str, Any]:
    return {
        "given_name": customer.given_name,
        "family_name": customer.family_name,
        "email": customer.email,
        "phone": customer.phone_text or customer.phone_e164,
        "organisation": customer.organisation,
        "owner": customer.owner_id,
        "language": customer.language,
        "time_zone": customer.time_zone,
        "country": customer.country,
        "since_on": customer.since_on,
        "birthday": birthday_of(customer),
        "heard_from": customer.heard_from,
        "heard_text": customer.heard_text,
        "tags": tags_of(customer),
        "notes": customer.notes,
    }


def tags_of(customer: Customer) -> str:
    return str(fields.NameList(customer.tags.values_list("name", flat=True)))


def birthday_of(customer: Customer) -> str:
    """As the form reads it: 05-12, or 1980-05-12."""
    if not customer.birth_month:
        return ""
    day = f"{customer.birth_month:02}-{customer.birth_day:02}"
    return f"{customer.birth_year}-{day}" if customer.birth_year else day


def labels() -> Mapping[str, Any]:
    return {name: field.label for name, field in _fields().items()}


def _fields() -> dict[str, forms.Field]:
    return {**_who(), **_where(), **_more()}


def _who() -> dict[str, forms.Field]:
    return {
        "given_name": fields.TextField(
            name="given_name", most=120, label=_("Given name")
        ),
        "family_name": fields.TextField(
            name="family_name", most=120, label=_("Family name")
        ),
        "email": fields.EmailField(name="email", label=_("Email")),
        "phone": fields.PhoneField(name="phone", label=_("Phone")),
        "organisation": fields.TextField(
            name="organisation", most=200, label=_("Company")
        ),
        "owner": forms.ModelChoiceField(
            User.objects.filter(is_active=True).order_by("name", "id"),
            required=False,
            label=_("Owner"),
            empty_label=_("Nobody"),
            help_text=_("Who looks after this customer."),
        ),
    }


def _where() -> dict[str, forms.Field]:
    return {
        "language": fields.LazyChoiceField(
            label=_("Language"), choices=fields.languages
        ),
        "time_zone": fields.LazyChoiceField(
            label=_("Time zone"),
            choices=fields.time_zones,
            help_text=_("Mail goes out by the clock there."),
        ),
        "country": fields.LazyChoiceField(label=_("Country"), choices=fields.countries),
    }


def _more() -> dict[str, forms.Field]:
    return {
        "since_on": fields.Day(
            name="since_on",
            label=_("Customer since"),
            help_text=_("Without it, the day of the first order counts."),
        ),
        "birthday": fields.TextField(
            name="birthday",
            most=10,
            label=_("Birthday"),
            help_text=_("Month and day are enough: 05-12."),
        ),
        "heard_from": fields.TextField(
            name="heard_from", most=60, label=_("Heard of us"), help_text=_("How.")
        ),
        "heard_text": fields.TextField(
            name="heard_text", most=300, label=_("Heard of us, in their words")
        ),
        "tags": fields.NamesField(
            name="tags",
            most=1_000,
            most_each=60,
            label=_("Tags"),
            help_text=_("With commas between them."),
        ),
        "notes": fields.MultilineField(name="notes", most=20_000, label=_("Notes")),
    }
