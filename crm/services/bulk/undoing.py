"""Take a change to many customers back, for seven days.

Anyone who was changed again since stays as they are now.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from crm.access import Capability
from crm.errors import BulkCannotBeUndone, NotAllowed
from crm.job_kinds import JobKind, Step
from crm.models import BulkRow, BulkRun, Job, User
from crm.rules.choices import BulkAction, JobState, UndoState
from crm.services import audit, jobs
from crm.services.bulk import actions, running
from crm.services.purging import delete_in_slices
from crm.sql import bulk as sql

KEPT_FOR = timedelta(days=7)


def undo_until(run: BulkRun, *, now: datetime) -> datetime | None:
    """Until when it can be taken back; None where it cannot, or not any more."""
    if run.finished_at is None or run.undo_state or not run.changed:
        return None
    until = run.finished_at + KEPT_FOR
    return until if now < until else None


def why_not(run: BulkRun, *, now: datetime) -> str:
    """Why it cannot be taken back, in words; empty where it can."""
    if undo_until(run, now=now):
        return ""
    if run.undo_state == UndoState.DONE.value:
        return _("This change was taken back.")
    if run.undo_state:
        return _("This change is being taken back.")
    if run.finished_at is None:
        return _("It can be taken back once it has ended.")
    if not run.changed:
        return _("There is nothing to take back: everybody was so already.")
    return _("Changes can be taken back for seven days, which are over.")


@transaction.atomic
def start(run: BulkRun, *, by: User, now: datetime) -> Job:
    """Write down that it is to be taken back. Twice is once: raises BulkCannotBeUndone
    for the second time, NotAllowed for whoever may not."""
    if not by.can(Capability.CHANGE_MANY):
        raise NotAllowed
    locked = BulkRun.objects.select_for_update().get(pk=run.pk)
    if reason := why_not(locked, now=now):
        raise BulkCannotBeUndone(reason)
    job = jobs.start(UNDO_BULK, options={"run": run.pk}, by=by, now=now)
    locked.undo_state, locked.undo_job = UndoState.RUNNING.value, job
    locked.save(update_fields=["undo_state", "undo_job"])
    audit.record("bulk.undo_asked", f"bulk:{run.pk}", now=now)
    return job


class UndoBulk(JobKind):
    """The job that takes a change of many customers back."""

    name = "bulk_undo"
    capability = Capability.CHANGE_MANY

    def title(self, job: Job) -> str:
        run = running.run_of(job)
        words = running.in_words(run) if run else str(job)
        return _("Taken back: %(change)s") % {"change": words}

    def page(self, job: Job) -> str:
        run = running.run_of(job)
        return reverse("crm:bulk-run", args=[run.pk]) if run else ""

    def step(self, job: Job, *, now: datetime) -> Step:
        run = BulkRun.objects.get(pk=job.options["run"])
        after = job.position.get("after", 0)
        upto, number = running.next_slice(run, after=after, which=sql.IS_CHANGED)
        if number:
            action = BulkAction(run.action)
            statement = sql.undo(action, actions.column_of(action, run.options))
            undone = running.work_slice(run, statement, after=after, upto=upto, now=now)
            BulkRun.objects.filter(pk=run.pk).update(undone=F("undone") + undone)
        return Step(
            {"after": upto},
            done=job.done + number,
            total=run.changed,
            is_last=number < running.SLICE,
        )

    def ended(
        self, job: Job, state: JobState, *, now: datetime, message: str = ""
    ) -> None:
        """Where it was cancelled or broke, it can be asked for again: who is as before
        already is not changed a second time."""
        rows = BulkRun.objects.filter(undo_job=job)
        if state is JobState.DONE:
            rows.update(undo_state=UndoState.DONE.value, undone_at=now)
        else:
            rows.update(undo_state="", undo_job=None)


UNDO_BULK = UndoBulk()


def purge(*, now: datetime) -> int:
    """Forget how the customers were before the changes that cannot be taken back any
    more."""
    old = BulkRun.objects.filter(finished_at__lt=now - KEPT_FOR)
    over = old.exclude(undo_state=UndoState.RUNNING.value)
    return delete_in_slices(BulkRow, run__in=over)
