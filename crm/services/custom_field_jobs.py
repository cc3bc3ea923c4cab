"""The long work of fields that staff made: their indexes, and what searches look into.

An index is built while others write (CONCURRENTLY), outside of the job's transaction.
What stands in the database afterwards is looked at, never remembered: a build that was
killed leaves an index that cannot be used, which is dropped and built again.
"""

from datetime import datetime
from typing import Any

from django.db import DatabaseError, transaction
from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext as _

from crm.access import Capability
from crm.job_kinds import JobKind, Step
from crm.models import Customer, CustomField, Job, User
from crm.rules.choices import JobState
from crm.services import customers, jobs
from crm.sql import custom_fields as sql
from web.errors import DomainError

SLICE = 1_000


class IndexNotBuilt(DomainError):
    """The database gave up building it; its message says why."""

    code = "index_not_built"
    message = "The index could not be built."
    is_told_by_message = True


class IndexJob(JobKind):
    """Bring the index of a field into the state that the field asks for."""

    name = "custom-field-index"
    capability = Capability.CHANGE_SETTINGS

    def title(self, job: Job) -> str:
        return _("Sorting by a field: %(label)s") % {"label": _label(job)}

    def step(self, job: Job, *, now: datetime) -> Step:
        """Drop what is not wanted or not usable, and build; then look again."""
        field = CustomField.objects.get(pk=job.options["field"])
        is_wanted = field.sort_slot is not None
        usable = sql.indexes([field.index_name]).get(field.index_name)
        if usable is (True if is_wanted else None):
            return Step(position={}, done=job.done, total=job.done, is_last=True)
        with sql.outside() as cursor:
            if usable is not None:
                cursor.execute(sql.drop_index(field.index_name))
            if is_wanted:
                _build(cursor, field, is_last_try=job.failures >= _LAST_FAILURE)
        return Step(position={}, done=job.done + 1, total=job.done + 2)


_LAST_FAILURE = jobs.MOST_FAILURES - 1


def _build(cursor: CursorWrapper, field: CustomField, *, is_last_try: bool) -> None:
    """What a failed build leaves is dropped at once: every write would keep it up."""
    try:
        cursor.execute(sql.create_index(field.index_name, field.custom_kind, field.key))
    except DatabaseError as error:
        cursor.execute(sql.drop_index(field.index_name))
        if not is_last_try:
            raise
        raise IndexNotBuilt(str(error).strip()[:200]) from error


class SearchJob(JobKind):
    """Write anew what searches find, of everybody who has a value of the field."""

    name = "custom-field-search"
    capability = Capability.CHANGE_SETTINGS

    def title(self, job: Job) -> str:
        return _("Searching a field: %(label)s") % {"label": _label(job)}

    def step(self, job: Job, *, now: datetime) -> Step:
        field = CustomField.objects.get(pk=job.options["field"])
        rows = Customer.objects.filter(custom__has_key=field.key)
        total = job.total if job.total is not None else rows.count()
        after = int(job.position.get("after", 0))
        found = list(
            rows.filter(pk__gt=after).select_for_update().order_by("pk")[:SLICE]
        )
        for customer in found:
            customers.refresh_search(customer)
        Customer.objects.bulk_update(found, ["search_text"])
        return Step(
            position={"after": found[-1].pk if found else after},
            done=job.done + len(found),
            total=total,
            is_last=len(found) < SLICE,
        )


INDEX, SEARCH = IndexJob(), SearchJob()


def follow(field: CustomField, *, by: User, now: datetime) -> None:
    """Build or drop the index, as the field asks; nothing where none was asked for."""
    if field.sort_slot is None and field.index_name not in sql.indexes(
        [field.index_name]
    ):
        return
    _start(INDEX, field, by, now)


def search_again(field: CustomField, *, by: User, now: datetime) -> None:
    """After searches began, or ceased, to look into it."""
    _start(SEARCH, field, by, now)


def open_job(kind: JobKind, field: CustomField) -> Job | None:
    """The one that is at work on this field."""
    rows = Job.objects.filter(kind=kind.name, options__field=field.pk)
    return rows.filter(state__in=jobs.OPEN).order_by("pk").first()


@transaction.atomic
def repair(*, now: datetime) -> int:
    """Build what should be there and cannot be used, such as after a kill or a restore;
    how many. One that failed for good is for a person to start again."""
    wanted = list(CustomField.objects.exclude(sort_slot=None))
    usable = sql.indexes([field.index_name for field in wanted])
    started = 0
    for field in wanted:
        by = field.created_by
        if usable.get(field.index_name) or by is None or open_job(INDEX, field):
            continue
        if _failed_last(field) or not by.can(INDEX.capability):
            continue
        _start(INDEX, field, by, now)
        started += 1
    return started


def _failed_last(field: CustomField) -> bool:
    rows = Job.objects.filter(kind=INDEX.name, options__field=field.pk)
    last = rows.order_by("-pk").first()
    return last is not None and last.state == JobState.FAILED.value


def _start(kind: JobKind, field: CustomField, by: User, now: datetime) -> None:
    options: dict[str, Any] = {"field": field.pk}
    jobs.start(kind, options=options, by=by, now=now, reason=str(field))


def _label(job: Job) -> str:
    return str(CustomField.objects.filter(pk=job.options["field"]).first() or "")
