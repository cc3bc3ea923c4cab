"""Who is in the segments that somebody follows, who came and left, and how a segment
was on a day."""

from django.db import models
from django.db.models import F

from crm.models.fields import choice_check, pairs
from crm.models.people import Customer
from crm.models.segments import Segment
from crm.models.users import User
from crm.rules.choices import SegmentMove


class SegmentMember(models.Model):
    """Somebody who was in a followed segment when it was last looked at. Kept by
    crm/services/membership.py alone.
    """

    segment = models.ForeignKey(
        Segment, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["segment", "customer"], name="segment_member_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.segment_id} {self.customer_id}"


class SegmentEvent(models.Model):
    """Somebody came into a followed segment, or left it. Rows are only added; read by
    increasing id.
    """

    segment = models.ForeignKey(
        Segment, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    move = models.CharField(max_length=7, choices=pairs(SegmentMove))
    at = models.DateTimeField()

    class Meta:
        constraints = [choice_check("move", SegmentMove, name="segment_event_move")]
        indexes = [
            # The page of a segment: its newest.
            models.Index(
                F("segment"),
                F("at").desc(),
                F("id").desc(),
                name="segment_event_newest",
            ),
            # Timeline of one customer, newest first; merge and erasure.
            models.Index(
                F("customer"),
                F("at").desc(),
                F("id").desc(),
                name="segment_event_timeline",
            ),
            # The purge.
            models.Index(fields=["at"], name="segment_event_oldest"),
        ]

    def __str__(self) -> str:
        return f"{self.segment_id} {self.customer_id} {self.move}"


class SegmentSnapshot(models.Model):
    """Who was in a segment on a day of the shop, kept until somebody deletes it."""

    segment = models.ForeignKey(
        Segment, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    day = models.DateField()
    people = models.PositiveIntegerField(default=0, db_default=0)
    taken_at = models.DateTimeField()
    taken_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["segment", "day"], name="segment_snapshot_once_a_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.segment_id} {self.day}"


class SnapshotMember(models.Model):
    """One of the people of a snapshot."""

    snapshot = models.ForeignKey(
        SegmentSnapshot, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["snapshot", "customer"], name="snapshot_member_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.snapshot_id} {self.customer_id}"
