"""Make, change, copy and delete segments."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from crm import condition_fields, segment_people
from crm.errors import SegmentFollowed, SegmentInUse, SegmentsInACircle
from crm.models import Segment, User
from crm.rules import segment_tree
from crm.rules.segment_tree import Condition, Group
from crm.services import audit, membership, saved_views
from crm.services.typed_names import FORGOTTEN, TypedNames
from web.errors import AlreadyExists, InvalidValue, StaleVersion
from web.rules import text

# Two people who name each other's segments at one moment would make a circle.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('segments', 0))"


@dataclass(frozen=True)
class Use:
    """Something that chooses people by a segment."""

    label: str
    url: str
    # It must not choose by what people think of us.
    refuses_opinions: bool = False


# Of the apps above: what uses any of these segments.
Uses = Callable[[set[int]], list[Use]]
_uses: list[Uses] = []


def register_uses(uses: Uses) -> None:
    """Tell what of an app above uses segments."""
    _uses.append(uses)


def uses_of(segment: Segment) -> list[Use]:
    """Everything that uses it, also through another segment."""
    above = segment_people.leaning_on(segment.pk)
    named = [
        Use(row.name, reverse("crm:segment", args=[row.pk])) for row in above.values()
    ]
    return [*named, *_used({segment.pk, *above})]


def _used(ids: set[int]) -> list[Use]:
    return [use for uses in _uses for use in uses(ids)]


def checked(raw: object) -> Group:
    """The conditions as they are stored. Raises InvalidValue for `conditions`."""
    group = segment_tree.read(raw)
    _refuse_empty(group)
    for condition in group.conditions():
        condition_fields.check(condition)
    return group


def _refuse_empty(group: Group) -> None:
    if not group.parts:
        raise InvalidValue(fields={"conditions": "group_empty"})
    for part in group.parts:
        if isinstance(part, Group):
            _refuse_empty(part)


@transaction.atomic
def create(
    *,
    name: str,
    conditions: object,
    by: User | None,
    now: datetime,
    description: str = "",
    shipped: str = "",
) -> Segment:
    """A new one. Raises InvalidValue, and AlreadyExists for a name that is taken."""
    _lock()
    row = Segment(created_by=by, created_at=now, shipped=shipped)
    _set(row, name, description, checked(conditions), now)
    audit.record("segment.created", f"segment:{row.pk}", now=now)
    return row


@transaction.atomic
def change(
    segment: Segment,
    *,
    name: str,
    conditions: object,
    version: int,
    now: datetime,
    description: str = "",
) -> Segment:
    """Change it for everything that uses it, from the next sweep and claim on.

    Raises InvalidValue (also where a use must not choose by opinion), AlreadyExists,
    SegmentsInACircle, StaleVersion.
    """
    _lock()
    row = Segment.objects.select_for_update().get(pk=segment.pk)
    if row.version != version:
        raise StaleVersion
    group = checked(conditions)
    inside = segment_people.leans_on(group)
    if row.pk in inside or row.pk in segment_people.segments_in(group):
        raise SegmentsInACircle
    if segment_people.is_by_opinion(group):
        above = segment_people.leaning_on(row.pk)
        if any(use.refuses_opinions for use in _used({row.pk, *above})):
            raise InvalidValue(fields={"conditions": "segment_by_opinion"})
    if segment_tree.as_json(group) != row.conditions:
        membership.begin_again({row.pk, *segment_people.leaning_on(row.pk)})
        row.looked_at = None
    row.version += 1
    _set(row, name, description, group, now)
    audit.record("segment.changed", f"segment:{row.pk}", now=now)
    return row


@transaction.atomic
def delete(segment: Segment, *, now: datetime, unfollow: bool = False) -> None:
    """Delete it with its snapshots, and with the saved views that list its people.

    Raises SegmentInUse while anything chooses people by it, and SegmentFollowed where
    it is followed: with `unfollow`, what was told of comings and goings goes, too.
    """
    _lock()
    if uses_of(segment):
        raise SegmentInUse
    row = Segment.objects.select_for_update().get(pk=segment.pk)
    if row.is_followed:
        if not unfollow:
            raise SegmentFollowed
        membership.stop_following(row, now=now)
    for view in saved_views.views_of(row):
        view.delete()
    Segment.objects.filter(pk=row.pk).delete()
    audit.record("segment.deleted", f"segment:{row.pk}", now=now)


@transaction.atomic
def forget(ids: Collection[int], *, now: datetime) -> None:
    """Empty conditions that search for one of these people alone, who are being erased,
    and the name of such a segment where it names them. Nobody comes or leaves by it."""
    named = TypedNames(ids)
    for row in Segment.objects.order_by("pk").select_for_update():
        group = segment_tree.read(row.conditions)
        kept = _without(group, named)
        if kept == group:
            continue
        row.conditions = segment_tree.as_json(kept)
        row.name = f"{FORGOTTEN} {row.pk}" if named.is_in(row.name) else row.name
        row.description = "" if named.is_in(row.description) else row.description
        row.version += 1
        row.updated_at = now
        row.save()
        audit.record("segment.changed", f"segment:{row.pk}", now=now)


def _without(group: Group, named: TypedNames) -> Group:
    return replace(
        group,
        parts=tuple(
            _without(part, named) if isinstance(part, Group) else _emptied(part, named)
            for part in group.parts
        ),
    )


def _emptied(condition: Condition, named: TypedNames) -> Condition:
    field = condition_fields.get(condition.field)
    is_text = field is None or field.kind is condition_fields.Kind.TEXT
    if not is_text or not any(map(named.is_alone_in, condition.values)):
        return condition
    return replace(condition, values=(FORGOTTEN,))


def _set(
    row: Segment, name: str, description: str, group: Group, now: datetime
) -> None:
    row.name = text.one_line(name, field="name", most=120)
    if not row.name:
        raise InvalidValue(fields={"name": "required"})
    row.description = text.one_line(description, field="description", most=300)
    row.conditions = segment_tree.as_json(group)
    row.updated_at = now
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        if "segment_name_once" in str(error):
            raise AlreadyExists(fields={"name": "name_taken"}) from None
        raise


def _lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)
