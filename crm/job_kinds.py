"""What an app must say so that its long work is done by the workers, in slices.

An app declares its kinds in `<app>/jobs.py` and registers them there:
`register(Export())`. Autodiscovered when Django starts.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import Q

from crm.access import Capability
from crm.models import Job, StoredFile, User
from crm.rules.choices import JobState

__all__ = ["JobKind", "Later", "Step", "all_kinds", "get", "register"]


class Later(Exception):
    """Raised by a step that must wait for something else: no failure, and no end."""


@dataclass(frozen=True)
class Step:
    """What one slice did: where the next one begins, and how far the job is.

    `total` None: not known yet. `is_last`: nothing is left to do; `result` is the file
    that the job made, where it makes one.
    """

    position: Mapping[str, Any]
    done: int
    total: int | None = None
    is_last: bool = False
    result: StoredFile | None = None


class JobKind(ABC):
    """One kind of long work. Subclass it, set the words, write `step`."""

    name: ClassVar[str]
    # What is needed to start one and to see what became of it.
    capability: ClassVar[Capability]

    @abstractmethod
    def title(self, job: Job) -> str:
        """What it is, for staff, in their language: "Export: customers"."""

    def may_see(self, user: User, job: Job) -> bool:
        """Whether this person may have it done, look at it, and have its file."""
        return user.can(self.capability)

    def private_jobs(self) -> Q:
        """Those of its jobs that only whoever started them may see; most have none."""
        return Q(pk__in=())

    @abstractmethod
    def step(self, job: Job, *, now: datetime) -> Step:
        """Do one slice, from `job.position` on: some seconds of work, never a minute.

        Inside a transaction that also keeps the new position: what is written to the
        database counts once, however often a worker is killed. What is written
        elsewhere, in the job's folder of the private storage, may be written twice and
        is deleted when the job has ended. Raise DomainError to end it with its words,
        Later to be asked again after the other jobs.
        """

    def page(self, job: Job) -> str:
        """The address of the page that tells what came of it; empty: the job's own."""
        return ""

    def ended(
        self, job: Job, state: JobState, *, now: datetime, message: str = ""
    ) -> None:
        """Called in the transaction that ends the job, for what hangs on it. Its folder
        is still there. `message`: why it failed."""
        return None


_kinds: dict[str, JobKind] = {}


def register(kind: JobKind) -> None:
    """Add a kind. Raises ValueError for a name that is taken."""
    if kind.name in _kinds:
        raise ValueError(f"The job kind {kind.name!r} is declared twice.")
    _kinds[kind.name] = kind


def get(name: str) -> JobKind | None:
    """None for a kind that this version does not know."""
    return _kinds.get(name)


def all_kinds() -> list[JobKind]:
    """The registered kinds, in order of registration."""
    return list(_kinds.values())
