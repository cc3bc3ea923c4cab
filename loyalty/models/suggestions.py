"""What goes with what, and which suggestions customers do not want."""

from django.db import models
from django.db.models import Q

from crm.models import Customer, Product
from crm.models.fields import choice_check, pairs
from loyalty.choices import Pick
from loyalty.models.rewards import Reward


class Complement(models.Model):
    """One product that goes with another: found in baskets, or chosen by staff."""

    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    goes_with = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    pick = models.CharField(
        max_length=6,
        choices=pairs(Pick),
        default=Pick.FOUND.value,
        db_default=Pick.FOUND.value,
    )
    # How many customers had both in one basket, how much oftener that is than by
    # chance, and the lower bound of it; null where staff alone say it.
    customers = models.PositiveIntegerField(null=True, blank=True)
    lift = models.FloatField(null=True, blank=True)
    lift_low = models.FloatField(null=True, blank=True)
    # What staff give of the second one for nothing, beside the suggestion.
    sample = models.ForeignKey(
        Reward, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # The day up to which baskets were counted.
    counted_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["product", "goes_with"], name="complement_once"
            ),
            models.CheckConstraint(
                condition=~Q(product=models.F("goes_with")),
                name="complement_is_another",
            ),
            models.CheckConstraint(
                condition=Q(customers=None, lift=None, lift_low=None, counted_on=None)
                | Q(
                    customers__isnull=False,
                    lift__isnull=False,
                    lift_low__isnull=False,
                    counted_on__isnull=False,
                ),
                name="complement_is_counted_whole",
            ),
            models.CheckConstraint(
                condition=~Q(pick=Pick.FOUND.value) | Q(customers__isnull=False),
                name="complement_found_is_counted",
            ),
            choice_check("pick", Pick, name="complement_pick"),
            # What is only found may be gone tomorrow, and what is hidden is not sent.
            models.CheckConstraint(
                condition=Q(sample=None) | Q(pick=Pick.CHOSEN.value),
                name="complement_sample_is_chosen",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product_id} + {self.goes_with_id}"


class ComplementRound(models.Model):
    """The one row of how far tonight's count of baskets is."""

    begun_at = models.DateTimeField()
    counted_on = models.DateField()
    # Products up to this id are done.
    done_to = models.BigIntegerField(default=0, db_default=0)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="complement_round_once"),
        ]

    def __str__(self) -> str:
        return f"counted to {self.done_to}"


class SuggestionRefusal(models.Model):
    """A customer wants no suggestion of a product, or (no product) none at all."""

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
                name="suggestion_refusal_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id}/{self.product_id or 'all'}"
