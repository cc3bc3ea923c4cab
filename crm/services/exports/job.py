"""An export as a kind of job: part by part, then all of them as one file."""

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from crm import datasets
from crm.access import Capability
from crm.job_kinds import JobKind, Step
from crm.models import Job, User
from crm.rules.choices import JobState
from crm.services.exports import packing
from crm.services.exports.slices import as_position, begin, tables_of, write_part

# Of the file that is fetched: written, compressed and stored within some seconds.
PIECE = 32 * 1024 * 1024
# A part or a piece ends after so long, however slow the machine is: a task works a
# minute at most.
SECONDS = 10.0


class Export(JobKind):
    """The job that writes a file of an export."""

    name = "export"
    capability = Capability.EXPORT_DATA

    def __init__(self, *, piece: int = PIECE, seconds: float = SECONDS) -> None:
        """`piece`: of so many bytes the file is written at once, and for so many
        seconds."""
        self.piece, self.seconds = piece, seconds

    def title(self, job: Job) -> str:
        """The name of the job in the reader's language."""
        wanted = job.options["datasets"]
        known = {each.name: str(each.label) for each in datasets.all_datasets()}
        if set(wanted) == {
            each.name for each in datasets.all_datasets() if not each.is_of_a_list
        }:
            return _("Export of everything")
        names = ", ".join(known.get(name, name) for name in wanted)
        return _("Export: %(names)s") % {"names": names}

    def may_see(self, user: User, job: Job) -> bool:
        """Whether this person may see all that it holds."""
        wanted = map(datasets.get, job.options["datasets"])
        is_anothers_own = (
            "whose" in job.options.get("filters", {}) and job.started_by_id != user.pk
        )
        return super().may_see(user, job) and all(
            each is None
            or (each.is_for(user) and not (each.is_private and is_anothers_own))
            for each in wanted
        )

    def private_jobs(self) -> Q:
        """Only an export of one dataset has filters."""
        private = [each.name for each in datasets.all_datasets() if each.is_private]
        return Q(
            options__datasets__in=[[name] for name in private],
            options__filters__has_key="whose",
        )

    def step(self, job: Job, *, now: datetime) -> Step:
        """Write the next part of one table; once all are whole, the next piece of the
        file."""
        if not job.position:
            tables, total = begin(job)
            return Step(as_position(tables), done=0, total=total)
        tables = tables_of(job)
        unfinished = next((table for table in tables if not table.is_whole), None)
        if unfinished is not None:
            write_part(job, unfinished, seconds=self.seconds)
        done = sum(table.records for table in tables)
        if unfinished is not None:
            return Step(as_position(tables), done=done, total=job.total)
        packed = packing.packed_of(job)
        if packed is None or packing.is_lost(packed):
            # Its key first: what a kill leaves is found by it.
            begun = packing.as_position(packing.begin(now))
            position = {**as_position(tables), "packed": begun}
            return Step(position, done=done, total=done)
        is_whole = packing.pack(
            job, tables, packed, most=self.piece, seconds=self.seconds
        )
        return Step(
            {**as_position(tables), "packed": packing.as_position(packed)},
            done=done,
            total=done,
            is_last=is_whole,
            result=packing.stored(job, tables, packed, now=now) if is_whole else None,
        )

    def ended(
        self, job: Job, state: JobState, *, now: datetime, message: str = ""
    ) -> None:
        """Parts of a file that will never be finished are deleted at once."""
        if state is not JobState.DONE:
            packing.forget(job)
