"""An import as a job of the workers: read the file once (file_steps.py), then load it.

A step loads parts for some seconds, in the transaction that also keeps how far it is:
rows, counts and position are committed together, and a killed worker loses one step.
"""

import io
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import uuid4

from django.db import connection, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from crm import selectors
from crm.access import Capability
from crm.errors import FileUnusable, ImportIsRunning, NotAllowed
from crm.job_kinds import JobKind, Later, Step
from crm.models import ImportRun, Job, StoredFile, User
from crm.rules.choices import ImportState, JobState
from crm.services import audit, files, jobs
from crm.services.imports import file_steps, runs
from crm.services.imports.importer import Given, Importer
from crm.services.imports.kinds import KINDS, refuse_options
from crm.services.imports.parts import Folder, Parts
from crm.services.imports.rejected_parts import RejectedParts
from crm.services.imports.run_lock import only_one
from crm.services.imports.running import (
    Check,
    Options,
    Work,
    load_parts,
)
from crm.sql import import_runs

# Besides what it takes to begin, which is some seconds where there are a million
# customers.
STEP_SECONDS = 6.0
# Of a dry run. What is compared with earlier rows of the file alone, such as an address
# that two of them have, is kept for one step: most files are one.
DRY_STEP_SECONDS = 30.0
_STATES = {
    JobState.DONE: ImportState.DONE,
    JobState.FAILED: ImportState.FAILED,
    JobState.CANCELLED: ImportState.CANCELLED,
}


class Import(JobKind):
    """The job that imports a file."""

    name = "import"
    capability = Capability.IMPORT_DATA

    def title(self, job: Job) -> str:
        name = {"name": job.options.get("file", "")}
        if job.options.get("dry_run"):
            return _("Check of a file before its import: %(name)s") % name
        return _("Import: %(name)s") % name

    def page(self, job: Job) -> str:
        run = ImportRun.objects.filter(job=job).first()
        return reverse("crm:import-run", args=[run.pk]) if run else ""

    def step(self, job: Job, *, now: datetime) -> Step:
        run = ImportRun.objects.select_related("file").get(job=job)
        with connection.cursor() as cursor:
            # Files are read meanwhile.
            cursor.execute(import_runs.KEEP_WAITING)
        if "parts" not in job.position:
            return _read_file(job, run)
        return _load_some(job, run, now)

    def ended(
        self, job: Job, state: JobState, *, now: datetime, message: str = ""
    ) -> None:
        run = ImportRun.objects.filter(job=job).first()
        if run is None:
            return
        if "parts" in job.position:
            rejected = RejectedParts.of(job.position, _folder(job))
            # Gone where somebody was erased meanwhile: those rows may be theirs.
            with suppress(FileNotFoundError):
                rejected.store(run, by=job.started_by, now=now)
        runs.end(run, _STATES[state], now=now, message=message)


IMPORT = Import()


@transaction.atomic
def start(
    upload: StoredFile,
    *,
    kind: str,
    options: Options,
    dry_run: bool,
    by: User,
    now: datetime,
) -> Job:
    """Write down the import of an upload (or its dry run) and notify the workers.

    `kind` is a name of KINDS. The run of the job is `job.import_run`. Raises NotAllowed
    and FileUnusable.
    """
    if not by.can(Capability(upload.capability)):
        raise NotAllowed
    if kind not in KINDS:
        raise FileUnusable("This version of Perennial knows no such import.")
    options = replace(options, dry_run=dry_run, rejects=None)
    refuse_options(KINDS[kind], options)
    job = jobs.start(
        IMPORT,
        options={"file": upload.name, "kind": kind, "dry_run": dry_run},
        by=by,
        now=now,
    )
    run = ImportRun.objects.create(
        kind=kind,
        source=options.source,
        file_name=upload.name,
        file_sha256=upload.sha256,
        file=upload,
        job=job,
        options=options.as_json(),
        is_dry_run=dry_run,
        started_at=now,
        started_by=by,
    )
    if not dry_run:
        audit.record("import.started", f"import:{run.pk}", now=now)
    return job


