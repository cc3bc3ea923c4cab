"""Rows about the record of somebody: imports, merges, bulk changes, groups, audit."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.models import (
    AuditEntry,
    BulkRow,
    CustomerMerge,
    DifferentPeople,
    ImportedRow,
    LikelyPair,
    MergeMove,
    SegmentEvent,
    SegmentMember,
    SnapshotMember,
)
from crm.personal_rows import Merged, PersonalRows

RECORDS = (
    # How records were before an import, so that it can be undone.
    PersonalRows(
        name="imported_rows", model=ImportedRow, deleted=True, merged=Merged.STAY
    ),
    # What two merged records were, so that they can be taken apart.
    PersonalRows(
        name="merges",
        model=CustomerMerge,
        customer="kept_id",
        label=_("Merged records"),
        deleted=True,
        merged=Merged.STAY,
    ),
    PersonalRows(
        name="merge_moves",
        model=MergeMove,
        customer="merge__kept_id",
        deleted=True,
        merged=Merged.STAY,
    ),
    # Whom a change to many was about, and how they were before, so that it can be
    # undone. They go with a record whose import is undone.
    PersonalRows(
        name="bulk_rows",
        model=BulkRow,
        deleted=True,
        merged=Merged.STAY,
        unused=Q(pk__isnull=False),
    ),
    # Looked at again for the kept record.
    PersonalRows(
        name="segment_members", model=SegmentMember, merged=Merged.DELETE, deleted=True
    ),
    PersonalRows(
        name="segment_moves",
        model=SegmentEvent,
        label=_("Groups they came into and left"),
        exported={
            "at": _("When"),
            "segment__name": _("Group"),
            "move": _("Came or left"),
        },
        deleted=True,
        unused=Q(pk__isnull=False),
    ),
    PersonalRows(
        name="snapshot_members",
        model=SnapshotMember,
        label=_("Groups they were in on a day"),
        exported={
            "snapshot__day": _("Day"),
            "snapshot__segment__name": _("Group"),
        },
        deleted=True,
        once=("snapshot",),
        unused=Q(pk__isnull=False),
    ),
    # Pairs of records: found anew, and what staff decided about them.
    *(
        PersonalRows(
            name=f"{name}_{side}",
            model=model,
            customer=f"{side}_id",
            deleted=True,
            merged=merged,
        )
        for name, model, merged in (
            ("likely_pairs", LikelyPair, Merged.DELETE),
            ("different_people", DifferentPeople, Merged.STAY),
        )
        for side in ("first", "second")
    ),
    # Append-only; ids and names of fields, never values.
    PersonalRows(
        name="changes",
        model=AuditEntry,
        label=_("What was changed, and by whom"),
        exported={
            "at": _("When"),
            "action": _("Action"),
            "actor_kind": _("By"),
            "fields": _("Fields"),
        },
        kept=("actor_kind", "via", "action", "subject", "fields"),
        merged=Merged.STAY,
    ),
)
