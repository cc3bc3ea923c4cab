"""Start, work on, cancel and end jobs: long work in slices, each one transaction.

A slice holds an advisory lock of its job until it commits. A worker that dies, or loses
its database, loses the lock with its connection: the next task goes on from the last
position, and two workers never do the same slice.
"""

import logging
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet

from crm import job_kinds
from crm.errors import JobNotOpen, NotAllowed
from crm.job_kinds import JobKind, Later, Step
from crm.models import Job, StoredFile, User
from crm.rules.choices import JobState
from crm.services import audit, files, workers
from crm.sql import jobs as sql
from web.errors import DomainError

logger = logging.getLogger(__name__)

# By name: services never import tasks.
WORK = "crm.tasks.work_jobs"
OPEN = (JobState.WAITING.value, JobState.RUNNING.value)
# A slice that breaks is tried again, in case it was the moment; then the job ends.
MOST_FAILURES = 3
FOLDER = "jobs"
_REASON_MOST = 200


@transaction.atomic
def start(
    kind: JobKind,
    *,
    options: Mapping[str, Any],
    by: User,
    now: datetime,
    reason: str = "",
    fields: Collection[str] = (),
) -> Job:
    """Write the job down and start a worker on it. `fields`: names for the audit.

    Raises NotAllowed where this person may not start one.
    """
    if not by.can(kind.capability):
        raise NotAllowed
    job = Job.objects.create(
        kind=kind.name,
        options=dict(options),
        started_by=by,
        reason=reason[:_REASON_MOST],
        created_at=now,
    )
    audit.record(f"{kind.name}.asked", f"job:{job.pk}", fields=fields, now=now)
    workers.notify_on_commit(WORK)
    return job


@transaction.atomic
def cancel(job: Job, *, now: datetime) -> None:
    """Ask for the end of it: after the slice that a worker is at. Raises JobNotOpen."""
    asked = Job.objects.filter(pk=job.pk, state__in=OPEN, cancel_asked_at=None).update(
        cancel_asked_at=now
    )
    if not asked:
        raise JobNotOpen
    audit.record(f"{job.kind}.cancel_asked", f"job:{job.pk}", now=now)
    workers.notify_on_commit(WORK)


def mark_seen(job: Job, *, by: User, now: datetime) -> None:
    """The person who started it has seen how it ended."""
    Job.objects.filter(
        pk=job.pk, started_by=by, finished_at__isnull=False, seen_at=None
    ).update(seen_at=now)


# --- The workers ---------------------------------------------------------------------


@dataclass(frozen=True)
class Worked:
    """What one pass over the jobs did."""

    slices: int
    is_unfinished: bool


def work(*, now: datetime, seconds: float) -> Worked:
    """Do slices of the job that waited longest, for about so many seconds.

    `is_unfinished`: something was done here and more is left, so start again. False
    where other workers have all there is.
    """
    began = time.monotonic()
    for job_id in _open_jobs():
        slices = 0
        while _do_slice(job_id, now):
            slices += 1
            if time.monotonic() - began >= seconds:
                return Worked(slices, is_unfinished=True)
        if slices:
            return Worked(slices, is_unfinished=bool(_open_jobs()))
    return Worked(0, is_unfinished=False)


def _open_jobs() -> list[int]:
    rows = Job.objects.filter(state__in=OPEN)
    ordered = rows.order_by(F("worked_at").asc(nulls_first=True), "pk")
    return list(ordered.values_list("pk", flat=True)[:100])


def _do_slice(job_id: int, now: datetime) -> bool:
    """One slice of this job; False where it has ended, or another worker has it."""
    try:
        with transaction.atomic():
            return _locked_slice(job_id, now)
    except _CancelledMeanwhile:
        return True
    except Later:
        # To the end of the queue, until whatever it waits for is over.
        Job.objects.filter(pk=job_id, state__in=OPEN).update(worked_at=now)
    except DomainError as error:
        _broke(job_id, error.code, now, is_final=True, message=error.message)
    except OSError:
        logger.exception("A slice of job %s could not use its files", job_id)
        _broke(job_id, "files_unusable", now)
    except Exception:
        # Where the database is away, this cannot be counted either: it is raised, and
        # the next task tries again.
        logger.exception("A slice of job %s broke", job_id)
        _broke(job_id, "job_broke", now)
    return False


