"""Make, change, order, archive and restore the fields that staff add to customers."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from crm.models import Customer, CustomField, User
from crm.rules.choices import CustomKind
from crm.services import audit, custom_field_jobs
from crm.services import custom_field_checks as checks
from web.errors import InvalidValue, StaleVersion

MOST_FIELDS = 100
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
    checks.set_values(field, {"label": label, **values})
    field.key = checks.free_key(field.label)
    field.choices = checks.with_choices(field, {}, list(choices))
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
    changed = checks.set_values(row, changes)
    offered = checks.with_choices(row, choices or {}, more_choices)
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
    checks.refuse_same_label(row)
    row.archived_at = None
    if row.in_list and live.filter(in_list=True).count() >= checks.MOST_COLUMNS:
        row.in_list = False
    _save(row, now)
    _record("restored", row, now)
    if row.is_searchable:
        custom_field_jobs.search_again(row, by=by, now=now)


def make_of_columns(names: Collection[str], *, now: datetime) -> None:
    """Fields of text for unknown columns of a file, in the transaction of
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


# --- Rows ----------------------------------------------------------------------------


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
