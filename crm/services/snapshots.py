"""Keep who is in a segment on a day, to compare with later."""

from datetime import datetime

from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from crm import segment_people, selectors
from crm.access import Capability
from crm.errors import SnapshotExists
from crm.job_kinds import JobKind, Step
from crm.models import Job, Segment, SegmentSnapshot, SnapshotMember, User
from crm.services import audit, jobs
from crm.sql import membership as sql
from crm.sql.import_runs import ANY_LENGTH


@transaction.atomic
def ask(segment: Segment, *, by: User, now: datetime) -> Job:
    """Start a job that keeps who is in it. Raises NotAllowed, and SnapshotExists where
    this day of the shop has one."""
    day = selectors.business().day(now)
    if SegmentSnapshot.objects.filter(segment=segment, day=day).exists():
        raise SnapshotExists
    return jobs.start(SNAPSHOT, options={"segment": segment.pk}, by=by, now=now)


class Snapshot(JobKind):
    """The job that stores who is in a segment at this moment."""

    name = "segment_snapshot"
    capability = Capability.EDIT_SEGMENTS

    def title(self, job: Job) -> str:
        row = _segment_of(job)
        return _("Keep who is in “%(segment)s”") % {"segment": row or "–"}

    def page(self, job: Job) -> str:
        row = _segment_of(job)
        return reverse("crm:segment-history", args=[row.pk]) if row else ""

    def step(self, job: Job, *, now: datetime) -> Step:
        """All of it at once: one statement, some seconds for a million people."""
        segment = Segment.objects.get(pk=job.options["segment"])
        people = take(segment, by=job.started_by, now=now).people
        return Step({"is_taken": True}, done=people, total=people, is_last=True)


SNAPSHOT = Snapshot()


def _segment_of(job: Job) -> Segment | None:
    return Segment.objects.filter(pk=job.options.get("segment")).first()


@transaction.atomic
def take(segment: Segment, *, by: User | None, now: datetime) -> SegmentSnapshot:
    """Keep who is in it now. Raises SnapshotExists where this day has one."""
    day = selectors.business().day(now)
    try:
        with transaction.atomic():
            row = SegmentSnapshot.objects.create(
                segment=segment, day=day, taken_at=now, taken_by=by
            )
    except IntegrityError:
        raise SnapshotExists from None
    people = segment_people.compiled(segment, today=day)
    with connection.cursor() as cursor:
        cursor.execute(ANY_LENGTH)
        cursor.execute(sql.SNAPSHOT.format(people=people), {"snapshot": row.pk})
        row.people = cursor.rowcount
    row.save(update_fields=["people"])
    audit.record("segment.snapshot_taken", f"segment:{segment.pk}", now=now)
    return row


@transaction.atomic
def delete(snapshot: SegmentSnapshot, *, now: datetime) -> None:
    """Forget it. Twice is once."""
    SnapshotMember.objects.filter(snapshot=snapshot)._raw_delete(connection.alias)
    if SegmentSnapshot.objects.filter(pk=snapshot.pk).delete()[0]:
        subject = f"segment:{snapshot.segment_id}"
        audit.record("segment.snapshot_deleted", subject, now=now)
