"""Two records that became one, and what moved, so that they can be taken apart."""

from django.db import models
from django.db.models import F, Q

from crm.models.jobs import Job
from crm.models.people import Customer
from crm.models.users import User


class CustomerMerge(models.Model):
    """One merge. `dropped` points to `kept` from then on (`Customer.merged_into`).

    Written by crm/services/merging.py; forgotten when it can no longer be undone.
    """

    kept = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    dropped = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    merged_at = models.DateTimeField()
    merged_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # The job that merged several pairs at once.
    job = models.ForeignKey(
        Job, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # Columns of the kept record that changed: as they were, and as they became.
    before = models.JSONField(default=dict, db_default={}, blank=True)
    after = models.JSONField(default=dict, db_default={}, blank=True)
    # The highest id of the tables of which later rows may carry the other's address.
    last_ids = models.JSONField(default=dict, db_default={}, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(kept=F("dropped")), name="merge_of_two_records"
            ),
            models.UniqueConstraint(
                fields=["dropped"],
                condition=Q(undone_at=None),
                name="merge_standing_once",
            ),
            models.CheckConstraint(
                condition=Q(undone_at=None) | Q(undone_at__gte=F("merged_at")),
                name="merge_undone_afterwards",
            ),
        ]
        indexes = [
            # The customer page: which records were merged into this one.
            models.Index(fields=["kept"], name="merge_kept"),
            # The purge.
            models.Index(fields=["merged_at"], name="merge_oldest"),
        ]

    def __str__(self) -> str:
        return f"{self.dropped_id} into {self.kept_id}"


class MergeMove(models.Model):
    """One row that a merge moved or changed. `rows` is a name of personal_rows.py."""

    merge = models.ForeignKey(
        CustomerMerge, on_delete=models.CASCADE, related_name="moves", db_index=False
    )
    rows = models.CharField(max_length=60)
    row_id = models.BigIntegerField()
    # Values of columns that changed, as they were.
    before = models.JSONField(default=dict, db_default={}, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merge", "rows", "row_id"], name="merge_move_once"
            ),
        ]
        indexes = [
            # What arrives by the number of a record that was merged twice.
            models.Index(
                fields=["row_id"],
                condition=Q(rows="pointers"),
                name="merge_move_pointers",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rows} {self.row_id}"
