"""Who of the team reads the week's answers."""

from django.db import models

from crm.models import User


class DigestChoice(models.Model):
    """Whether a colleague wants the week's answers by mail; no row: by their role."""

    user = models.OneToOneField(
        User, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    wants = models.BooleanField()

    def __str__(self) -> str:
        return str(self.user_id)
