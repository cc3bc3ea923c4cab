"""Contacts with customers, and the follow-ups that we promised."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from crm.models.fields import choice_check, pairs
from crm.models.people import Customer
from crm.models.users import User
from crm.rules.choices import Channel, Direction, FollowUpState


class Interaction(models.Model):
    """One conversation: a call, a mail, a visit, a note. Edits keep the old text."""

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="interactions", db_index=False
    )
    channel = models.CharField(max_length=8, choices=pairs(Channel))
    direction = models.CharField(max_length=8, choices=pairs(Direction))
    happened_at = models.DateTimeField()
    staff = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # Who it was, where they have no account here: from a file.
    staff_name = models.CharField(max_length=120, blank=True, default="", db_default="")
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField(blank=True)
    outcome = models.CharField(max_length=200, blank=True)
    source_key = models.CharField(max_length=120, null=True, blank=True)
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source_key"], name="interaction_source_once"
            ),
            choice_check("channel", Channel, name="interaction_channel"),
            choice_check("direction", Direction, name="interaction_direction"),
        ]
        indexes = [
            # Timeline of one customer, newest first.
            models.Index(
                F("customer"),
                F("happened_at").desc(),
                F("id").desc(),
                name="interaction_timeline",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.pk}"

    @property
    def by(self) -> str:
        """Whose conversation it was: a colleague's name, or the words of a file."""
        return str(self.staff) if self.staff else self.staff_name


class InteractionVersion(models.Model):
    """The text as it stood before an edit."""

    interaction = models.ForeignKey(
        Interaction, on_delete=models.CASCADE, related_name="versions"
    )
    version = models.PositiveIntegerField()
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField(blank=True)
    outcome = models.CharField(max_length=200, blank=True)
    replaced_at = models.DateTimeField()
    replaced_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["interaction", "version"], name="interaction_version_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.interaction_id} v{self.version}"


class FollowUp(models.Model):
    """Something a member of staff owes a customer, with a day."""

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="follow_ups", db_index=False
    )
    why = models.CharField(max_length=300)
    # Words of the customer belong to the record they came from; this names it.
    source_key = models.CharField(max_length=120, null=True, blank=True)
    assignee = models.ForeignKey(
        User,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    due_on = models.DateField()
    due_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(
        max_length=8,
        choices=pairs(FollowUpState),
        default=FollowUpState.OPEN.value,
        db_default=FollowUpState.OPEN.value,
    )
    is_urgent = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    outcome = models.CharField(max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source_key"], name="follow_up_source_once"
            ),
            choice_check("state", FollowUpState, name="follow_up_state"),
            models.CheckConstraint(
                condition=Q(state__in=["done", "dropped"], done_at__isnull=False)
                | Q(state__in=["open", "taken"], done_at=None),
                name="follow_up_done_has_time",
            ),
        ]
        indexes = [
            # Today: what is owed, by whom, by when.
            models.Index(
                fields=["assignee", "due_on"],
                condition=Q(state__in=["open", "taken"]),
                name="follow_up_owed",
            ),
            # Today's "Team" tab and the team's list: everybody's, by when.
            models.Index(
                fields=["due_on", "id"],
                condition=Q(state__in=["open", "taken"]),
                name="follow_up_team",
            ),
            # Timeline of one customer, newest first.
            models.Index(
                F("customer"),
                F("created_at").desc(),
                F("id").desc(),
                name="follow_up_timeline",
            ),
            # Today's "Done" tab.
            models.Index(
                fields=["done_at"],
                condition=Q(done_at__isnull=False),
                name="follow_up_done",
            ),
        ]

    def __str__(self) -> str:
        return self.why

    @property
    def reply_url(self) -> str:
        """A POST to it begins a mail about this."""
        return reverse(settings.REPLY_PAGE, args=["follow_up", self.pk])
