"""Reasons to return. Anniversaries need no table: the ledger is their memory."""

from django.db import models
from django.db.models import Q

from crm.models import Customer, Product
from crm.models.fields import choice_check, pairs
from loyalty.choices import Basis
from messaging.models import Message


class StaleCustomer(models.Model):
    """Whose next purchases have to be worked out again, because orders changed.

    Written in the transaction of the change; every sweep empties it first.
    """

    customer = models.OneToOneField(
        Customer, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    marked_at = models.DateTimeField()

    class Meta:
        indexes = [
            # The sweep takes the oldest marks first.
            models.Index(fields=["marked_at"], name="stale_customer_oldest"),
        ]

    def __str__(self) -> str:
        return str(self.customer_id)


class NextPurchase(models.Model):
    """When a customer is expected to buy a product again; no row: nothing to say."""

    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    # The last purchase, and about every how many days they buy it.
    last_on = models.DateField()
    days = models.PositiveSmallIntegerField()
    # How many of the customer's own intervals this stands on.
    intervals = models.PositiveSmallIntegerField()
    due_on = models.DateField()
    basis = models.CharField(max_length=12, choices=pairs(Basis))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "product"], name="next_purchase_once"
            ),
            models.CheckConstraint(
                condition=Q(due_on__gt=models.F("last_on")),
                name="next_purchase_after_the_last",
            ),
            choice_check("basis", Basis, name="next_purchase_basis"),
        ]
        indexes = [
            # The sweep: whose day comes.
            models.Index(fields=["due_on"], name="next_purchase_due"),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id}/{self.product_id} {self.due_on}"


class ReminderItem(models.Model):
    """One product of one reminder: the same purchase is never reminded of twice."""

    # Both are copied from what holds them: the message and the next purchase. To have
    # them checked a second time took a fifth of a great sweep.
    customer = models.ForeignKey(
        Customer,
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    product = models.ForeignKey(
        Product,
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    last_on = models.DateField()
    due_on = models.DateField()
    # The mail that lists it; after "remind me later", the last one.
    message = models.ForeignKey(
        Message, on_delete=models.CASCADE, related_name="reminder_items"
    )
    # "Remind me later": the day on which it may be listed again.
    again_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "product", "last_on"], name="reminder_item_once"
            ),
        ]
        indexes = [
            # The sweep: what was put off until a day.
            models.Index(
                fields=["again_on"],
                condition=Q(again_on__isnull=False),
                name="reminder_item_again",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id}/{self.product_id} {self.last_on}"


class ReorderRefusal(models.Model):
    """A customer wants no reminders of a product, or (no product) none at all."""

    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    product = models.ForeignKey(
        Product,
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
        null=True,
        blank=True,
    )
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "product"],
                nulls_distinct=False,
                name="reorder_refusal_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id}/{self.product_id or 'all'}"
