"""Columns of a file that hold fields of staff: which field each one means.

"custom.KEY" is a field, by its key or else by its label, whatever the capitals. An
unknown one becomes a field of text with the first slice that is written.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from crm.models import CustomField
from crm.models.custom_fields import KEY_MOST
from crm.rules.choices import CustomKind
from crm.rules.custom_values import Definition, name_of
from crm.services.imports.columns import Fields, folded

PREFIX = "custom."


@dataclass(frozen=True)
class CustomColumns:
    """What a run knows of the fields that staff made. `of_file`: name of a column, as
    `positions` has it -> its field; `searched`: keys that searches look into."""

    of_file: Mapping[str, Definition]
    unknown: frozenset[str] = frozenset()
    searched: tuple[str, ...] = ()


def of_file(names: Iterable[str]) -> CustomColumns:
    """Reads the database once, before the rows are read elsewhere."""
    columns = [name for name in names if name.startswith(PREFIX)]
    fields = list(CustomField.objects.all())
    by_key = {field.key: field.definition for field in fields}
    by_word = {
        folded(word): field.definition
        for field in reversed(fields)
        for word in (field.label, field.key)
        if field.archived_at is None
    }
    found: dict[str, Definition] = {}
    unknown = set()
    for name in columns:
        key = name[len(PREFIX) :][:KEY_MOST]
        known = by_key.get(key) or by_word.get(folded(key))
        if known is None:
            unknown.add(key)
            known = Definition(key, CustomKind.TEXT)
        found[name] = known
    searched = (field for field in fields if field.is_searchable)
    return CustomColumns(
        found,
        frozenset(unknown),
        tuple(field.key for field in searched if field.archived_at is None),
    )


def with_fields(fields: Fields) -> Fields:
    """The columns of an import, and those of fields that can be filled: by the name of
    the column, by the label, or by the key alone."""
    rows = list(CustomField.objects.filter(archived_at=None))
    names = {row.pk: name_of(row.key) for row in rows}
    synonyms = {
        folded(word): names[row.pk] for row in rows for word in (row.key, row.label)
    }
    return replace(
        fields,
        known=fields.known | set(names.values()),
        synonyms={**synonyms, **fields.synonyms},
    )


def labels() -> dict[str, str]:
    """Column -> label, of the fields that can be filled."""
    rows = CustomField.objects.filter(archived_at=None)
    return {name_of(key): label for key, label in rows.values_list("key", "label")}
