"""Merge all pairs of which nothing is left to doubt, and take all of that apart again.

Each merge is one of crm/services/merging.py, so that any of them can be undone alone.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import models, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from crm.access import Capability
from crm.errors import CustomerGone, ImportIsRunning
from crm.job_kinds import JobKind, Later, Step
from crm.models import Customer, CustomerMerge, Job, LikelyPair, User
from crm.rules.likeness import Likeness
from crm.services import duplicates, jobs, merging
from web.errors import DomainError

# Some hundredths of a second each.
SLICE = 50


class MergeExact(JobKind):
    """The job that merges all pairs that are surely one person."""

    name = "merge_exact"
    capability = Capability.MERGE_CUSTOMERS

    def title(self, job: Job) -> str:
        return _("Merge records that are surely one person")

    def page(self, job: Job) -> str:
        return reverse("crm:merged-pairs", args=[job.pk])

    def step(self, job: Job, *, now: datetime) -> Step:
        """Pairs in the order of their records; the older record is kept."""
        total = job.total if job.total is not None else exact_pairs()
        pairs = _next_pairs(job.position.get("after", [0, 0]))
        for pair in pairs:
            _merge_pair(pair, job, now)
        place = [pairs[-1].first_id, pairs[-1].second_id] if pairs else []
        return Step(
            position={"after": place},
            done=job.done + len(pairs),
            total=total,
            is_last=len(pairs) < SLICE,
        )


def exact_pairs() -> int:
    """How many pairs there are of which nothing is left to doubt."""
    return LikelyPair.objects.filter(is_exact=True).count()


def _next_pairs(after: Sequence[int]) -> list[LikelyPair]:
    first, second = after
    rows = LikelyPair.objects.filter(is_exact=True, first__gte=first)
    later = rows.exclude(first=first, second__lte=second)
    ordered = later.select_related("first", "second").order_by("first", "second")
    return list(ordered[:SLICE])


def _merge_pair(pair: LikelyPair, job: Job, now: datetime) -> None:
    """Nothing where one of the two is gone, or they are no longer surely one."""
    if not _is_still_exact(pair):
        return
    try:
        with transaction.atomic():
            merging.merge(pair.first, pair.second, now=now, by=job.started_by, job=job)
    except ImportIsRunning as error:
        raise Later from error
    except CustomerGone:
        return


def _is_still_exact(pair: LikelyPair) -> bool:
    """The list may be a day old, and an earlier pair of this job may have given one of
    the two another address, or the word that they are two people."""
    one = Customer.objects.get(pk=pair.first_id)
    other = Customer.objects.get(pk=pair.second_id)
    found = {*duplicates.reasons_for(one, other)}
    has_same = Likeness.NAME in found and found & {Likeness.EMAIL, Likeness.PHONE}
    return bool(has_same) and not any(
        getattr(one, column) and getattr(other, column)
        and getattr(one, column) != getattr(other, column)
        for column in ("email_norm", "birth_year", "birth_month", "birth_day")
    )  # fmt: skip


class UndoMerged(JobKind):
    """The job that undoes those merges."""

    name = "undo_merged"
    capability = Capability.MERGE_CUSTOMERS

    def title(self, job: Job) -> str:
        return _("Take merged records apart again")

    def page(self, job: Job) -> str:
        return reverse("crm:merged-pairs", args=[job.options["job"]])

    def step(self, job: Job, *, now: datetime) -> Step:
        """The newest first, because a record may have been merged on."""
        waiting = merged_by(job.options["job"]).filter(undone_at=None)
        total = job.total if job.total is not None else waiting.count()
        before = job.position.get("before")
        rows = waiting.filter(pk__lt=before) if before else waiting
        found = list(rows.order_by("-pk")[:SLICE])
        for row in found:
            _undo_one(row, now, job.started_by)
        return Step(
            position={"before": found[-1].pk if found else 0},
            done=job.done + len(found),
            total=total,
            is_last=len(found) < SLICE,
        )


def merged_by(job_id: int) -> models.QuerySet[CustomerMerge]:
    """What this job has merged."""
    return CustomerMerge.objects.filter(job=job_id)


def _undo_one(row: CustomerMerge, now: datetime, by: User | None) -> None:
    """What can no longer be undone stays merged."""
    try:
        with transaction.atomic():
            merging.undo(row, now=now, by=by)
    except ImportIsRunning as error:
        raise Later from error
    except DomainError:
        return


def undo_job_of(job: Job) -> Job | None:
    """The newest job that takes apart what this one merged."""
    rows = Job.objects.filter(kind=UndoMerged.name, options={"job": job.pk})
    return rows.order_by("-pk").first()


MERGE_EXACT = MergeExact()
UNDO_MERGED = UndoMerged()


def start(*, by: User, now: datetime) -> Job:
    """Merge all exact pairs, in slices. Raises NotAllowed."""
    return jobs.start(MERGE_EXACT, options={}, by=by, now=now)


def start_undo(job: Job, *, by: User, now: datetime) -> Job:
    """Undo what this job merged. Raises NotAllowed."""
    return jobs.start(UNDO_MERGED, options={"job": job.pk}, by=by, now=now)
