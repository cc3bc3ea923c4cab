"""What was spent to win customers."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from web.rules import money


class Spend(models.Model):
    """What a source cost in a month. `source` is what the record of a customer says
    of how they heard of us, so that both can be held side by side."""

    source = models.CharField(max_length=60)
    month = models.DateField()
    amount = models.DecimalField(max_digits=18, decimal_places=money.MOST_PLACES)
    currency = models.CharField(max_length=3)
    noted_at = models.DateTimeField()
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["month", "source", "currency"], name="spend_once"
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="spend_of_a_month"),
            models.CheckConstraint(
                condition=Q(amount__gt=0), name="spend_is_something"
            ),
            models.CheckConstraint(condition=~Q(source=""), name="spend_has_a_source"),
            models.CheckConstraint(
                condition=Q(currency__regex="^[A-Z]{3}$"), name="spend_currency"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.month:%Y-%m}"
