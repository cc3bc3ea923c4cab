"""Create and edit a customer."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm import custom_facts
from crm.customer_facts import (
    ADDRESS_PARTS,
    FACTS,
    POSTAL_ADDRESS,
    CustomerFact,
    Kind,
)
from crm.forms.custom_facts import form_field
from crm.models import Customer, CustomField, User
from crm.rules.custom_values import name_of
from web import form_fields as fields

# What is shown as one fact -> the fields that are edited with it.
TOGETHER = {POSTAL_ADDRESS: ("country", *ADDRESS_PARTS)}
HEARD_FROM = ("A friend", "Search", "Social media", "Fair or event", "Press", "Advert")


class CustomerForm(forms.Form):
    """Every fact staff may set. `version` and the first values travel along.

    Hidden first values show what this person really changed, so that saving never
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
        # The fields that staff made, by the name that they have here.
        self._custom = {field.name: field for field in custom_facts.fields()}
        if customer is not None:
            more.setdefault("initial", values_of(customer, self._custom.values()))
        super().__init__(*args, **more)
        made = self._made(customer)
        wanted = TOGETHER.get(only, (only,)) if only else made.keys()
        for name, field in made.items():
            if name in wanted and (see_notes or name != "notes"):
                self.fields[name] = field
        if only:
            # Edited in place: the field takes the focus as soon as it is there.
            first = next(iter(self.fields.values()))
            first.widget.attrs.update({"data-focus": "", "autofocus": True})
        if customer is not None:
            self.fields["version"] = forms.IntegerField(
                widget=forms.HiddenInput, initial=customer.version
            )
            for name, field in self.fields.items():
                field.show_hidden_initial = name != "version"

    def _made(self, customer: Customer | None) -> dict[str, forms.Field]:
        known = customer.custom if customer is not None else {}
        return _fields() | {
            name: form_field(field, known.get(field.key))
            for name, field in self._custom.items()
        }

    @property
    def changes(self) -> dict[str, Any]:
        return self._for_service(changes_of(self))

    @property
    def values(self) -> dict[str, Any]:
        """Everything that was sent, for the service."""
        return self._for_service(self.cleaned_data)

    def _for_service(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The fields that staff made, as the service calls them."""
        service_names = {name: service for service, name in self.aliases.items()}
        return {service_names.get(name, name): one for name, one in values.items()}

    @property
    def aliases(self) -> dict[str, str]:
        """What the service calls a field that staff made -> its name here."""
        return {
            name_of(own.key): name
            for name, own in self._custom.items()
            if name in self.fields
        }

    def add_error(self, field: str | None, error: Any) -> None:
        """Beside the field, also where the service named it."""
        super().add_error(self.aliases.get(field or "", field), error)

    @property
    def shown(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name != "version"]


def changes_of(form: forms.BaseForm) -> dict[str, Any]:
    """What was really changed, for the service."""
    names = [name for name in form.changed_data if name != "version"]
    return {name: form.cleaned_data[name] for name in names}


def values_of(
    customer: Customer, custom: Iterable[CustomField] | None = None
) -> dict[str, Any]:
    """As the form shows them. `custom`: the fields that staff made, where they are
    read already."""
    known = custom_facts.fields() if custom is None else custom
    own = {
        field.name: custom_facts.typed(field, customer.custom.get(field.key))
        for field in known
    }
    facts = (fact for fact in FACTS if fact.in_form)
    return {**{fact.name: _value_of(customer, fact.name) for fact in facts}, **own}


def _value_of(customer: Customer, name: str) -> Any:
    read = _READ.get(name)
    return read(customer) if read else getattr(customer, name)


def tags_of(customer: Customer) -> str:
    """The names of their tags as the form reads them, with commas between."""
    return str(fields.NameList(customer.tags.values_list("name", flat=True)))


def birthday_of(customer: Customer) -> str:
    """As the form reads it: 05-12, or 1980-05-12."""
    if not customer.birth_month:
        return ""
    day = f"{customer.birth_month:02}-{customer.birth_day:02}"
    return f"{customer.birth_year}-{day}" if customer.birth_year else day


_READ: dict[str, Callable[[Customer], Any]] = {
    "phone": lambda customer: customer.phone_text or customer.phone_e164,
    "owner": lambda customer: customer.owner_id,
    "birthday": birthday_of,
    "tags": tags_of,
}


def _fields() -> dict[str, forms.Field]:
    return {fact.name: field_of(fact) for fact in FACTS if fact.in_form}


def field_of(fact: CustomerFact) -> forms.Field:
    """The control in which staff set it."""
    return _FIELDS[fact.kind](fact)


def _words(fact: CustomerFact) -> dict[str, Any]:
    return {"name": fact.name, "label": fact.label, "help_text": fact.help_text}


def _line(fact: CustomerFact) -> forms.Field:
    return fields.TextField(most=fact.most, **_words(fact))


def _listed(fact: CustomerFact) -> forms.Field:
    return fields.LazyChoiceField(
        label=fact.label, help_text=fact.help_text, choices=_CHOICES[fact.name]
    )


def _owner(fact: CustomerFact) -> forms.Field:
    return forms.ModelChoiceField(
        User.objects.filter(is_active=True).order_by("name", "id"),
        required=False,
        label=fact.label,
        empty_label=_("Nobody"),
        help_text=fact.help_text,
    )


def _tags(fact: CustomerFact) -> forms.Field:
    return fields.NamesField(most=fact.most, most_each=60, **_words(fact))


_CHOICES = {
    "language": fields.languages,
    "time_zone": fields.time_zones,
    "country": fields.countries,
}
_FIELDS: dict[Kind, Callable[[CustomerFact], forms.Field]] = {
    Kind.LINE: _line,
    Kind.EMAIL: lambda fact: fields.EmailField(**_words(fact)),
    Kind.PHONE: lambda fact: fields.PhoneField(**_words(fact)),
    Kind.OWNER: _owner,
    Kind.LISTED: _listed,
    Kind.DAY: lambda fact: fields.Day(**_words(fact)),
    Kind.BIRTHDAY: _line,
    Kind.TAGS: _tags,
    Kind.TEXT: lambda fact: fields.MultilineField(most=fact.most, **_words(fact)),
}