def _locked_slice(job_id: int, now: datetime) -> bool:
    if not sql.try_lock(job_id):
        return False
    job = Job.objects.select_related("started_by").filter(pk=job_id).first()
    if job is None or not job.is_open:
        return False
    if job.cancel_asked_at is not None:
        _end(job, JobState.CANCELLED, now=now)
        return True
    kind = _kind_for(job)
    with audit.acting(_actor(job)):
        step = kind.step(job, now=now)
        _keep(job, step, now)
    return True


def _kind_for(job: Job) -> JobKind:
    """Its kind, if whoever started it still works here and still may."""
    kind = job_kinds.get(job.kind)
    if kind is None:
        raise JobKindUnknown
    if job.started_by is None or not kind.may_see(job.started_by, job):
        raise NotAllowed
    return kind


class _CancelledMeanwhile(Exception):
    """Its end was asked for during the last slice, which is undone for that."""


class JobKindUnknown(DomainError):
    """A job of another version."""

    code = "job_kind_unknown"
    message = "This version does not know such jobs."


def _actor(job: Job) -> audit.Actor:
    return audit.Actor(kind="user", id=job.started_by_id, via="task")


def _keep(job: Job, step: Step, now: datetime) -> None:
    job.position = dict(step.position)
    job.done = step.done
    job.total = step.total if step.total is None else max(step.total, step.done)
    job.worked_at = now
    job.started_at = job.started_at or now
    job.failures = 0
    job.state = JobState.RUNNING.value
    job.save(
        update_fields="position done total worked_at started_at failures state".split()
    )
    if step.is_last:
        _end(job, JobState.DONE, now=now, result=step.result)


def _end(
    job: Job,
    state: JobState,
    *,
    now: datetime,
    result: StoredFile | None = None,
    error: str = "",
    message: str = "",
) -> None:
    rows = Job.objects.filter(pk=job.pk)
    if state is JobState.DONE:
        rows = rows.filter(cancel_asked_at=None)
    # How far it was holds cells of files, and nobody goes on from there.
    if not rows.update(
        state=state.value, finished_at=now, position={}, result=result, error=error
    ):
        raise _CancelledMeanwhile
    kind = job_kinds.get(job.kind)
    with audit.acting(_actor(job)):
        if kind is not None:
            kind.ended(job, state, now=now, message=message)
        audit.record(f"{job.kind}.{state.value}", f"job:{job.pk}", now=now)
    transaction.on_commit(lambda: files.delete_folder(folder_of(job.pk)))


@transaction.atomic
def _broke(
    job_id: int,
    code: str,
    now: datetime,
    *,
    is_final: bool = False,
    message: str = "",
) -> None:
    """Count it; the last of several in a row, and what cannot mend itself, ends it."""
    if not sql.try_lock(job_id):
        return
    job = Job.objects.filter(pk=job_id, state__in=OPEN).first()
    if job is None:
        return
    failures = job.failures + 1
    # To the end of the queue: others are not held up by it.
    Job.objects.filter(pk=job_id).update(failures=failures, worked_at=now)
    if is_final or failures >= MOST_FAILURES:
        _end(job, JobState.FAILED, now=now, error=code, message=message)


def folder_of(job_id: int) -> str:
    """Where in the private storage a job keeps its work until it ends."""
    return f"{FOLDER}/{job_id}"


def delete_ended_before(moment: datetime) -> int:
    """Forget the jobs that ended before this moment; how many."""
    return Job.objects.filter(finished_at__lt=moment).delete()[0]


def clear_folders() -> None:
    """Delete what a kill left of the work of jobs that have ended."""
    for name in files.folders(FOLDER):
        if not Job.objects.filter(pk=int(name), state__in=OPEN).exists():
            files.delete_folder(f"{FOLDER}/{name}")


def may_see(user: User, job: Job) -> bool:
    """Whether this person may look at the job and at what it made."""
    kind = job_kinds.get(job.kind)
    return kind is not None and kind.may_see(user, job)


def seen_by(user: User) -> "QuerySet[Job]":
    """Those of the kinds that this person may start, whoever started them; what is for
    one person alone is shown to them alone."""
    kinds = [kind for kind in job_kinds.all_kinds() if user.can(kind.capability)]
    rows = Job.objects.filter(kind__in=[kind.name for kind in kinds])
    for kind in kinds:
        rows = rows.exclude(kind.private_jobs(), ~Q(started_by=user), kind=kind.name)
    return rows.select_related("started_by")
