"""Jobs in the settings, and on Today when one has ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from psycopg import sql

from crm import job_kinds
from crm.access import Capability
from crm.models import Job
from crm.page_parts import (
    MOST_ITEMS,
    Count,
    SettingsPage,
    Tab,
    Task,
    TodayItems,
)
from crm.request_context import RequestContext
from crm.rules.choices import JobState

# Anyone who has not looked for a week does not wait for it.
NEWS_FOR = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class JobTask(Task):
    """A job that ended, as an item of Today."""

    job: Job


def _ended(context: RequestContext) -> sql.Composable:
    """What this person started, has ended, and was not seen: index `job_unseen`."""
    return sql.SQL(
        "SELECT 1 FROM crm_job WHERE finished_at > {since} AND seen_at IS NULL"
        " AND started_by_id = {me} AND state <> {cancelled}"
    ).format(
        since=sql.Literal(context.now - NEWS_FOR),
        me=sql.Literal(context.user.pk),
        cancelled=sql.Literal(JobState.CANCELLED.value),
    )


def _items(context: RequestContext, tab: Tab) -> Sequence[Task]:
    rows = Job.objects.filter(
        started_by=context.user,
        finished_at__gt=context.now - NEWS_FOR,
        seen_at=None,
    ).exclude(state=JobState.CANCELLED.value)
    return [_task(context, job) for job in rows.order_by("finished_at")[:MOST_ITEMS]]


def _task(context: RequestContext, job: Job) -> JobTask:
    is_done = job.state == JobState.DONE.value
    kind = job_kinds.get(job.kind)
    return JobTask(
        key=f"job-{job.pk}",
        icon="download" if is_done else "triangle",
        tone="good" if is_done else "bad",
        who=kind.title(job) if kind else job.kind,
        why=_("It is ready.") if is_done else _("It failed; its page says why."),
        url=reverse("crm:job", args=[job.pk]),
        due_on=context.today,
        is_now=True,
        template="crm/_task_job.html",
        job=job,
    )


PARTS = (
    SettingsPage(
        name="jobs",
        order=40,
        capability=Capability.EXPORT_DATA,
        label=gettext_lazy("Jobs"),
        url_name="crm:job-list",
    ),
    TodayItems(
        name="jobs",
        order=90,
        capability=Capability.EXPORT_DATA,
        read=_items,
        count=Count(rows=_ended, capability=Capability.EXPORT_DATA),
    ),
)
