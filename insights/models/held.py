"""Of which months' ends somebody had something in a programme, or owed it.

Worked out from the ledger by insights/services/held.py alone.
"""

from django.db import models
from django.db.models import F, Q

from crm.models import Customer
from loyalty.models import Membership, Programme


class StaleMembership(models.Model):
    """A ledger with entries that `Held` does not know yet. Written by a trigger in the
    transaction of the entry; a tick empties it."""

    membership = models.OneToOneField(
        Membership, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )

    def __str__(self) -> str:
        return str(self.membership_id)


class Held(models.Model):
    """From the end of one month to before that of another the entries of a membership
    add up to something, above zero or below; without `until_month` they still do.

    Programme and customer are those of the membership, which never change.
    """

    programme = models.ForeignKey(
        Programme, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    membership = models.ForeignKey(
        Membership, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    first_month = models.DateField()
    until_month = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["membership", "first_month"], name="held_once"
            ),
            models.CheckConstraint(
                condition=Q(first_month__day=1)
                & (
                    Q(until_month=None)
                    | Q(until_month__day=1, until_month__gt=F("first_month"))
                ),
                name="held_months",
            ),
        ]
        indexes = [
            # Whoever had something at the end of a month.
            models.Index(fields=["programme", "first_month"], name="held_by_month"),
            # Export and erasure of a person.
            models.Index(fields=["customer"], name="held_of_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.membership_id} {self.first_month}"
