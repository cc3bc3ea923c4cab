"""What was answered, question by question, and what stood there before."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from crm.models import Customer, User
from crm.models.fields import choice_check, pairs
from surveys.choices import Channel, LeftOut, ResponseState
from surveys.models.invitations import Invitation
from surveys.models.links import ShareLink
from surveys.models.surveys import Survey, SurveyVersion
from surveys.rules.questionnaire import (
    WITH_CHOICES,
    WITH_NUMBER,
    WITH_TEXT,
    QuestionKind,
    Scale,
    numbers_of,
)


def _values(kinds: frozenset[QuestionKind]) -> list[str]:
    return sorted(kind.value for kind in kinds)


class Response(models.Model):
    """One person's answer to a survey. Only a confirmed one counts anywhere.

    The lead question's score and the words of its reason stand here: all that an NPS
    answer needs is one row. Every further question has an Answer.
    """

    # None where nobody was asked in person: a share link, an import.
    invitation = models.OneToOneField(
        Invitation,
        on_delete=models.PROTECT,
        related_name="response",
        null=True,
        blank=True,
    )
    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, db_index=False)
    # The questions as they stood when it was begun.
    survey_version = models.ForeignKey(
        SurveyVersion, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    customer = models.ForeignKey(
        Customer,
        on_delete=models.PROTECT,
        related_name="responses",
        db_index=False,
        null=True,
        blank=True,
    )
    channel = models.CharField(
        max_length=6,
        choices=pairs(Channel),
        default=Channel.MAIL.value,
        db_default=Channel.MAIL.value,
    )
    link = models.ForeignKey(
        ShareLink, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # Made by our page for who answers by a share link, so that pressing twice is one
    # answer and each Next finds it again.
    respondent = models.UUIDField(null=True, blank=True)
    # Of an answer from a file, so that the same one again is not a second one.
    import_key = models.CharField(max_length=64, null=True, blank=True, unique=True)
    # What the share link carried besides: {"till": "2"}. Of a closed list of staff's.
    declared = models.JSONField(default=dict, db_default={}, blank=True)
    # Of the lead question; "": it asks for no score, or none was given yet.
    scale = models.CharField(
        max_length=4, choices=pairs(Scale), blank=True, default="", db_default=""
    )
    score = models.PositiveSmallIntegerField(null=True, blank=True)
    comment = models.TextField(blank=True, default="", db_default="")
    state = models.CharField(max_length=11, choices=pairs(ResponseState))
    first_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    # When the last question was sent. Confirmed is what each Next sends.
    completed_at = models.DateTimeField(null=True, blank=True)
    changeable_until = models.DateTimeField()
    language = models.CharField(max_length=10, blank=True)
    # As it was when the answer was given.
    country = models.CharField(max_length=2, blank=True, default="", db_default="")
    owner = models.ForeignKey(
        User,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    # Of the order that was asked about: an answer goes on counting for them whatever
    # becomes of the order.
    product_ids = ArrayField(
        models.BigIntegerField(), default=list, db_default=[], blank=True
    )
    # The page promised to show it to fewer people.
    is_confidential = models.BooleanField(default=False, db_default=False)
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
                condition=Q(scale="", score=None)
                | Q(scale="nps", score__isnull=False, score__range=(0, 10))
                | Q(scale="csat", score__isnull=False, score__range=(1, 5))
                | Q(scale="ces", score__isnull=False, score__range=(1, 7))
                | Q(scale="ten", score__isnull=False, score__range=(1, 10)),
                name="response_score_fits_scale",
            ),
            choice_check("channel", Channel, name="response_channel"),
            models.CheckConstraint(
                condition=Q(
                    channel="mail", invitation__isnull=False, link=None, respondent=None
                )
                | Q(
                    channel="link",
                    invitation=None,
                    link__isnull=False,
                    respondent__isnull=False,
                )
                | Q(channel__in=["api", "import"], link=None, respondent=None),
                name="response_channel_has_source",
            ),
            models.CheckConstraint(
                condition=Q(invitation=None) | Q(customer__isnull=False),
                name="response_invited_is_somebody",
            ),
            models.UniqueConstraint(
                fields=["link", "respondent"],
                condition=Q(link__isnull=False),
                name="response_respondent_once",
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
                condition=Q(completed_at=None) | Q(confirmed_at__isnull=False),
                name="response_complete_is_confirmed",
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
        return f"{self.scale} {self.score}".strip() or str(self.pk)

    @property
    def most(self) -> int | None:
        """The best score of its scale; None where it has none."""
        return numbers_of(Scale(self.scale))[-1] if self.scale else None


class Answer(models.Model):
    """What was answered to one further question: the column that its kind needs."""

    response = models.ForeignKey(
        Response, on_delete=models.CASCADE, related_name="further", db_index=False
    )
    question = models.CharField(max_length=40)
    kind = models.CharField(max_length=7, choices=pairs(QuestionKind))
    number = models.PositiveSmallIntegerField(null=True, blank=True)
    # Words, and those of a choice of the customer's own.
    text = models.TextField(blank=True, default="", db_default="")
    choices = ArrayField(
        models.CharField(max_length=40), default=list, db_default=[], blank=True
    )
    day = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["response", "question"], name="answer_once"
            ),
            # Words and days of an erased person are gone from a row that stays.
            models.CheckConstraint(
                condition=Q(
                    kind__in=_values(WITH_NUMBER),
                    number__isnull=False,
                    number__range=(0, 10),
                    text="",
                    choices=[],
                    day=None,
                )
                | Q(
                    ~Q(choices=[]),
                    kind__in=_values(WITH_CHOICES),
                    number=None,
                    day=None,
                )
                | Q(kind__in=_values(WITH_TEXT), number=None, choices=[], day=None)
                | Q(kind="day", number=None, text="", choices=[]),
                name="answer_fits_kind",
            ),
        ]
        indexes = [
            # The newest words to a question, among millions of choices.
            models.Index(
                F("question"),
                F("response").desc(),
                condition=~Q(text=""),
                name="answer_words",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.response_id}: {self.question}"


class ResponseVersion(models.Model):
    """The answer as it stood before the customer changed it."""

    response = models.ForeignKey(
        Response, on_delete=models.CASCADE, related_name="versions"
    )
    version = models.PositiveIntegerField()
    score = models.PositiveSmallIntegerField(null=True, blank=True)
    comment = models.TextField(blank=True)
    # By question, what the rows of Answer held: {"why": {"choices": ["price"]}}.
    answers = models.JSONField(default=dict, db_default={}, blank=True)
    replaced_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["response", "version"], name="response_version_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.response_id} v{self.version}"
