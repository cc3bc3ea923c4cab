"""What counts as a customer who stayed, as the shop decides it."""

from django.conf import settings
from django.db import models
from django.db.models import Q

FEWEST_DAYS, MOST_DAYS = 7, 1825


class Definition(models.Model):
    """There is exactly one row, id 1. Every figure of Insights names it.

    By orders somebody is a customer from an order until `days` after it; by contract
    while one of their subscriptions runs. Written by insights/services alone.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, db_default=1)
    by_orders = models.BooleanField(default=True, db_default=True)
    days = models.PositiveSmallIntegerField(default=365, db_default=365)
    by_contract = models.BooleanField(default=False, db_default=False)
    # The share of customers, in percent, that this shop is content to lose in a month.
    churn_target = models.DecimalField(
        max_digits=4, decimal_places=1, null=True, blank=True
    )
    version = models.PositiveIntegerField(default=1, db_default=1)
    # Nobody has decided yet: what a new shop begins with.
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    # When all customers were last counted anew by it, and how far a pass over them is.
    counted_at = models.DateTimeField(null=True, blank=True)
    counted_to = models.BigIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="definition_is_one"),
            models.CheckConstraint(
                condition=Q(by_orders=True) | Q(by_contract=True),
                name="definition_counts_something",
            ),
            models.CheckConstraint(
                condition=Q(days__range=(FEWEST_DAYS, MOST_DAYS)),
                name="definition_days",
            ),
            models.CheckConstraint(
                condition=Q(churn_target=None)
                | Q(churn_target__gt=0, churn_target__lt=100),
                name="definition_churn_target",
            ),
        ]

    def __str__(self) -> str:
        return f"orders within {self.days} days" if self.by_orders else "contract"
