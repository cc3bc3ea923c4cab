"""What a shop has set up, and lists that nobody brings in again."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from crm import segment_people
from crm.access import Capability
from crm.datasets import Filters, address_of, line_each, register
from crm.models import CustomField, ImportRun, Segment, User
from crm.services import duplicates


def _runs(filters: Filters) -> "QuerySet[ImportRun]":
    return ImportRun.objects.filter(is_dry_run=False).select_related("started_by")


register(
    line_each(
        "segments",
        _("Segments"),
        90,
        rows=lambda filters: Segment.objects.select_related("created_by"),
        columns={
            "segment": "name",
            "description": "description",
            "who": lambda row: segment_people.in_words(segment_people.tree(row)),
            "is_followed": "is_followed",
            "colleague": lambda row: address_of(row.created_by),
            "created_at": "created_at",
            "updated_at": "updated_at",
        },
        needs=frozenset({Capability.SEE_SEGMENTS}),
    ),
    line_each(
        "likely-pairs",
        _("Records that may be one person"),
        91,
        rows=lambda filters: duplicates.live_pairs(),
        columns={
            "customer_id": "first.external_id",
            "source": "first.source",
            "name": "first.full_name",
            "other_id": "second.external_id",
            "other_source": "second.source",
            "other_name": "second.full_name",
            "reasons": lambda pair: ";".join(pair.reasons),
            "strength": "strength",
            "found_at": "found_at",
        },
        needs=frozenset({Capability.MERGE_CUSTOMERS}),
    ),
    line_each(
        "custom-fields",
        _("Fields of customers"),
        92,
        rows=lambda filters: CustomField.objects.select_related("created_by"),
        columns={
            "key": "key",
            "label": "label",
            "kind": "kind",
            "help_text": "help_text",
            "choices": lambda row: ";".join(one["label"] for one in row.choices),
            "place": "place",
            "is_searchable": "is_searchable",
            "in_list": "in_list",
            "colleague": lambda row: address_of(row.created_by),
            "created_at": "created_at",
            "archived_at": "archived_at",
        },
        needs=frozenset({Capability.CHANGE_SETTINGS}),
    ),
    line_each(
        "team",
        _("Team"),
        93,
        rows=lambda filters: User.objects.all(),
        columns={
            "email": "email",
            "name": "name",
            "role": "role",
            "language": "language",
            "time_zone": "time_zone",
            "is_active": "is_active",
            "has_second_step": lambda user: bool(user.totp_secret),
            "joined_at": "joined_at",
        },
        needs=frozenset({Capability.MANAGE_TEAM}),
    ),
    line_each(
        "imports",
        _("Imports"),
        94,
        rows=_runs,
        columns={
            "number": "pk",
            "kind": "kind",
            "file": "file_name",
            "file_sha256": lambda run: run.file_sha256,
            "source": "source",
            "state": "state",
            "read": "read",
            "accepted": "accepted",
            "created": "created",
            "updated": "updated",
            "unchanged": "unchanged",
            "refused": "refused",
            "colleague": lambda run: address_of(run.started_by),
            "started_at": "started_at",
            "finished_at": "finished_at",
            "undone_at": "undone_at",
        },
        needs=frozenset({Capability.IMPORT_DATA}),
    ),
)
