"""One run of an import, from the first line of the file to the last.

Every slice is one transaction together with the counts of its run: a killed import
leaves whole slices, and importing the same file again completes it.
"""

import gc
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper

from crm.errors import ImportIsRunning
from crm.models import ImportRun
from crm.rules.choices import ImportState
from crm.rules.trade import CodePattern
from crm.services import audit
from crm.services.imports.loading import Loaded, Loader
from crm.services.imports.proposals import Proposals
from crm.services.imports.reading import Table
from crm.services.imports.rejects import Rejects
from crm.services.imports.slices import Notes, Slice, read_ahead
from crm.sql import import_runs
from web.errors import DomainError

# A slice that lost a race (deadlock, a row made at the same moment) is loaded again.
TRIES = 3
# A killed import frees its lock when the server has noticed.
LOCK_TRIES = 7
LOCK_PAUSE_SECONDS = 0.5
SWITCH_SECONDS = 0.0005

# Called after each slice with the rows done and the rows there are.
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Options:
    """What the operator asked for."""

    source: str = "main"
    mapping: Mapping[str, str] = field(default_factory=dict)
    time_zone: str = ""
    encoding: str = ""
    create_customers: bool = False
    decimal_comma: bool = False
    # What people say of codes; kept for the source.
    rules: tuple[CodePattern, ...] = ()
    dry_run: bool = False
    rejects: Path | None = None


@dataclass
class Report:
    """What a run did. `ignored` and `samples` are for people, not for `--json`."""

    read: int = 0
    accepted: int = 0
    refused: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused_by_reason: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    notes: Notes = field(default_factory=Notes)
    proposals: Proposals = field(default_factory=Proposals)
    ignored: list[str] = field(default_factory=list)
    encoding: str = ""
    samples: tuple[str, ...] = ()
    state: ImportState = ImportState.RUNNING

    def add(self, part: Slice, loaded: Loaded) -> None:
        self.read += part.read
        self.accepted += part.accepted
        self.refused += len(part.refusals)
        self.created += loaded.created
        self.updated += loaded.updated
        self.unchanged += loaded.unchanged
        self.refused_by_reason.update(refusal.code for refusal in part.refusals)
        self.notes.add_all(part.notes)
        self.notes.add_all(loaded.notes)
        self.proposals.add(part.suspects, loaded.met)

    def as_json(self) -> dict[str, object]:
        """Exactly the keys that other programs rely on."""
        return {
            "read": self.read,
            "accepted": self.accepted,
            "refused": self.refused,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "refused_by_reason": dict(self.refused_by_reason.most_common()),
            "notes": self.notes.as_json(),
            "proposals": [one.as_json() for one in self.proposals.founded()],
            "encoding": self.encoding,
            "seconds": round(self.seconds, 3),
        }


def run_slices(
    kind: str,
    table: Table,
    slices: Iterable[Slice],
    loader: Loader,
    *,
    options: Options,
    total: int,
    started: float,
    now: datetime,
    progress: Progress,
    is_alone: Callable[[], None],
) -> Report:
    """Load every slice; Ctrl-C ends the run after the last whole one.

    `is_alone` raises where the lock of `only_one` was lost.
    """
    spelling = table.spelling
    report = Report(
        ignored=list(table.ignored), encoding=spelling.name, samples=spelling.samples
    )
    loader.run = None if options.dry_run else _start(kind, table, options, now)
    try:
        with (
            Rejects(options.rejects, table.header) as rejects,
            _tuned(),
            _undone() if options.dry_run else nullcontext(),
        ):
            for part in read_ahead(slices):
                is_alone()
                _load(loader, part, report)
                rejects.add(part.refusals)
                progress(report.read, total)
        report.state = ImportState.DONE
    except KeyboardInterrupt:
        report.state = ImportState.CANCELLED
    except Exception as error:
        _finish(loader.run, ImportState.FAILED, now, error=error)
        raise
    report.seconds = time.monotonic() - started
    _finish(loader.run, report.state, now)
    return report


