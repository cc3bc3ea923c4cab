"""What fields that staff made add to the customer list: columns, filters, orders."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db.models import F
from django.db.models.fields.json import KeyTransform
from django.utils.translation import gettext as _

from crm.custom_facts import in_words
from crm.models import Customer, CustomField
from crm.page_parts import CustomerColumn
from crm.request_context import RequestContext
from crm.segment_fields.custom import FILTERED, filter_choices
from crm.sql import custom_fields as sql
from desk.sql.sorted_lists import Sorting


@dataclass(frozen=True)
class FieldFilter:
    """One group of the filter: a field, and its values with whether it is chosen."""

    label: str
    options: list[tuple[str, str, bool]]


@dataclass(frozen=True)
class SortChoice:
    """One order in which the list can be sorted."""

    value: str
    label: str
    is_chosen: bool


def custom_columns(fields: Sequence[CustomField]) -> list[CustomerColumn]:
    """Of the fields that lists show, behind all others."""
    return [
        CustomerColumn(
            name=field.name,
            order=10_000 + at,
            label=field.label,
            annotations={field.name: _value_of(field.key)},
            read=_reader(field),
        )
        for at, field in enumerate(fields)
        if field.in_list
    ]


def _value_of(key: str) -> KeyTransform:
    # The values as a whole are not read for a list.
    return KeyTransform(key, F("custom"))


def _reader(field: CustomField) -> Callable[[RequestContext, Customer], object]:
    def read(context: RequestContext, customer: Customer) -> object:
        value = getattr(customer, field.name)
        return None if value is None else in_words(field, value)

    return read


def field_filters(fields: Sequence[CustomField], chosen: str) -> list[FieldFilter]:
    """Those with few values, of which one may be chosen."""
    return [
        FieldFilter(
            field.label,
            [(v, label, v == chosen) for v, label in filter_choices(field).items()],
        )
        for field in fields
        if field.custom_kind in FILTERED
    ]


def sort_choices(fields: Sequence[CustomField], chosen: str) -> list[SortChoice]:
    """By name, and by each field whose index is there; empty where there is none."""
    ways = (("", _("%(field)s, from low")), ("-", _("%(field)s, from high")))
    choices = [SortChoice("", _("Name"), is_chosen=False)]
    for field in _sortable(fields):
        for sign, words in ways:
            value = f"{sign}{field.name}"
            label = words % {"field": field.label}
            choices.append(SortChoice(value, label, value == chosen))
    return choices if len(choices) > 1 else []


def sorting_of(fields: Sequence[CustomField], wanted: str) -> Sorting | None:
    """None: by name, also where the index is not there (yet)."""
    for field in _sortable(fields) if wanted else ():
        if wanted.removeprefix("-") == field.name:
            return Sorting(field.key, field.custom_kind, wanted.startswith("-"))
    return None


def _sortable(fields: Sequence[CustomField]) -> list[CustomField]:
    asked = [field for field in fields if field.sort_slot is not None]
    usable = sql.indexes([field.index_name for field in asked]) if asked else {}
    return [field for field in asked if usable.get(field.index_name)]
