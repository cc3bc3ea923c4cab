"""Presses in mails as they came in, before anybody asks what they mean."""

from django.db import models
from django.db.models import Q

from crm.models.fields import choice_check, pairs
from surveys.choices import PressSeen
from surveys.models.invitations import Invitation


class Press(models.Model):
    """One press of a score or a choice in a mail, as a browser reported it. Kept for a
    while, so that people can see what a machine pressed; it counts nowhere and decides
    nothing."""

    invitation = models.ForeignKey(
        Invitation, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    pressed_at = models.DateTimeField()
    # What it claimed: a score, or the key of a choice.
    score = models.PositiveSmallIntegerField(null=True, blank=True)
    choice = models.CharField(max_length=40, blank=True, default="", db_default="")
    seen = models.CharField(
        max_length=6,
        choices=pairs(PressSeen),
        default=PressSeen.STAYED.value,
        db_default=PressSeen.STAYED.value,
    )
    # What the browser calls itself, and its network, without the last part.
    agent = models.CharField(max_length=200, blank=True, default="", db_default="")
    network = models.CharField(max_length=45, blank=True, default="", db_default="")

    class Meta:
        constraints = [
            choice_check("seen", PressSeen, name="press_seen"),
            models.CheckConstraint(
                condition=Q(score__isnull=False, choice="")
                | Q(Q(score=None), ~Q(choice="")),
                name="press_claims_one_thing",
            ),
        ]
        indexes = [
            models.Index(fields=["invitation", "pressed_at"], name="press_invitation"),
            # What is old enough to be forgotten.
            models.Index(fields=["pressed_at"], name="press_age"),
        ]

    def __str__(self) -> str:
        return f"{self.invitation_id}: {self.claimed}"

    @property
    def claimed(self) -> str:
        """The score or the key of the choice, as it stood in the address."""
        return self.choice if self.score is None else str(self.score)
