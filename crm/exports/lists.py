"""What a shop has set up, and lists that nobody brings in again."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from crm import job_kinds, segment_people
from crm.access import Capability
from crm.datasets import Filters, address_of, line_each, register
from crm.models import CustomerMerge, CustomField, ImportRun, Job, Segment, User
from crm.services import duplicates, jobs, merge_jobs
from web.error_messages import for_code
from web.rules.numbers import whole_number


def _runs(filters: Filters) -> "QuerySet[ImportRun]":
    return ImportRun.objects.filter(is_dry_run=False).select_related("started_by")


def _jobs(filters: Filters) -> "QuerySet[Job]":
    """Those that whoever takes them along (`whose`) sees on the page of jobs."""
    user = User.objects.filter(pk=whole_number(filters.get("whose", "")) or 0).first()
    return jobs.seen_by(user) if user else Job.objects.none()


def _title(job: Job) -> str:
    kind = job_kinds.get(job.kind)
    return kind.title(job) if kind else job.kind


def _merges(filters: Filters) -> "QuerySet[CustomerMerge]":
    """Of one job, or all that are kept: until they can no longer be undone, with those
    that were."""
    job = filters.get("job")
    rows = (
        merge_jobs.merged_by(whole_number(job) or 0)
        if job
        else CustomerMerge.objects.all()
    )
    return rows.select_related("kept", "dropped", "merged_by", "undone_by")


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
    line_each(
        "jobs",
        _("Jobs"),
        95,
        rows=_jobs,
        columns={
            "number": "pk",
            "job": _title,
            "state": "state",
            "reason": "reason",
            "done": "done",
            "total": "total",
            "error": lambda job: str(for_code(job.error)) if job.error else "",
            "colleague": lambda job: address_of(job.started_by),
            "created_at": "created_at",
            "started_at": "started_at",
            "finished_at": "finished_at",
        },
        takes=lambda: {"whose"},
        is_of_a_list=True,
    ),
    line_each(
        "merged-pairs",
        _("Merged records"),
        96,
        rows=_merges,
        columns={
            "customer_id": "kept.external_id",
            "source": "kept.source",
            "merged_id": "dropped.external_id",
            "merged_source": "dropped.source",
            "merged_at": "merged_at",
            "merged_by": lambda row: address_of(row.merged_by),
            "undone_at": "undone_at",
            "undone_by": lambda row: address_of(row.undone_by),
        },
        takes=lambda: {"job"},
        needs=frozenset({Capability.MERGE_CUSTOMERS}),
    ),
)
