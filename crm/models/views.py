"""Views of the customer list that somebody gave a name."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from crm.models.users import User


class SavedView(models.Model):
    """A query string of the customer list under a name: one's own, or everybody's."""

    name = models.CharField(max_length=60)
    query = models.CharField(max_length=2000)
    owner = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    is_shared = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField()

    class Meta:
        ordering = [Lower("name"), "id"]
        constraints = [
            models.UniqueConstraint(
                "owner", Lower("name"), name="saved_view_once_a_person"
            ),
            models.CheckConstraint(
                condition=~Q(name="") & ~Q(query=""), name="saved_view_is_filled"
            ),
        ]

    def __str__(self) -> str:
        return self.name