@contextmanager
def only_one(kind: str, source: str) -> Iterator[Callable[[], None]]:
    """Two imports of one kind and source would replace each other's orders.

    The lock belongs to a transaction of a connection of its own, which a pooler keeps
    together; one of the session could end up in somebody else's. Yields a function that
    raises where the lock is gone. Raises ImportIsRunning.
    """
    name = {"name": f"import:{kind}:{source}"}
    holder = connection.copy()
    try:
        holder.set_autocommit(False)
        with holder.cursor() as cursor:
            cursor.execute(import_runs.KEEP_WAITING)
            _wait_for_lock(cursor, name)
            yield lambda: cursor.execute("SELECT 1")
    finally:
        holder.close()


def _wait_for_lock(cursor: CursorWrapper, name: Mapping[str, str]) -> None:
    for attempt in range(LOCK_TRIES):
        if attempt:
            time.sleep(LOCK_PAUSE_SECONDS)
        cursor.execute(import_runs.LOCK, name)
        if cursor.fetchone()[0]:
            return
    raise ImportIsRunning


@contextmanager
def _undone() -> Iterator[None]:
    """A dry run is one transaction, which keeps what its slices compare with."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def _tuned() -> Iterator[None]:
    """Rows make no cycles, and looking for some takes a seventh of the checks' time.

    The checks run beside the load and never wait: a short interval hands the
    interpreter over at once when the database has answered (a tenth of an import).
    """
    was_enabled, interval = gc.isenabled(), sys.getswitchinterval()
    gc.disable()
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)
        if was_enabled:
            gc.enable()


def _load(loader: Loader, part: Slice, report: Report) -> None:
    for attempt in range(1, TRIES + 1):
        try:
            with transaction.atomic():
                for statement in import_runs.PREPARE_SLICE:
                    loader.execute(statement)
                loader.begin()
                loaded = loader.load(part) if part.accepted else Loaded()
                if loader.run is not None:
                    _count(loader.run, part, loaded)
            break
        except (OperationalError, IntegrityError):
            # A connection that is gone cannot be tried again.
            if attempt == TRIES or connection.connection.closed:
                raise
            if loader.run is not None:
                loader.run.refresh_from_db()
    report.add(part, loaded)


def _start(kind: str, table: Table, options: Options, now: datetime) -> ImportRun:
    """The lock is ours, so whatever still says it is running was killed."""
    ImportRun.objects.filter(
        kind=kind, source=options.source, state=ImportState.RUNNING.value
    ).update(
        state=ImportState.FAILED.value, finished_at=now, error="It was interrupted."
    )
    with transaction.atomic():
        run = ImportRun.objects.create(
            kind=kind,
            source=options.source,
            file_name=table.path.name[:200],
            file_sha256=table.spelling.sha256,
            started_at=now,
        )
        audit.record("import.started", f"import:{run.pk}", now=now)
    return run


def _count(run: ImportRun, part: Slice, loaded: Loaded) -> None:
    """Into the run's own row, in the slice's transaction."""
    run.read += part.read
    run.accepted += part.accepted
    run.created += loaded.created
    run.updated += loaded.updated
    run.unchanged += loaded.unchanged
    reasons = Counter(run.refused_by_reason)
    reasons.update(refusal.code for refusal in part.refusals)
    run.refused_by_reason = dict(reasons)
    run.save()


def _finish(
    run: ImportRun | None,
    state: ImportState,
    now: datetime,
    *,
    error: Exception | None = None,
) -> None:
    if run is None or connection.connection is None or connection.connection.closed:
        return
    message = error.message if isinstance(error, DomainError) else repr(error)
    with transaction.atomic():
        ImportRun.objects.filter(pk=run.pk).update(
            state=state.value, finished_at=now, error=message[:300] if error else ""
        )
        audit.record(f"import.{state.value}", f"import:{run.pk}", now=now)
