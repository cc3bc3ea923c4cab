"""How far this database knows the journal, and what the journal could not take."""

from django.db import models
from django.db.models import F, Q

from crm.models.fields import pairs
from crm.rules.choices import HeldReason


class JournalState(models.Model):
    """How far the database knows the journal. There is exactly one row, id 1.

    A copy that is put back brings an older position along: that is how it is known.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, db_default=1)
    # The number of a line: all that this database handed over stands up to there.
    position = models.BigIntegerField(default=0, db_default=0)
    # Since when no mail leaves, because a copy was put back; until it is released.
    # Mail that was due before this moment waits for a person also after that.
    held_at = models.DateTimeField(null=True, blank=True)
    held_reason = models.CharField(
        max_length=10, choices=pairs(HeldReason), blank=True, db_default=""
    )
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="journal_state_one_row"),
            models.CheckConstraint(
                condition=Q(position__gte=0), name="journal_position_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(held_at__isnull=True, held_reason="")
                | Q(
                    held_at__isnull=False,
                    held_reason__in=[reason.value for reason in HeldReason],
                ),
                name="journal_held_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(released_at=None) | Q(released_at__gte=F("held_at")),
                name="journal_released_after_held",
            ),
        ]

    def __str__(self) -> str:
        return f"journal at {self.position}"

    @property
    def is_held(self) -> bool:
        return self.held_at is not None and self.released_at is None


class JournalGap(models.Model):
    """An entry that the disk of the journal refused; written there as soon as it can
    be, and deleted then."""

    kind = models.CharField(max_length=20)
    rows = models.JSONField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.kind
