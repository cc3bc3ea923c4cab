"""The job that counts everybody anew after the definition was changed."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from crm.access import Capability
from crm.job_kinds import JobKind, Step
from crm.models import Customer, Job
from insights.services import counting


class Recount(JobKind):
    """The job that counts all customers anew."""

    name = "insights_recount"
    capability = Capability.EDIT_INSIGHTS

    def title(self, job: Job) -> str:
        return _("Insights: count all customers anew")

    def page(self, job: Job) -> str:
        return reverse("insights:definition")

    def step(self, job: Job, *, now: datetime) -> Step:
        """A slice of the one count of all that is under way."""
        total = Customer.objects.count() if job.total is None else job.total
        is_last = not counting.whole_slice(now=now)
        done = total if is_last else min(job.done + counting.WHOLE_SLICE, total)
        return Step(position={}, done=done, total=total, is_last=is_last)


RECOUNT = Recount()
