"""Which purchase each return gives back, what no purchase was found for, and what a
person said about it.

Rows name lines by their order and key, because imports replace lines. Written by
crm/services/returns.py alone.
"""

from django.db import models
from django.db.models import F, Q

from crm.models.fields import choice_check, pairs
from crm.models.people import Customer
from crm.models.trade import Order
from crm.models.users import User
from crm.rules.choices import MatchBasis, Unmatched


class StaleReturn(models.Model):
    """Whose returns have to be matched again, because orders changed.

    Written in the transaction of the change; a tick empties it.
    """

    customer = models.OneToOneField(
        Customer, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    marked_at = models.DateTimeField()

    class Meta:
        indexes = [
            # The tick takes the oldest marks first.
            models.Index(fields=["marked_at"], name="stale_return_oldest"),
        ]

    def __str__(self) -> str:
        return str(self.customer_id)


class ReturnMatch(models.Model):
    """So much of a purchase was given back by this line of a return."""

    returned = models.ForeignKey(
        Order, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    returned_line = models.CharField(max_length=60)
    order = models.ForeignKey(
        Order, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    line = models.CharField(max_length=60)
    # Above zero, as many as came back.
    quantity = models.DecimalField(max_digits=14, decimal_places=3)
    basis = models.CharField(max_length=6, choices=pairs(MatchBasis))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["returned", "returned_line", "order", "line"],
                name="return_match_once",
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0), name="return_match_gives_back"
            ),
            choice_check("basis", MatchBasis, name="return_match_basis"),
        ]
        indexes = [
            # What came back of an order (selectors.given_back, and programmes).
            models.Index(fields=["order", "line"], name="return_match_purchase"),
        ]

    def __str__(self) -> str:
        return f"{self.returned_id}/{self.returned_line} of {self.order_id}/{self.line}"


class UnmatchedReturn(models.Model):
    """What of a return found no purchase, listed until a person decides."""

    returned = models.ForeignKey(
        Order, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    returned_line = models.CharField(max_length=60)
    # A copy, by which the list is in order.
    returned_on = models.DateField()
    quantity = models.DecimalField(max_digits=14, decimal_places=3)
    reason = models.CharField(max_length=16, choices=pairs(Unmatched))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["returned", "returned_line"], name="unmatched_return_once"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0), name="unmatched_return_has_quantity"
            ),
            choice_check("reason", Unmatched, name="unmatched_return_reason"),
        ]
        indexes = [
            # The list, the newest first.
            models.Index(
                F("returned_on").desc(), F("id").desc(), name="unmatched_return_newest"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.returned_id}/{self.returned_line}"


class ReturnChoice(models.Model):
    """A member of staff chose which purchase a return gives back; no order: none, and
    that it need not be listed."""

    returned = models.ForeignKey(
        Order, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    returned_line = models.CharField(max_length=60)
    order = models.ForeignKey(
        Order, on_delete=models.CASCADE, related_name="+", null=True, blank=True
    )
    line = models.CharField(max_length=60, blank=True, default="", db_default="")
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["returned", "returned_line", "order", "line"],
                nulls_distinct=False,
                name="return_choice_once",
            ),
            models.CheckConstraint(
                condition=Q(order=None, line="") | Q(order__isnull=False) & ~Q(line=""),
                name="return_choice_is_line_or_none",
            ),
        ]
        indexes = [
            # The list of what was decided, the newest first.
            models.Index(
                F("made_at").desc(), F("id").desc(), name="return_choice_newest"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.returned_id}/{self.returned_line} of {self.order_id}/{self.line}"
