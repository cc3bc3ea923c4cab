"""Take an import back: up to 200,000 rows, for seven days.

What was changed since stays, and is named in a list with the reason. A choice about
mail is never touched, whoever made it.
"""

import time
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from crm.access import Capability
from crm.errors import ImportCannotBeUndone, NotAllowed
from crm.job_kinds import JobKind, Later, Step
from crm.models import ImportedRow, ImportRun, Job, User
from crm.rules.choices import ImportedThing, ImportState, JobState, UndoState
from crm.services import audit, jobs
from crm.services.imports.kinds import KINDS
from crm.services.imports.runs import MOST_UNDONE
from crm.services.imports.undo import Step as UndoStep
from crm.services.imports.undo import Undo, UndoPart
from crm.services.imports.undo_kept import list_of_kept
from crm.services.imports.undo_steps import STEPS, recount_orders
from crm.sql import import_runs
from crm.sql import personal_data as locks

KEPT_FOR = timedelta(days=7)
STEP_SECONDS = 5.0
BATCH = 1_000
_DELETED_AT_ONCE = 5_000


# --- Beforehand ----------------------------------------------------------------------


def never_why(kind: str, rows: int) -> str:
    """Of an import that has not begun: why it can never be undone, in words; empty
    where it can, for seven days."""
    known = KINDS.get(kind)
    if known is not None and not known.can_be_undone:
        return _("What an import of this kind brought stays.")
    if rows > MOST_UNDONE:
        return _("Imports of more than 200,000 rows cannot be undone.")
    return ""


def undo_until(run: ImportRun, *, now: datetime) -> datetime | None:
    """Until when the run can be undone; None where it cannot, or not any more."""
    is_over = run.state != ImportState.RUNNING.value and run.finished_at is not None
    if not (run.is_noted and is_over and run.accepted) or run.undo_state:
        return None
    assert run.finished_at is not None
    until = run.finished_at + KEPT_FOR
    return until if now < until else None


def why_not(run: ImportRun, *, now: datetime) -> str:
    """Why the run cannot be undone, in words; empty where it can."""
    if undo_until(run, now=now):
        return ""
    if never := never_why(run.kind, run.total or 0):
        return never
    if run.undo_state == UndoState.DONE.value:
        return _("This import was undone.")
    if run.undo_state:
        return _("This import is being undone.")
    if run.state == ImportState.RUNNING.value:
        return _("It can be undone once it has ended.")
    if run.is_dry_run or not run.accepted:
        return _("There is nothing to undo: no row went in.")
    return _("Imports can be undone for seven days, which are over.")


# --- The job -------------------------------------------------------------------------


@transaction.atomic
def start(run: ImportRun, *, by: User, now: datetime) -> Job:
    """Write down that the run is to be undone, and notify the workers. Twice is once:
    raises ImportCannotBeUndone for the second time, NotAllowed for whoever may not."""
    if not by.can(Capability.IMPORT_DATA):
        raise NotAllowed
    locked = ImportRun.objects.select_for_update().get(pk=run.pk)
    if reason := why_not(locked, now=now):
        raise ImportCannotBeUndone(reason)
    job = jobs.start(UNDO, options={"file": run.file_name}, by=by, now=now)
    locked.undo_state, locked.undo_job = UndoState.RUNNING.value, job
    locked.save(update_fields=["undo_state", "undo_job"])
    audit.record("import.undo_asked", f"import:{run.pk}", now=now)
    return job


