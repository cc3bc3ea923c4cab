"""What members spend, and whose orders have to be looked at again."""

from decimal import Decimal

from django.db import models
from django.db.models import Q

from crm.models import ApiToken, Customer, User
from crm.models.fields import choice_check, pairs
from loyalty.choices import SpendState
from loyalty.models.grants import Grant
from loyalty.models.ledger import Entry, Membership
from web.rules.money import MOST_PLACES


class Spending(models.Model):
    """A spending: kept for an order, used for it or for a reward, or back again."""

    membership = models.ForeignKey(
        Membership, on_delete=models.PROTECT, related_name="spendings", db_index=False
    )
    # The same key again is the same spending.
    key = models.CharField(max_length=120)
    entry = models.OneToOneField(
        Entry, on_delete=models.PROTECT, related_name="spending"
    )
    state = models.CharField(max_length=9, choices=pairs(SpendState))
    kept_until = models.DateTimeField(null=True, blank=True)
    # The shop's number of the order that it pays a share of.
    order_key = models.CharField(max_length=120, blank=True)
    # What it pays there.
    pays = models.DecimalField(
        max_digits=18, decimal_places=MOST_PLACES, null=True, blank=True
    )
    # The reward that it took.
    grant = models.OneToOneField(
        Grant, on_delete=models.PROTECT, null=True, blank=True, related_name="spending"
    )
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    user = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    token = models.ForeignKey(
        ApiToken, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["membership", "key"], name="member_spending_once"
            ),
            models.CheckConstraint(
                condition=~Q(key=""), name="member_spending_has_key"
            ),
            choice_check("state", SpendState, name="member_spending_state"),
            models.CheckConstraint(
                condition=Q(state=SpendState.RESERVED.value, kept_until__isnull=False)
                | Q(~Q(state=SpendState.RESERVED.value), kept_until=None),
                name="member_spending_kept_until",
            ),
            models.CheckConstraint(
                condition=Q(state=SpendState.RELEASED.value, ended_at__isnull=False)
                | Q(~Q(state=SpendState.RELEASED.value), ended_at=None),
                name="member_spending_ended",
            ),
        ]
        indexes = [
            # The tick: it was not taken in time.
            models.Index(
                fields=["kept_until"],
                condition=Q(state=SpendState.RESERVED.value),
                name="member_spending_kept",
            ),
            # What points paid of an order.
            models.Index(
                fields=["membership", "order_key"],
                condition=~Q(order_key=""),
                name="member_spending_of_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.membership_id}: {self.state} {self.key}"

    @property
    def units(self) -> Decimal:
        """How much was spent, above zero."""
        return -self.entry.amount


class StaleMember(models.Model):
    """A customer whose orders changed: what they earn has to be worked out again."""

    customer = models.OneToOneField(
        Customer, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    marked_at = models.DateTimeField()

    class Meta:
        indexes = [
            # `process_pending`: the oldest mark first.
            models.Index(fields=["marked_at"], name="stale_member_oldest"),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id}"
