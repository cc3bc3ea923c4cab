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
            "segment": lambda row: row.name,
            "description": lambda row: row.description,
            "who": lambda row: segment_people.in_words(segment_people.tree(row)),
            "is_followed": lambda row: row.is_followed,
            "colleague": lambda row: address_of(row.created_by),
            "created_at": lambda row: row.created_at,
            "updated_at": lambda row: row.updated_at,
        },
        needs=frozenset({Capability.SEE_SEGMENTS}),
    ),
    line_each(
        "likely-pairs",
        _("Records that may be one person"),
        91,
        rows=lambda filters: duplicates.live_pairs(),
        columns={
            "customer_id": lambda pair: pair.first.external_id,
            "source": lambda pair: pair.first.source,
            "name": lambda pair: pair.first.full_name,
            "other_id": lambda pair: pair.second.external_id,
            "other_source": lambda pair: pair.second.source,
            "other_name": lambda pair: pair.second.full_name,
            "reasons": lambda pair: ";".join(pair.reasons),
            "strength": lambda pair: pair.strength,
            "found_at": lambda pair: pair.found_at,
        },
        needs=frozenset({Capability.MERGE_CUSTOMERS}),
    ),
    line_each(
        "custom-fields",
        _("Fields of customers"),
        92,
        rows=lambda filters: CustomField.objects.select_related("created_by"),
        columns={
            "key": lambda row: row.key,
            "label": lambda row: row.label,
            "kind": lambda row: row.kind,
            "help_text": lambda row: row.help_text,
            "choices": lambda row: ";".join(one["label"] for one in row.choices),
            "place": lambda row: row.place,
            "is_searchable": lambda row: row.is_searchable,
            "in_list": lambda row: row.in_list,
            "colleague": lambda row: address_of(row.created_by),
            "created_at": lambda row: row.created_at,
            "archived_at": lambda row: row.archived_at,
        },
        needs=frozenset({Capability.CHANGE_SETTINGS}),
    ),
    line_each(
        "team",
        _("Team"),
        93,
        rows=lambda filters: User.objects.all(),
        columns={
            "email": lambda user: user.email,
            "name": lambda user: user.name,
            "role": lambda user: user.role,
            "language": lambda user: user.language,
            "time_zone": lambda user: user.time_zone,
            "is_active": lambda user: user.is_active,
            "has_second_step": lambda user: bool(user.totp_secret),
            "joined_at": lambda user: user.joined_at,
        },
        needs=frozenset({Capability.MANAGE_TEAM}),
    ),
    line_each(
        "imports",
        _("Imports"),
        94,
        rows=_runs,
        columns={
            "number": lambda run: run.pk,
            "kind": lambda run: run.kind,
            "file": lambda run: run.file_name,
            "file_sha256": lambda run: run.file_sha256,
            "source": lambda run: run.source,
            "state": lambda run: run.state,
            "read": lambda run: run.read,
            "accepted": lambda run: run.accepted,
            "created": lambda run: run.created,
            "updated": lambda run: run.updated,
            "unchanged": lambda run: run.unchanged,
            "refused": lambda run: run.refused,
            "colleague": lambda run: address_of(run.started_by),
            "started_at": lambda run: run.started_at,
            "finished_at": lambda run: run.finished_at,
            "undone_at": lambda run: run.undone_at,
        },
        needs=frozenset({Capability.IMPORT_DATA}),
    ),
)
