"""What is known of a person, as sections of a page: labels and values in words."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from crm import custom_facts
from crm.models import Customer
from crm.personal_rows import all_rows

# A longer text, or one of several lines, gets lines of its own.
_SHORT = 60
# The fields that staff made, each with its own label.
_CUSTOM = "custom"


@dataclass(frozen=True)
class Value:
    """One value of the page on which people see their own data."""

    label: str | Promise
    text: str

    @property
    def is_long(self) -> bool:
        return len(self.text) > _SHORT or "\n" in self.text


@dataclass(frozen=True)
class Section:
    """One kind of rows on that page."""

    name: str
    label: str | Promise
    rows: Sequence[Sequence[Value]]


@dataclass(frozen=True)
class Count:
    """How many rows of one kind a person has."""

    label: str | Promise
    number: int


def sections(known: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[Section]:
    """What `personal_data.export` found, without what is empty."""
    return [
        Section(rows.name, rows.label, [_row(rows.exported, row) for row in found])
        for rows in all_rows()
        if (found := known.get(rows.name))
    ]


def counts(ids: Collection[int]) -> tuple[list[Count], list[Count]]:
    """What erasure takes, and what it leaves without a name: the rows that hang on
    these records."""
    taken: list[Count] = []
    left: list[Count] = []
    for rows in all_rows():
        if rows.model is Customer or not rows.exported:
            continue
        if number := rows.of(ids).count():
            has_words = rows.deleted or rows.blanked
            (taken if has_words else left).append(Count(rows.label, number))
    return taken, left


def _row(labels: Mapping[str, Any], row: Mapping[str, Any]) -> list[Value]:
    values = [
        Value(label, _text(row[lookup.replace("__", "_")]))
        for lookup, label in labels.items()
        if lookup != _CUSTOM
    ]
    own = custom_facts.known_of(row[_CUSTOM]) if row.get(_CUSTOM) else {}
    values += [Value(label, text) for label, text in own.items()]
    return [value for value in values if value.text]


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return date_format(timezone.localtime(value), "j M Y, H:i")
    if isinstance(value, date):
        return date_format(value, "j M Y")
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_text(each)}" for key, each in value.items())
    if isinstance(value, list):
        return ", ".join(map(_text, value))
    return str(value)
