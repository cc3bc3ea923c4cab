"""Contracts that bring the same sum every month, and what happened to them."""

from django.db import models
from django.db.models import F, Q

from crm.models.fields import choice_check, pairs
from crm.models.people import Customer
from crm.rules.choices import SubscriptionMove, SubscriptionState
from web.rules import money


class Subscription(models.Model):
    """A contract as it stands now. How it was on any day before is in its changes.

    `value` is what it brings a month while it is active, whatever its state is.
    `external_id` is empty once its customer is erased.
    """

    source = models.CharField(max_length=40, default="main", db_default="main")
    external_id = models.CharField(
        max_length=120, blank=True, default="", db_default=""
    )
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="subscriptions"
    )
    plan = models.CharField(max_length=120)
    currency = models.CharField(max_length=3)
    value = models.DecimalField(max_digits=18, decimal_places=money.MOST_PLACES)
    state = models.CharField(
        max_length=10,
        choices=pairs(SubscriptionState),
        default=SubscriptionState.ACTIVE.value,
        db_default=SubscriptionState.ACTIVE.value,
    )
    # Days are the shop's.
    started_on = models.DateField()
    renewed_on = models.DateField(null=True, blank=True)
    # The first day without it.
    cancelled_on = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True, default="", db_default="")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "external_id"],
                condition=~Q(external_id=""),
                name="subscription_external_once",
            ),
            choice_check("state", SubscriptionState, name="subscription_state"),
            models.CheckConstraint(
                condition=~Q(plan="") & ~Q(source=""), name="subscription_has_plan"
            ),
            models.CheckConstraint(
                condition=Q(value__gte=0), name="subscription_value_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(currency__regex="^[A-Z]{3}$"), name="subscription_currency"
            ),
            models.CheckConstraint(
                condition=Q(
                    state="cancelled",
                    cancelled_on__isnull=False,
                    cancelled_on__gte=F("started_on"),
                )
                | (~Q(state="cancelled") & Q(cancelled_on=None)),
                name="subscription_cancelled_has_day",
            ),
        ]
        indexes = [
            # The plans that a segment may ask for, and who has one of them.
            models.Index(fields=["plan"], name="subscription_plan"),
            # Segments: who cancelled within so many days.
            models.Index(
                fields=["cancelled_on"],
                condition=Q(state="cancelled"),
                name="subscription_cancelled",
            ),
        ]

    def __str__(self) -> str:
        return self.plan


class SubscriptionChange(models.Model):
    """One thing that happened to a contract; rows are added and never corrected.

    `value` is what the contract brings a month from this day on: nothing while it is
    paused or over. `customer` is copied from the contract.
    """

    subscription = models.ForeignKey(
        Subscription, on_delete=models.PROTECT, related_name="changes", db_index=False
    )
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    kind = models.CharField(max_length=10, choices=pairs(SubscriptionMove))
    happened_on = models.DateField()
    # For the timeline: noon of that day in the shop's zone, or when it was recorded,
    # whichever is earlier.
    happened_at = models.DateTimeField()
    plan = models.CharField(max_length=120)
    value = models.DecimalField(max_digits=18, decimal_places=money.MOST_PLACES)
    reason = models.CharField(max_length=300, blank=True, default="", db_default="")

    class Meta:
        constraints = [
            choice_check("kind", SubscriptionMove, name="subscription_change_kind"),
            models.CheckConstraint(
                condition=Q(value__gte=0), name="subscription_change_not_negative"
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["paused", "cancelled"]) | Q(value=0),
                name="subscription_change_over_is_nothing",
            ),
            models.UniqueConstraint(
                fields=["subscription"],
                condition=Q(kind="started"),
                name="subscription_starts_once",
            ),
        ]
        indexes = [
            # What was in force when, in order (crm/sql/subscriptions.py).
            models.Index(
                fields=["subscription", "happened_on", "id"],
                name="subscription_change_order",
            ),
            # Timeline of one customer, newest first.
            models.Index(
                F("customer"),
                F("happened_at").desc(),
                F("id").desc(),
                name="subscription_timeline",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subscription_id}: {self.kind}"
