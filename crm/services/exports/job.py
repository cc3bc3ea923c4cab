"""An export as a kind of job: part by part, then all of them as one file."""

from datetime import datetime

from django.utils.translation import gettext as _

from crm import datasets
from crm.access import Capability
from crm.job_kinds import JobKind, Step
from crm.models import Job, User
from crm.services.exports.packing import pack
from crm.services.exports.slices import as_position, begin, tables_of, write_part


class Export(JobKind):
    name = "export"
    capability = Capability.EXPORT_DATA

    def title(self, job: Job) -> str:
        """The name of the job in the reader's language."""
        wanted = job.options["datasets"]
        known = {each.name: str(each.label) for each in datasets.all_datasets()}
        if set(wanted) == set(known):
            return _("Export of everything")
        names = ", ".join(known.get(name, name) for name in wanted)
        return _("Export: %(names)s") % {"names": names}

    def may_see(self, user: User, job: Job) -> bool:
        """Whether this person may see all that it holds."""
        wanted = map(datasets.get, job.options["datasets"])
        return super().may_see(user, job) and all(
            each is None or each.is_for(user) for each in wanted
        )

    def step(self, job: Job, *, now: datetime) -> Step:
        """Write the next part of one table; pack the file once all are whole."""
        if not job.position:
            tables, total = begin(job)
            return Step(as_position(tables), done=0, total=total)
        tables = tables_of(job)
        unfinished = next((table for table in tables if not table.is_whole), None)
        if unfinished is not None:
            write_part(job, unfinished)
        done = sum(table.records for table in tables)
        if unfinished is not None:
            return Step(as_position(tables), done=done, total=job.total)
        result = pack(job, tables, now=now)
        return Step(
            as_position(tables), done=done, total=done, is_last=True, result=result
        )
