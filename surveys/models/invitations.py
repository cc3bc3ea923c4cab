"""Requests to answer, each with its own life."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q

from crm.models import Customer, Order
from crm.models.fields import choice_check, pairs
from messaging.models import Message
from surveys.choices import InvitationState
from surveys.models.surveys import Asking, Survey


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Invitations, with the sets that most code asks for."""

    def open(self) -> "InvitationQuerySet":
        """Not answered, expired or revoked yet."""
        return self.filter(state=InvitationState.OPEN.value)

    def answerable(self, now: datetime) -> "InvitationQuerySet":
        """Open ones whose time is not over."""
        return self.open().filter(expires_at__gt=now)


class Invitation(models.Model):
    """One request to answer, with its own life."""

    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, db_index=False)
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="invitations"
    )
    # Which automation asked; none where somebody asked by hand.
    asking = models.ForeignKey(
        Asking,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    occurrence = models.CharField(max_length=160)
    order = models.ForeignKey(
        Order, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    message = models.OneToOneField(
        Message,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="invitation",
    )
    reminder_message = models.OneToOneField(
        Message,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="reminded_invitation",
    )
    second_reminder_message = models.OneToOneField(
        Message,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="twice_reminded_invitation",
    )
    # A reminder promised that it was the last: none follows, whatever staff set since.
    told_last = models.BooleanField(default=False, db_default=False)
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    state = models.CharField(
        max_length=10,
        choices=pairs(InvitationState),
        default=InvitationState.OPEN.value,
        db_default=InvitationState.OPEN.value,
    )
    # When they declined on the page; nothing asks them for a while from then on.
    declined_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(second_reminder_message=None)
                | Q(reminder_message__isnull=False),
                name="invitation_second_follows_first",
            ),
            models.UniqueConstraint(
                fields=["survey", "customer", "occurrence"], name="invitation_once"
            ),
            choice_check("state", InvitationState, name="invitation_state"),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("invited_at")), name="invitation_has_life"
            ),
            models.CheckConstraint(
                condition=Q(state="declined", declined_at__isnull=False)
                | Q(~Q(state="declined"), declined_at=None),
                name="invitation_declined_has_time",
            ),
        ]
        indexes = [
            # The reminder sweep and the expiry: who has not answered.
            models.Index(
                fields=["invited_at"],
                condition=Q(state=InvitationState.OPEN.value),
                name="invitation_open",
            ),
            # Who was asked, the last first, and the share of them that answered.
            models.Index(
                fields=["survey", "invited_at", "id"], name="invitation_asked"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.survey_id} {self.occurrence}"


class AskRequest(models.Model):
    """Another program wants somebody to be asked a survey. An automation asks them,
    with all its limits, at its next hour."""

    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, db_index=False)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    # Of the program: the same one twice is one question.
    key = models.CharField(max_length=100)
    requested_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["survey", "customer", "key"], name="ask_request_once"
            ),
            models.CheckConstraint(condition=Q(key__gt=""), name="ask_request_has_key"),
        ]
        indexes = [
            # The sweep: what was asked for lately.
            models.Index(fields=["survey", "requested_at"], name="ask_request_due"),
        ]

    def __str__(self) -> str:
        return f"{self.survey_id}/{self.customer_id} {self.key}"
