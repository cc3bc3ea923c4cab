"""Ask, answer, score: NPS in this issue; CSAT, CES and own questions join later."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q

from crm.models import Customer, Order, User
from crm.models.fields import choice_check, pairs
from messaging.models import Automation, Message
from surveys.choices import (
    InvitationState,
    LeftOut,
    ResponseState,
    SurveyKind,
    Trigger,
)


class Survey(models.Model):
    """One question, who is asked and when. Its automation decides whether it runs."""

    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=8, choices=pairs(SurveyKind))
    trigger = models.CharField(max_length=14, choices=pairs(Trigger))
    # Deleted with it, which is refused once anybody was invited.
    automation = models.OneToOneField(
        Automation, on_delete=models.CASCADE, related_name="survey"
    )
    # Relationship: every so many days per customer.
    every_days = models.PositiveSmallIntegerField(default=180, db_default=180)
    # Post-purchase: so many days after delivery.
    after_days = models.PositiveSmallIntegerField(default=5, db_default=5)
    valid_days = models.PositiveSmallIntegerField(default=30, db_default=30)
    # None: no reminders.
    remind_after_days = models.PositiveSmallIntegerField(
        null=True, blank=True, default=5, db_default=5
    )
    # A press in the mail keeps a provisional score, which counts nowhere until the
    # customer confirms it on the page.
    one_click = models.BooleanField(default=False, db_default=False)
    version = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        constraints = [
            choice_check("kind", SurveyKind, name="survey_kind"),
            choice_check("trigger", Trigger, name="survey_trigger"),
            models.CheckConstraint(
                condition=Q(
                    every_days__range=(30, 730),
                    after_days__range=(0, 90),
                    valid_days__range=(1, 90),
                ),
                name="survey_days",
            ),
            models.CheckConstraint(
                condition=Q(remind_after_days=None)
                | Q(remind_after_days__range=(1, 60)),
                name="survey_remind_days",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Turn(models.Model):
    """When a customer's turn comes next in a relationship survey."""

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, db_index=False)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    next_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["survey", "customer"], name="turn_once")
        ]
        indexes = [
            # The sweep: whose turn it is.
            models.Index(fields=["survey", "next_on"], name="turn_due"),
        ]

    def __str__(self) -> str:
        return f"{self.survey_id}/{self.customer_id} {self.next_on}"


class InvitationQuerySet(models.QuerySet["Invitation"]):
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
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    state = models.CharField(
        max_length=10,
        choices=pairs(InvitationState),
        default=InvitationState.OPEN.value,
        db_default=InvitationState.OPEN.value,
    )

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["survey", "customer", "occurrence"], name="invitation_once"
            ),
            choice_check("state", InvitationState, name="invitation_state"),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("invited_at")), name="invitation_has_life"
            ),
        ]
        indexes = [
            # The reminder sweep and the expiry: who has not answered.
            models.Index(
                fields=["invited_at"],
                condition=Q(state=InvitationState.OPEN.value),
                name="invitation_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.survey_id} {self.occurrence}"


class Response(models.Model):
    """The answer to one invitation. Only a confirmed one counts anywhere."""

    invitation = models.OneToOneField(
        Invitation, on_delete=models.PROTECT, related_name="response"
    )
    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, db_index=False)
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="responses", db_index=False
    )
    score = models.PositiveSmallIntegerField()
    comment = models.TextField(blank=True)
    state = models.CharField(max_length=11, choices=pairs(ResponseState))
    first_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    changeable_until = models.DateTimeField()
    language = models.CharField(max_length=10, blank=True)
    # Several scores came from one link within seconds: they cancel each other. Cleared
    # by a confirmation.
    clashing = models.BooleanField(default=False, db_default=False)
    left_out_because = models.CharField(
        max_length=14, choices=pairs(LeftOut), blank=True, default="", db_default=""
    )
    left_out_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(score__range=(0, 10)), name="response_score_0_to_10"
            ),
            models.CheckConstraint(
                condition=Q(clashing=False) | Q(state="provisional"),
                name="response_clash_is_provisional",
            ),
            choice_check("state", ResponseState, name="response_state"),
            models.CheckConstraint(
                condition=Q(
                    state__in=["confirmed", "left_out"], confirmed_at__isnull=False
                )
                | Q(state="provisional", confirmed_at=None),
                name="response_confirmed_has_time",
            ),
            models.CheckConstraint(
                condition=Q(
                    state="left_out",
                    left_out_because__in=[reason.value for reason in LeftOut],
                    left_out_at__isnull=False,
                )
                | Q(~Q(state="left_out"), left_out_because="", left_out_at=None),
                name="response_left_out_has_reason",
            ),
        ]
        indexes = [
            # Timeline of one customer, newest first.
            models.Index(
                F("customer"),
                F("confirmed_at").desc(),
                F("id").desc(),
                name="response_timeline",
            ),
            # The score of a survey over a span of days.
            models.Index(
                fields=["survey", "confirmed_at"],
                include=["score"],
                condition=Q(state="confirmed"),
                name="response_score",
            ),
            # The few that are left out, counted and listed beside the score.
            models.Index(
                fields=["survey", "confirmed_at"],
                condition=Q(state="left_out"),
                name="response_left_out",
            ),
            # The few provisional ones, shown beside the score.
            models.Index(
                fields=["survey", "first_at"],
                condition=Q(state="provisional"),
                name="response_provisional",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.score} of 10"


class DigestChoice(models.Model):
    """Whether a colleague wants the week's answers by mail; no row: by their role."""

    user = models.OneToOneField(
        User, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    wants = models.BooleanField()

    def __str__(self) -> str:
        return str(self.user_id)


class ResponseVersion(models.Model):
    """The answer as it stood before the customer changed it."""

    response = models.ForeignKey(
        Response, on_delete=models.CASCADE, related_name="versions"
    )
    version = models.PositiveIntegerField()
    score = models.PositiveSmallIntegerField()
    comment = models.TextField(blank=True)
    replaced_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["response", "version"], name="response_version_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.response_id} v{self.version}"
