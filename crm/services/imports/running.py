"""What an import is told, what came of it, and how its slices are loaded.

Every slice is one transaction together with the counts of its run: a killed import
leaves whole slices, and importing the same file again completes it.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.db import (
    IntegrityError,
    OperationalError,
    connection,
    transaction,
)

from crm.models import ImportRun
from crm.rules.choices import ImportState
from crm.services.imports.loading import Loaded, Loader
from crm.services.imports.options import Options as Options
from crm.services.imports.parts import Folder, Numbered, Parts
from crm.services.imports.problems import (
    MOST_PROBLEMS,
    Problem,
    left_out_of,
    problem_of,
)
from crm.services.imports.proposals import Proposals
from crm.services.imports.slices import LeftOut, Notes, Refusal, Slice, read_ahead
from crm.sql import import_undo

# A slice that lost a race (deadlock, a row made at the same moment) is loaded again.
TRIES = 3

# Called after each slice with the rows done and the rows there are.
Progress = Callable[[int, int], None]


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
    # The first refused rows, and the first cells that rows went in without.
    problems: list[Problem] = field(default_factory=list)
    left_out: list[Problem] = field(default_factory=list)

    def add(self, part: Slice, loaded: Loaded) -> None:
        """Count a slice and what became of it."""
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

    def add_problems(self, refusals: Sequence[Refusal], parts: Parts) -> None:
        """Keep these refusals as examples, as far as there is room."""
        room = MOST_PROBLEMS - len(self.problems)
        self.problems += [problem_of(each, parts) for each in refusals[:room]]

    def add_left_out(self, cells: Sequence[LeftOut], parts: Parts) -> None:
        """Keep these cells as examples, as far as there is room."""
        room = MOST_PROBLEMS - len(self.left_out)
        self.left_out += [left_out_of(each, parts) for each in cells[:room]]

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

    def carried(self) -> dict[str, Any]:
        """What the next step has to know of it, as JSON."""
        counts = "read accepted refused created updated unchanged seconds".split()
        return {
            **{name: getattr(self, name) for name in counts},
            "refused_by_reason": dict(self.refused_by_reason),
            "notes": self.notes.as_json(),
            "proposals": self.proposals.carried(),
            "problems": self.problems,
            "left_out": self.left_out,
        }

    def resume(self, carried: Mapping[str, Any]) -> None:
        """Go on with the counts of an earlier step."""
        given = dict(carried)
        self.refused_by_reason = Counter(given.pop("refused_by_reason"))
        self.notes = Notes.from_json(given.pop("notes"))
        self.proposals = Proposals.resumed(given.pop("proposals"))
        for name, value in given.items():
            setattr(self, name, value)


class Check(Protocol):
    """Checks the rows of one kind, part by part, and makes slices of them."""

    def slices(self, rows: Iterable[Numbered]) -> Iterator[Slice]:
        """The rows checked and divided into slices, in their order."""

    def carried(self) -> bytes:
        """What it knows of the rows so far, for another process to go on."""
        ...

    def resume(self, carried: bytes) -> None:
        """Go on with what `carried` gave in an earlier step."""


@dataclass
class Work:
    """An import under way: what was read, and how far it is."""

    parts: Parts
    folder: Folder
    report: Report
    # The part that comes next.
    at: int = 0

    @classmethod
    def begin(cls, parts: Parts, folder: Folder) -> "Work":
        """The work of an import before its first slice."""
        report = Report(
            ignored=list(parts.ignored),
            encoding=parts.encoding,
            samples=tuple(parts.samples),
        )
        if parts.short_rows:
            report.notes.add("cells_lacking", rows=parts.short_rows)
            for line in parts.short_lines:
                report.notes.add("cells_lacking", rows=0, example=str(line))
        return cls(parts, folder, report)

    @property
    def is_done(self) -> bool:
        """Whether all parts of the file were read."""
        return self.at >= self.parts.count


def load_parts(
    work: Work,
    check: Check,
    loader: Loader,
    *,
    refuse: Callable[[Sequence[Refusal]], None],
    progress: Progress,
    is_alone: Callable[[], None],
    seconds: float | None = None,
) -> None:
    """Load part after part, for about so many seconds, or all of them.

    `refuse` is handed what each slice refused, once the slice is in. `is_alone` raises
    where the lock of `only_one` was lost.
    """
    for checked in read_ahead(_slices(work, check, seconds)):
        is_alone()
        part = _load(loader, checked, work.report)
        work.report.add_problems(part.refusals, work.parts)
        work.report.add_left_out(part.left_out, work.parts)
        refuse(part.refusals)
        progress(work.report.read, work.parts.rows)


def _slices(work: Work, check: Check, seconds: float | None) -> Iterator[Slice]:
    """Of whole parts: nothing of a part that this step does not load is checked, so
    that the check knows the rows that are in, and no others."""
    began = time.monotonic()
    while not work.is_done:
        yield from check.slices(work.parts.read(work.folder, work.at))
        work.at += 1
        if seconds is not None and time.monotonic() - began >= seconds:
            return


@contextmanager
def undone() -> Iterator[None]:
    """A dry run is one transaction, which keeps what its slices compare with."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _load(loader: Loader, checked: Slice, report: Report) -> Slice:
    """The slice as it went in: the database may refuse rows, too."""
    for attempt in range(1, TRIES + 1):
        try:
            with transaction.atomic():
                loaded = _loaded(loader, checked) if checked.accepted else Loaded()
                part = checked.without(loaded.refused)
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
    return part


def _loaded(loader: Loader, part: Slice) -> Loaded:
    """Load it; where the run can be undone, note what it does to each row."""
    if loader.run is None or not loader.run.is_noted:
        loader.begin()
        return loader.load(part)
    loader.begin(import_undo.TOUCHED, import_undo.BEGIN)
    loaded = loader.load(part)
    touched = loader.fetch(import_undo.END, import_undo.TOUCHED_THINGS)
    if touched:
        loader.execute(
            import_undo.BY_INDEX,
            *(import_undo.NOTE[what] for (what,) in touched),
            import_undo.AS_PLANNED,
            import_undo.FORGET_TOUCHED,
        )
    return loaded


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
    run.save(
        update_fields=(
            "read accepted created updated unchanged refused_by_reason".split()
        )
    )
