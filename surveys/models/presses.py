"""Presses in mails as they came in, before anybody asks what they mean."""

from django.db import models

from surveys.models.invitations import Invitation


class Press(models.Model):
    """One press of a score in a mail. Kept for a while, so that people can see what a
    machine pressed; it decides nothing."""

    invitation = models.ForeignKey(
        Invitation, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    pressed_at = models.DateTimeField()
    score = models.PositiveSmallIntegerField()
    # What the browser calls itself, and its network, without the last part.
    agent = models.CharField(max_length=200, blank=True, default="", db_default="")
    network = models.CharField(max_length=45, blank=True, default="", db_default="")

    class Meta:
        indexes = [
            models.Index(fields=["invitation", "pressed_at"], name="press_invitation"),
            # What is old enough to be forgotten.
            models.Index(fields=["pressed_at"], name="press_age"),
        ]

    def __str__(self) -> str:
        return f"{self.invitation_id}: {self.score}"
