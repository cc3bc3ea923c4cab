"""Imports in one process, as the commands do them: import_customers and its like."""

import time
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path

from django.core.files.storage import FileSystemStorage

from crm import selectors
from crm.errors import FileUnusable
from crm.models import ImportRun
from crm.rules.choices import ImportState
from crm.services.imports import runs
from crm.services.imports.containers import readable
from crm.services.imports.importer import Given, Importer
from crm.services.imports.kinds import KINDS, refuse_options
from crm.services.imports.parts import Folder, divide
from crm.services.imports.reading import open_table
from crm.services.imports.rejects import Rejects
from crm.services.imports.run_lock import only_one
from crm.services.imports.running import (
    Options,
    Progress,
    Report,
    Work,
    load_parts,
    undone,
)
from crm.services.work_folders import work_folder


def import_customers(
    path: Path, options: Options, *, now: datetime, progress: Progress
) -> Report:
    """Upsert by (source, external id). An empty cell changes nothing."""
    return import_file(KINDS["customers"], path, options, now=now, progress=progress)


def import_orders(
    path: Path, options: Options, *, now: datetime, progress: Progress
) -> Report:
    """Replace every order of the file as a whole, by (source, order id)."""
    return import_file(KINDS["orders"], path, options, now=now, progress=progress)


def import_products(
    path: Path, options: Options, *, now: datetime, progress: Progress
) -> Report:
    """Upsert by (source, code). An empty cell changes nothing."""
    return import_file(KINDS["products"], path, options, now=now, progress=progress)


def import_history(
    path: Path, options: Options, *, now: datetime, progress: Progress
) -> Report:
    """Old notes, calls, visits and mails; what is there already stays as it is."""
    return import_file(KINDS["history"], path, options, now=now, progress=progress)


def import_subscriptions(
    path: Path, options: Options, *, now: datetime, progress: Progress
) -> Report:
    """Contracts: new ones begin, known ones take the plan and value of the file."""
    kind = KINDS["subscriptions"]
    return import_file(kind, path, options, now=now, progress=progress)


def import_file(
    kind: Importer, path: Path, options: Options, *, now: datetime, progress: Progress
) -> Report:
    """All of a file. Ctrl-C ends it after the last whole slice."""
    began = time.monotonic()
    refuse_options(kind, options)
    with work_folder() as place:
        folder = Folder(FileSystemStorage(location=place), "")
        try:
            with readable(path, sheet=options.sheet) as file:
                table = open_table(file, kind.fields(), options.mapping, options.layout)
                parts = divide(table, folder, kind.groups(options, table))
        except OSError as error:
            raise FileUnusable(
                f"There is no room for the rows in {place}:"
                f" {error.strerror}. Nothing was imported."
            ) from None
        work = Work.begin(parts, folder)
        with only_one(kind.name, options.source) as is_alone:
            run = None
            if not options.dry_run:
                kind.begin(options, now)
                run = runs.start_by_command(kind.name, parts, options, now=now)
            try:
                _load_all(kind, work, run, options, now, progress, is_alone)
            except Exception as error:
                runs.finish(run, ImportState.FAILED, now=now, error=error)
                raise
            work.report.seconds = time.monotonic() - began
            runs.keep_report(run, work.report)
            runs.finish(run, work.report.state, now=now)
    return work.report


def _load_all(
    kind: Importer,
    work: Work,
    run: ImportRun | None,
    options: Options,
    now: datetime,
    progress: Progress,
    is_alone: runs.IsAlone,
) -> None:
    given = Given(work.parts, work.folder, options, selectors.business(), now)
    loader = kind.loader(given)
    loader.run = run
    try:
        with (
            Rejects(options.rejects, work.parts.header) as rejects,
            undone() if options.dry_run else nullcontext(),
        ):
            load_parts(
                work,
                kind.check(given),
                loader,
                refuse=rejects.add,
                progress=progress,
                is_alone=is_alone,
            )
        work.report.state = ImportState.DONE
    except KeyboardInterrupt:
        work.report.state = ImportState.CANCELLED