def _folder(job: Job) -> Folder:
    return Folder(files.storage(), jobs.folder_of(job.pk))


def _read_file(job: Job, run: ImportRun) -> Step:
    """The first steps: find out what the file is, and keep its rows as parts."""
    kind, options = KINDS[run.kind], Options.from_json(run.options)
    folder = _folder(job)
    if job.position:
        found: Parts | dict[str, Any] = file_steps.read_written(
            job.position["text"], kind, options, folder
        )
    else:
        found = file_steps.read(run, kind, options, folder)
    if not isinstance(found, Parts):
        return Step({"text": found}, done=0)
    runs.describe(run, found)
    work = Work.begin(found, folder)
    return Step(_position(work, check_file="", rejects=[]), done=0, total=found.rows)


def _position(work: Work, *, check_file: str, rejects: Sequence[str]) -> dict[str, Any]:
    return {
        "parts": work.parts.as_json(),
        "at": work.at,
        "report": work.report.carried(),
        # What the check knows of the rows that are in, and those refused so far.
        "check": check_file,
        "rejects": list(rejects),
    }


def _load_some(job: Job, run: ImportRun, now: datetime) -> Step:
    """A later step: load parts for some seconds."""
    began = time.monotonic()
    kind, options = KINDS[run.kind], Options.from_json(run.options)
    folder, position = _folder(job), job.position
    work = Work.begin(Parts.from_json(position["parts"]), folder)
    work.at = position["at"]
    work.report.resume(position["report"])
    _wait_for_earlier(run)
    try:
        with only_one(run.kind, run.source, tries=1) as is_alone:
            if work.at == 0 and not options.dry_run:
                kind.begin(options, now)
            check_file, rejects = _load_parts(
                kind, work, run, options, position, is_alone, now
            )
    except ImportIsRunning:
        raise Later from None
    work.report.seconds += time.monotonic() - began
    runs.keep_report(run, work.report)
    return Step(
        _position(work, check_file=check_file, rejects=rejects),
        done=work.report.read,
        total=work.parts.rows,
        is_last=work.is_done,
    )


def _load_parts(
    kind: Importer,
    work: Work,
    run: ImportRun,
    options: Options,
    position: dict[str, Any],
    is_alone: runs.IsAlone,
    now: datetime,
) -> tuple[str, list[str]]:
    """Returns the names of what is kept in the folder for the next step."""
    given = Given(work.parts, work.folder, options, selectors.business(), now)
    check, loader = kind.check(given), kind.loader(given)
    loader.run = None if options.dry_run else run
    if position["check"]:
        with work.folder.open(position["check"]) as file:
            check.resume(file.read())
    rejected = RejectedParts.of(position, work.folder)
    with transaction.atomic():
        load_parts(
            work,
            check,
            loader,
            refuse=rejected.add,
            progress=lambda done, total: None,
            is_alone=is_alone,
            seconds=DRY_STEP_SECONDS if options.dry_run else STEP_SECONDS,
        )
        if options.dry_run:
            transaction.set_rollback(True)
    rejected.save()
    if position["check"]:
        transaction.on_commit(partial(work.folder.delete, position["check"]))
    return "" if work.is_done else _kept(check, work), rejected.names


def _kept(check: Check, work: Work) -> str:
    name = f"check-{uuid4().hex}"
    work.folder.save(name, io.BytesIO(check.carried()))
    return name


def _wait_for_earlier(run: ImportRun) -> None:
    """Imports of one kind and source go in one after the other, as they were started:
    turn by turn, each would undo a part of the other."""
    earlier = ImportRun.objects.filter(
        kind=run.kind,
        source=run.source,
        is_dry_run=False,
        job__state__in=jobs.OPEN,
        pk__lt=run.pk,
    )
    if not run.is_dry_run and earlier.exists():
        raise Later
