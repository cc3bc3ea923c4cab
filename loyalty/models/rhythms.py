"""What the shop's purchases say of intervals, learned once a day."""

from django.db import models
from django.db.models import Q

from crm.models import Customer, Product


class ShopRhythm(models.Model):
    """The one row of what customers have in common (`rules/pooling.py`)."""

    # Field by field a `Prior`.
    values = models.JSONField()
    learned_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="shop_rhythm_once"),
        ]

    def __str__(self) -> str:
        return f"learned {self.learned_at}"


class ProductRhythm(models.Model):
    """How soon a product is bought again, across its customers."""

    product = models.OneToOneField(
        Product, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    # Who bought it on a day at all, and on two days or more.
    buyers = models.PositiveIntegerField()
    again = models.PositiveIntegerField()
    # Intervals of those who have two or more, and the sum of their logs.
    intervals = models.PositiveIntegerField()
    total = models.FloatField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(again__lte=models.F("buyers")),
                name="product_rhythm_again_of_buyers",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product_id}: {self.again} of {self.buyers}"


class Silence(models.Model):
    """From which day on somebody who bought before has been silent for long."""

    customer = models.OneToOneField(
        Customer, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    last_on = models.DateField()
    # Their usual gap between orders, pooled with the shop's, in days.
    usual_gap = models.PositiveIntegerField()
    silent_on = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(silent_on__gt=models.F("last_on")),
                name="silence_after_the_last_order",
            ),
        ]
        indexes = [
            # The sweep: whose silence becomes long.
            models.Index(fields=["silent_on"], name="silence_begins"),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.silent_on}"