class UndoImport(JobKind):
    """The job that undoes an import."""

    name = "import_undo"
    capability = Capability.IMPORT_DATA

    def title(self, job: Job) -> str:
        return _("Undo of an import: %(name)s") % {"name": job.options.get("file", "")}

    def page(self, job: Job) -> str:
        run = ImportRun.objects.filter(undo_job=job).first()
        return reverse("crm:import-run", args=[run.pk]) if run else ""

    def step(self, job: Job, *, now: datetime) -> Step:
        run = ImportRun.objects.get(undo_job=job)
        _lock_imports(run.source)
        at = dict(job.position) or {"step": 0, "after": 0, "done": 0, "counts": {}}
        total = job.total if job.position else _total(run)
        undo = Undo(run, now, counts=at["counts"])
        began = time.monotonic()
        steps = _steps(run)
        while at["step"] < len(steps):
            _do_batch(undo, steps[at["step"]], at)
            if time.monotonic() - began >= STEP_SECONDS:
                break
        is_last = at["step"] == len(steps)
        if is_last:
            _finish(undo, job.started_by)
        done = total if is_last else at["done"]
        return Step(at, done=done or 0, total=total, is_last=is_last)

    def ended(
        self, job: Job, state: JobState, *, now: datetime, message: str = ""
    ) -> None:
        """Where it was cancelled or broke, it can be asked for again: what is undone
        already is not there a second time."""
        if state is not JobState.DONE:
            ImportRun.objects.filter(undo_job=job).update(undo_state="", undo_job=None)


UNDO = UndoImport()


def _lock_imports(source: str) -> None:
    """An import of the same source that is under way knows customers that may go."""
    with connection.cursor() as cursor:
        cursor.execute(import_runs.ANY_LENGTH)
        for kind in sorted(KINDS):
            cursor.execute(locks.LOCK_IMPORT, {"name": f"import:{kind}:{source}"})
            if not cursor.fetchone()[0]:
                raise Later


def _part(run: ImportRun) -> UndoPart | None:
    kind = KINDS.get(run.kind)
    return kind.undo if kind else None


def _steps(run: ImportRun) -> list[tuple[ImportedThing, UndoStep]]:
    part = _part(run)
    return [*([(part.what, part.step)] if part else []), *STEPS]


def _total(run: ImportRun) -> int:
    noted = ImportedRow.objects.filter(run=run)
    return sum(noted.filter(what=what.value).count() for what, _step in _steps(run))


def _do_batch(
    undo: Undo, turn: tuple[ImportedThing, UndoStep], at: dict[str, Any]
) -> None:
    """The next rows of the step that it is at, or the turn to the next step."""
    what, step = turn
    rows = undo.rows(what).filter(row_id__gt=at["after"]).order_by("row_id")
    if step is not recount_orders:
        rows = rows.filter(kept="")
    ids = list(rows.values_list("row_id", flat=True)[:BATCH])
    if not ids:
        at["step"], at["after"] = at["step"] + 1, 0
        return
    step(undo, ids)
    at["after"], at["done"] = ids[-1], at["done"] + len(ids)
    at["counts"] = undo.counts


def _finish(undo: Undo, by: User | None) -> None:
    run = undo.run
    # Also what an attempt kept that was cancelled.
    undo.count("kept", ImportedRow.objects.filter(run=run).exclude(kept="").count())
    if undo.counts.get("kept"):
        run.undo_kept = list_of_kept(run, _part(run), by=by, now=undo.now)
    run.undo_state, run.undone_at = UndoState.DONE.value, undo.now
    run.undo_counts = undo.counts
    run.save(update_fields=["undo_kept", "undo_state", "undone_at", "undo_counts"])
    ImportedRow.objects.filter(run=run)._raw_delete(connection.alias)
    audit.record("import.undone", f"import:{run.pk}", now=undo.now)


# --- What is over --------------------------------------------------------------------


def purge(*, now: datetime) -> int:
    """Forget what was before the imports that cannot be undone any more."""
    old = ImportRun.objects.filter(is_noted=True, finished_at__lt=now - KEPT_FOR)
    over = list(old.exclude(undo_state=UndoState.RUNNING.value))
    gone = 0
    for run in over:
        while slice_gone := _forget_slice(run):
            gone += slice_gone
        ImportRun.objects.filter(pk=run.pk).update(is_noted=False)
    return gone


@transaction.atomic
def _forget_slice(run: ImportRun) -> int:
    rows = ImportedRow.objects.filter(run=run)
    ids = list(rows.values_list("pk", flat=True)[:_DELETED_AT_ONCE])
    return ImportedRow.objects.filter(pk__in=ids).delete()[0]
