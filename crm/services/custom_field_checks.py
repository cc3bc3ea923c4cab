"""What a field that staff make may be: its words, its place, its choices, its key."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from django.utils.text import slugify

from crm.models import CustomField
from crm.models.custom_fields import KEY_MOST, LABEL_MOST, MOST_SORTABLE
from crm.rules import custom_values
from crm.rules.choices import CustomKind, CustomPlace
from crm.rules.custom_values import BETWEEN
from web.errors import InvalidValue
from web.rules import text

MOST_COLUMNS = 4
MOST_CHOICES = 200
CHANGEABLE = frozenset(
    {"label", "help_text", "place", "is_searchable", "in_list", "is_sortable"}
)


def set_values(field: CustomField, changes: Mapping[str, Any]) -> list[str]:
    """Check and set; the names of what really changed."""
    unknown = set(changes) - CHANGEABLE
    if unknown:
        raise InvalidValue(fields=dict.fromkeys(sorted(unknown), "unknown_field"))
    changed = []
    for name, value in changes.items():
        before = getattr(field, name)
        _SET[name](field, value)
        if getattr(field, name) != before:
            changed.append(name)
    return changed


def _set_label(field: CustomField, value: str) -> None:
    # One that a file brought may be longer, and stays until somebody renames it.
    if value == field.label and field.pk:
        return
    field.label = text.one_line(value, field="label", most=LABEL_MOST)
    if not field.label:
        raise InvalidValue(fields={"label": "required"})
    refuse_same_label(field)


def refuse_same_label(field: CustomField) -> None:
    """Raises InvalidValue where another field that is not archived has the label."""
    same = CustomField.objects.filter(archived_at=None, label__iexact=field.label)
    if same.exclude(pk=field.pk).exists():
        raise InvalidValue(fields={"label": "label_taken"})


def _set_help(field: CustomField, value: str) -> None:
    field.help_text = text.one_line(value, field="help_text", most=300)


def _set_place(field: CustomField, value: str) -> None:
    if value not in list(CustomPlace):
        raise InvalidValue(fields={"place": "unknown"})
    field.place = str(value)


def _set_searchable(field: CustomField, value: bool) -> None:
    if value and field.custom_kind not in custom_values.SEARCHABLE:
        raise InvalidValue(fields={"is_searchable": "not_searchable"})
    field.is_searchable = bool(value)


def _set_in_list(field: CustomField, value: bool) -> None:
    shown = CustomField.objects.filter(archived_at=None, in_list=True)
    if value and shown.exclude(pk=field.pk).count() >= MOST_COLUMNS:
        raise InvalidValue(fields={"in_list": "too_many_columns"})
    field.in_list = bool(value)


def _set_sortable(field: CustomField, value: bool) -> None:
    if not value:
        field.sort_slot = None
    elif field.sort_slot is None:
        if field.custom_kind not in custom_values.SORTABLE:
            raise InvalidValue(fields={"is_sortable": "not_sortable"})
        taken = CustomField.objects.exclude(sort_slot=None)
        free = set(range(1, MOST_SORTABLE + 1)) - set(
            taken.values_list("sort_slot", flat=True)
        )
        if not free:
            raise InvalidValue(fields={"is_sortable": "too_many_sortable"})
        field.sort_slot = min(free)


_SET: dict[str, Callable[[CustomField, Any], None]] = {
    "label": _set_label,
    "help_text": _set_help,
    "place": _set_place,
    "is_searchable": _set_searchable,
    "in_list": _set_in_list,
    "is_sortable": _set_sortable,
}


def with_choices(
    field: CustomField, named: Mapping[str, tuple[str, bool]], more: Sequence[str]
) -> list[dict[str, Any]]:
    """The choices of the field with these changes; none of them goes."""
    if field.custom_kind not in (CustomKind.CHOICE, CustomKind.CHOICES):
        return []
    kept = [dict(one) for one in field.choices]
    for one in kept:
        if one["key"] in named:
            label, one["is_offered"] = named[one["key"]]
            one["label"] = _choice_label(label)
    for label in filter(None, (_choice_label(each) for each in more)):
        key = _key(label, {one["key"] for one in kept}, most=LABEL_MOST)
        kept.append({"key": key, "label": label, "is_offered": True})
    labels = [one["label"].casefold() for one in kept]
    if not all(labels) or not any(one["is_offered"] for one in kept):
        raise InvalidValue(fields={"choices": "choice_missing"})
    if len(set(labels)) < len(labels):
        raise InvalidValue(fields={"choices": "choice_twice"})
    if len(kept) > MOST_CHOICES:
        raise InvalidValue(fields={"choices": "too_many_choices"})
    return kept


def _choice_label(label: str) -> str:
    found = text.one_line(label, field="choices", most=LABEL_MOST)
    if BETWEEN in found:
        raise InvalidValue(fields={"choices": "choice_semicolon"})
    return found


def free_key(label: str) -> str:
    """A key that no field has, made of the label."""
    taken = set(CustomField.objects.values_list("key", flat=True))
    return _key(label, taken, most=KEY_MOST)


def _key(label: str, taken: Collection[str], *, most: int) -> str:
    """A name for machines: favourite_tea, and favourite_tea_2 where that is taken."""
    base = re.sub("-+", "_", slugify(label, allow_unicode=True))[: most - 4] or "field"
    folded = {key.casefold() for key in taken}
    key, number = base, 1
    while key.casefold() in folded:
        number += 1
        key = f"{base}_{number}"
    return key
