"""Changes made to many customers at once, and what is needed to take them back."""

from django.db import models
from django.db.models import F, Q

from crm.models.fields import choice_check, pairs
from crm.models.jobs import Job
from crm.models.users import User
from crm.rules.choices import BulkAction, UndoState


class BulkRun(models.Model):
    """One change to many customers, worked on by a job. Its people are fixed when the
    job begins (BulkRow). Changed by crm/services/bulk alone.
    """

    action = models.CharField(max_length=9, choices=pairs(BulkAction))
    # What is set, as crm/services/bulk/actions.py reads it: ids and words of staff.
    options = models.JSONField(default=dict, db_default={}, blank=True)
    # The query string of the customer list that named the people; empty: everybody.
    audience = models.CharField(max_length=2000, blank=True, default="", db_default="")
    # Those whom it named, and those of them that were not so already.
    people = models.PositiveIntegerField(default=0, db_default=0)
    changed = models.PositiveIntegerField(default=0, db_default=0)
    started_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    job = models.OneToOneField(
        Job, on_delete=models.SET_NULL, null=True, blank=True, related_name="bulk_run"
    )
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    # Empty: it was not asked for.
    undo_state = models.CharField(
        max_length=7, choices=pairs(UndoState), blank=True, default="", db_default=""
    )
    undo_job = models.OneToOneField(
        Job, on_delete=models.SET_NULL, null=True, blank=True, related_name="bulk_undo"
    )
    undone_at = models.DateTimeField(null=True, blank=True)
    # Those who are as before; the rest of `changed` was changed since, and stays.
    undone = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [
            choice_check("action", BulkAction, name="bulk_run_action"),
            models.CheckConstraint(
                condition=Q(undo_state__in=["", *(each.value for each in UndoState)]),
                name="bulk_run_undo_state",
            ),
            models.CheckConstraint(
                condition=Q(changed__lte=F("people"), undone__lte=F("changed")),
                name="bulk_run_counts",
            ),
            models.CheckConstraint(
                condition=Q(undo_state="") | Q(finished_at__isnull=False),
                name="bulk_run_undone_after_end",
            ),
        ]
        indexes = [
            # The purge: runs whose rows may go.
            models.Index(fields=["finished_at"], name="bulk_run_finished"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.pk}"


class BulkRow(models.Model):
    """One customer of a run. Deleted a week after its end. No key to the customer: a
    record whose import is undone goes meanwhile.
    """

    run = models.ForeignKey(
        BulkRun, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    customer_id = models.BigIntegerField()
    is_changed = models.BooleanField(default=False, db_default=False)
    # What undo needs: the value that the column had, or the id of the new follow-up.
    before = models.JSONField(null=True)

    class Meta:
        constraints = [
            # Also what each slice is read by.
            models.UniqueConstraint(
                fields=["run", "customer_id"], name="bulk_row_once"
            ),
        ]
        indexes = [
            # Erasure: what was kept of a person.
            models.Index(fields=["customer_id"], name="bulk_row_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.customer_id}"
