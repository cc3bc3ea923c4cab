"""The fields that staff made, as facts of a customer: read once, used everywhere."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from crm.models import Customer, CustomField
from crm.rules import custom_values
from crm.rules.choices import CustomKind, CustomPlace
from crm.rules.custom_values import Definition
from web import formats
from web.rules.numbers import whole_number


@dataclass(frozen=True)
class CustomFact:
    """One field beside a customer's value of it, None where there is none."""

    field: CustomField
    value: Any

    @property
    def in_words(self) -> str:
        return "" if self.value is None else in_words(self.field, self.value)


def fields() -> list[CustomField]:
    """Those that are not archived, in their order."""
    return list(CustomField.objects.filter(archived_at=None))


def definitions() -> dict[str, Definition]:
    """Key -> what its values need to know, archived fields too."""
    return {field.key: field.definition for field in CustomField.objects.all()}


def searched_keys() -> tuple[str, ...]:
    """The keys of the fields that searches look into, in the order of search_text."""
    rows = CustomField.objects.filter(is_searchable=True, archived_at=None)
    return tuple(rows.values_list("key", flat=True))


def searched_values(custom: Mapping[str, Any], keys: Iterable[str]) -> list[str]:
    """What search_text holds of these values, between the facts and the external id."""
    return [str(custom.get(key) or "") for key in keys]


def of(customer: Customer, place: CustomPlace) -> list[CustomFact]:
    """The fields of one place of the customer page, with what this one has."""
    return [
        CustomFact(field, customer.custom.get(field.key))
        for field in fields()
        if field.place == place
    ]


def field_named(name: str) -> CustomField | None:
    """The field that pages call "custom_7", unless it is archived."""
    text = name.removeprefix("custom_")
    pk = whole_number(text)
    if text == name or pk is None:
        return None
    return CustomField.objects.filter(pk=pk, archived_at=None).first()


def in_words(field: CustomField, value: Any) -> str:
    """The value as a page says it, in the reader's language."""
    kind, known = field.custom_kind, field.definition
    if kind is CustomKind.NUMBER:
        return number_in_words(value)
    if kind is CustomKind.MONEY:
        return formats.money(Decimal(value["amount"]), value["currency"])
    if kind is CustomKind.DATE:
        return date_format(date.fromisoformat(value), "j M Y")
    if kind is CustomKind.YES_NO:
        return _("yes") if value else _("no")
    if kind is CustomKind.CHOICES:
        return ", ".join(known.choices.get(key, key) for key in value)
    return custom_values.as_cell(known, value)


def number_in_words(value: str) -> str:
    """With every place it has: a number is not rounded to be shown."""
    return formats.exact_number(Decimal(value))


def typed(field: CustomField, value: Any) -> Any:
    """The value as a form shows it to be edited."""
    if value is None:
        return [] if field.custom_kind is CustomKind.CHOICES else ""
    return as_typed(field.definition, value)


def as_typed(known: Definition, value: Any) -> Any:
    """What a form would have been given for this value."""
    if known.kind in (CustomKind.CHOICE, CustomKind.CHOICES):
        return value
    if known.kind is CustomKind.DATE:
        return date.fromisoformat(value)
    return custom_values.as_cell(known, value)


def known_of(custom: Mapping[str, Any]) -> dict[str, str]:
    """What is known of a person, label -> value in words, archived fields too."""
    return dict(in_words_of(custom).values())


def in_words_of(custom: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Key -> label and value in words, archived fields too."""
    rows = {field.key: field for field in CustomField.objects.filter(key__in=custom)}
    return {
        key: (
            (rows[key].label, in_words(rows[key], value))
            if key in rows
            else (key, str(value))
        )
        for key, value in custom.items()
    }
