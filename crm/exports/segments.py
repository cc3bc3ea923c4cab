"""Who came into segments and left them, and who was in one on a day."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from crm.access import Capability
from crm.datasets import Filters, address_of, line_each, register
from crm.models import SegmentEvent, SegmentSnapshot, SnapshotMember
from web.rules.numbers import whole_number

_NEEDS = frozenset({Capability.SEE_SEGMENTS})
_PEOPLE = _NEEDS | {Capability.SEE_CUSTOMERS}


def _narrowed(
    rows: "QuerySet[Any]", filters: Filters, **columns: str
) -> "QuerySet[Any]":
    """To the segment and the snapshot that are named."""
    for name, column in columns.items():
        if value := filters.get(name):
            rows = rows.filter(**{column: whole_number(value) or 0})
    return rows


def _moves(filters: Filters) -> "QuerySet[SegmentEvent]":
    rows = SegmentEvent.objects.select_related("segment", "customer")
    return _narrowed(rows, filters, segment="segment")


def _snapshots(filters: Filters) -> "QuerySet[SegmentSnapshot]":
    rows = SegmentSnapshot.objects.select_related("segment", "taken_by")
    return _narrowed(rows, filters, segment="segment")


def _members(filters: Filters) -> "QuerySet[SnapshotMember]":
    rows = SnapshotMember.objects.select_related("snapshot__segment", "customer")
    return _narrowed(rows, filters, snapshot="snapshot")


register(
    line_each(
        "segment-moves",
        _("Who came to segments and left them"),
        90,
        rows=_moves,
        columns={
            "segment": "segment.name",
            "customer_id": "customer.external_id",
            "source": "customer.source",
            "move": "move",
            "at": "at",
        },
        takes=lambda: {"segment"},
        needs=_PEOPLE,
    ),
    line_each(
        "snapshots",
        _("Snapshots of segments"),
        90,
        rows=_snapshots,
        columns={
            "segment": "segment.name",
            "day": "day",
            "people": "people",
            "taken_at": "taken_at",
            "colleague": lambda row: address_of(row.taken_by),
        },
        takes=lambda: {"segment"},
        needs=_NEEDS,
    ),
    line_each(
        "snapshot-people",
        _("Who was in segments on a day"),
        90,
        rows=_members,
        columns={
            "segment": "snapshot.segment.name",
            "day": "snapshot.day",
            "customer_id": "customer.external_id",
            "source": "customer.source",
            "name": "customer.full_name",
        },
        takes=lambda: {"snapshot"},
        needs=_PEOPLE,
    ),
)
