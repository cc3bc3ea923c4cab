"""Where mails lead to order."""

from django.db import models
from django.db.models import Q


class OrderLink(models.Model):
    """The one row of the shop's template (`rules/order_links.py`)."""

    template = models.CharField(max_length=500, blank=True)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="order_link_once"),
            models.CheckConstraint(
                condition=Q(template="") | Q(template__regex="^https?://"),
                name="order_link_is_page",
            ),
        ]

    def __str__(self) -> str:
        return self.template
