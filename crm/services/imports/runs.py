"""The row of an import: when it began, what it counted, how it ended."""

from collections.abc import Callable
from datetime import datetime

from django.db import connection, transaction

from crm.models import ImportRun
from crm.rules.choices import ImportState
from crm.services import audit
from crm.services.imports.kinds import KINDS
from crm.services.imports.parts import Parts
from crm.services.imports.problems import MOST_PROBLEMS
from crm.services.imports.running import Options, Report
from web.errors import DomainError

IsAlone = Callable[[], None]
_ERROR_MOST = 300
# Larger imports cannot be undone: noting what was before takes its time and room.
MOST_UNDONE = 200_000


@transaction.atomic
def start_by_command(
    kind: str, parts: Parts, options: Options, *, now: datetime
) -> ImportRun:
    """The lock is ours, so whatever still says it is running was killed; a job is not:
    its workers go on with it."""
    ImportRun.objects.filter(
        kind=kind, source=options.source, state=ImportState.RUNNING.value, job=None
    ).update(
        state=ImportState.FAILED.value, finished_at=now, error="It was interrupted."
    )
    run = ImportRun(
        kind=kind,
        source=options.source,
        file_name=parts.file_name,
        options=options.as_json(),
        started_at=now,
    )
    describe(run, parts)
    audit.record("import.started", f"import:{run.pk}", now=now)
    return run


def describe(run: ImportRun, parts: Parts) -> None:
    """What was read of its file, and how."""
    run.file_sha256 = parts.sha256
    run.total = parts.rows
    run.encoding = parts.encoding
    run.samples = list(parts.samples)
    run.ignored = list(parts.ignored)
    can_be_undone = KINDS[run.kind].can_be_undone and parts.rows <= MOST_UNDONE
    run.is_noted = not run.is_dry_run and can_be_undone
    run.save()


def keep_report(run: ImportRun | None, report: Report) -> None:
    """All counts, and what people should know."""
    if run is None:
        return
    run.read, run.accepted = report.read, report.accepted
    run.created, run.updated = report.created, report.updated
    run.unchanged = report.unchanged
    run.refused_by_reason = dict(report.refused_by_reason)
    run.notes = dict(report.notes)
    run.examples = {code: each for code, each in report.notes.examples.items() if each}
    run.proposals = [one.as_json() for one in report.proposals.founded()]
    run.problems = [*report.problems, *report.left_out][:MOST_PROBLEMS]
    run.seconds = report.seconds
    run.save()


def finish(
    run: ImportRun | None,
    state: ImportState,
    *,
    now: datetime,
    error: Exception | None = None,
) -> None:
    """Say how it ended, where the database can still be told."""
    if run is None or connection.connection is None or connection.connection.closed:
        return
    # The words of other errors may repeat cells; the log has where it was.
    message = type(error).__name__ if error else ""
    if isinstance(error, DomainError):
        message = error.message
    end(run, state, now=now, message=message)


@transaction.atomic
def end(run: ImportRun, state: ImportState, *, now: datetime, message: str) -> None:
    """End the run in this state. `message` says why it failed, else it is empty."""
    ImportRun.objects.filter(pk=run.pk).update(
        state=state.value, finished_at=now, error=message[:_ERROR_MOST]
    )
    audit.record(f"import.{state.value}", f"import:{run.pk}", now=now)
