"""When a colleague is away."""

from django.db import models
from django.db.models import F, Q

from crm.models import User


class Absence(models.Model):
    """While it lasts, nothing new goes to this colleague by itself.

    Changed by support/services/away.py.
    """

    user = models.OneToOneField(
        User, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    since = models.DateTimeField()
    # Null: until they say that they are back.
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gt=F("since")),
                name="absence_ends_after_it_begins",
            )
        ]

    def __str__(self) -> str:
        return f"absence of {self.user_id}"
