"""What was answered, and what stood there before."""

from django.db import models
from django.db.models import F, Q

from crm.models import Customer
from crm.models.fields import choice_check, pairs
from surveys.choices import LeftOut, ResponseState
from surveys.models.invitations import Invitation
from surveys.models.surveys import Survey


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
