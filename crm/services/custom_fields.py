"""Make, change, order, archive and restore the fields that staff add to customers."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Max
from django.utils.text import slugify

from crm.models import Customer, CustomField, User
from crm.models.custom_fields import KEY_MOST, LABEL_MOST, MOST_SORTABLE
from crm.rules import custom_values
from crm.rules.choices import CustomKind, CustomPlace
from crm.rules.custom_values import BETWEEN
from crm.services import audit, custom_field_jobs
from web.errors import InvalidValue, StaleVersion
from web.rules import text

MOST_FIELDS = 100
MOST_COLUMNS = 4
MOST_CHOICES = 200
CHANGEABLE = frozenset(
    {"label", "help_text", "place", "is_searchable", "in_list", "is_sortable"}
)
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('custom_fields', 0))"


@transaction.atomic
def create(
    *,
    label: str,
    kind: str,
    by: User,
    now: datetime,
    choices: Iterable[str] = (),
    **values: Any,
) -> CustomField:
    """A new field at the end. `choices`: the labels of a choice, in their order.

    Raises InvalidValue by the name of what is wrong.
    """
    _lock()
    if CustomField.objects.filter(archived_at=None).count() >= MOST_FIELDS:
        raise InvalidValue(fields={"label": "too_many_fields"})
    if kind not in list(CustomKind):
        raise InvalidValue(fields={"kind": "unknown"})
    field = CustomField(
        kind=kind, created_by=by, created_at=now, updated_at=now, position=_last()
    )
    _set(field, {"label": label, **values})
    field.key = _free_key(field.label)
    field.choices = _with_choices(field, {}, list(choices))
    field.save(force_insert=True)
    _record("created", field, now)
    custom_field_jobs.follow(field, by=by, now=now)
    return field


@transaction.atomic
def change(
    field: CustomField,
    *,
    changes: Mapping[str, Any],
    version: int,
    by: User,
    now: datetime,
    choices: Mapping[str, tuple[str, bool]] | None = None,
    more_choices: Sequence[str] = (),
) -> CustomField:
    """Change what is named. `choices`: key -> its label, and whether it is offered;
    those that are not named stay as they are. The key and the kind never change.

    Raises InvalidValue and StaleVersion.
    """
    _lock()
    row = CustomField.objects.select_for_update().get(pk=field.pk)
    if row.version != version:
        raise StaleVersion
    if row.archived_at is not None:
        raise InvalidValue(fields={"label": "field_archived"})
    was_searched = row.is_searchable
    changed = _set(row, changes)
    offered = _with_choices(row, choices or {}, more_choices)
    if offered != row.choices:
        row.choices = offered
        changed.append("choices")
    if not changed:
        return row
    _save(row, now)
    _record("changed", row, now, fields=changed)
    if "is_sortable" in changed:
        custom_field_jobs.follow(row, by=by, now=now)
    if was_searched != row.is_searchable:
        custom_field_jobs.search_again(row, by=by, now=now)
    return row


@transaction.atomic
def move(field: CustomField, *, up: bool, now: datetime) -> None:
    """Change places with the neighbour of the same place of the page; at an end it
    stays where it is."""
    _lock()
    rows = list(CustomField.objects.filter(archived_at=None, place=field.place))
    at = next((n for n, row in enumerate(rows) if row.pk == field.pk), -1)
    other = at - 1 if up else at + 1
    if at < 0 or not 0 <= other < len(rows):
        return
    rows[at], rows[other] = rows[other], rows[at]
    # Numbered anew: two that an import made at one moment could share a number.
    for position, row in enumerate(rows, start=1):
        if row.position != position:
            CustomField.objects.filter(pk=row.pk).update(position=position)
    _record("moved", field, now)


@transaction.atomic
def archive(field: CustomField, *, by: User, now: datetime) -> None:
    """Take it off every page. Its values stay, and come back with it."""
    _lock()
    row = CustomField.objects.select_for_update().get(pk=field.pk)
    if row.archived_at is not None:
        return
    was_sorted, row.sort_slot = row.sort_slot, None
    row.archived_at = now
    _save(row, now)
    _record("archived", row, now)
    if was_sorted:
        custom_field_jobs.follow(row, by=by, now=now)
    if row.is_searchable:
        custom_field_jobs.search_again(row, by=by, now=now)


@transaction.atomic
def restore(field: CustomField, *, by: User, now: datetime) -> None:
    """Back where it was, with its values. Sorting is switched on anew, where wanted."""
    _lock()
    row = CustomField.objects.select_for_update().get(pk=field.pk)
    if row.archived_at is None:
        return
    live = CustomField.objects.filter(archived_at=None)
    if live.count() >= MOST_FIELDS:
        raise InvalidValue(fields={"label": "too_many_fields"})
    _refuse_same_label(row)
    row.archived_at = None
    if row.in_list and live.filter(in_list=True).count() >= MOST_COLUMNS:
        row.in_list = False
    _save(row, now)
    _record("restored", row, now)
    if row.is_searchable:
        custom_field_jobs.search_again(row, by=by, now=now)


def make_of_columns(names: Collection[str], *, now: datetime) -> None:
    """Fields of text for columns of a file that nobody knows, in the transaction of
    the slice that brings their values."""
    known = set(CustomField.objects.filter(key__in=names).values_list("key", flat=True))
    for key in sorted(set(names) - known):
        _lock()
        made = CustomField.objects.bulk_create(
            [
                CustomField(
                    key=key,
                    label=key,
                    kind=CustomKind.TEXT.value,
                    created_at=now,
                    updated_at=now,
                    position=_last(),
                )
            ],
            ignore_conflicts=True,
        )
        field = CustomField.objects.get(key=made[0].key)
        _record("created", field, now)


def count_values(field: CustomField) -> int:
    """How many customers have a value of it."""
    return Customer.objects.live().filter(custom__has_key=field.key).count()


# --- Checks --------------------------------------------------------------------------


def _set(field: CustomField, changes: Mapping[str, Any]) -> list[str]:
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
    _refuse_same_label(field)


def _refuse_same_label(field: CustomField) -> None:
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


def _with_choices(
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


# --- Rows ----------------------------------------------------------------------------


def _free_key(label: str) -> str:
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


def _last() -> int:
    last = CustomField.objects.aggregate(last=Max("position"))["last"]
    return int(last or 0) + 1


def _save(field: CustomField, now: datetime) -> None:
    field.version += 1
    field.updated_at = now
    field.save()


def _record(
    verb: str, field: CustomField, now: datetime, fields: Collection[str] = ()
) -> None:
    audit.record(
        f"custom_field.{verb}", f"custom_field:{field.pk}", fields=fields, now=now
    )


def _lock() -> None:
    """Two people at once must not make a sixth sortable field, or the same name."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)
