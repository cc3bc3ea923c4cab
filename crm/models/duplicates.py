"""Records that are likely one person, and those that staff marked as different ones."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from crm.models.people import Customer
from crm.models.users import User


class LikelyPair(models.Model):
    """Two live records that look like one person, found anew by a job of beat.

    Written by crm/services/duplicates.py alone.
    """

    first = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    second = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    # Codes of crm/rules/likeness.py.
    reasons = ArrayField(models.CharField(max_length=12))
    # The sum of their weights.
    strength = models.PositiveSmallIntegerField()
    # Nothing speaks against it: they can be merged without being looked at.
    is_exact = models.BooleanField(default=False, db_default=False)
    found_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["first", "second"], name="likely_pair_once"
            ),
            models.CheckConstraint(
                condition=Q(first__lt=F("second")), name="likely_pair_in_order"
            ),
            models.CheckConstraint(
                condition=~Q(reasons=[]), name="likely_pair_has_reason"
            ),
        ]
        indexes = [
            # The list: the likeliest first.
            models.Index(
                F("strength").desc(), F("id").desc(), name="likely_pair_strongest"
            ),
            # Merging all exact ones, in order of their records.
            models.Index(
                fields=["first", "second"],
                condition=Q(is_exact=True),
                name="likely_pair_exact",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} and {self.second_id}"


class DifferentPeople(models.Model):
    """A member of staff looked at the two records: they are two people."""

    first = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    second = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    said_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    said_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "different people"
        constraints = [
            models.UniqueConstraint(
                fields=["first", "second"], name="different_people_once"
            ),
            models.CheckConstraint(
                condition=Q(first__lt=F("second")), name="different_people_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} is not {self.second_id}"
