"""What is asked, and which automations ask it of whom."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from crm.models import Customer, User
from crm.models.fields import choice_check, pairs
from messaging.models import Automation
from surveys.choices import TRIGGERS, SurveyKind, SurveyState, Trigger, VersionState

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager


KINDS = [
    (SurveyKind.NPS.value, _("Recommendation (NPS)")),
    (SurveyKind.CSAT.value, _("Satisfaction (CSAT)")),
    (SurveyKind.CES.value, _("Effort (CES)")),
    (SurveyKind.FOUR.value, _("Four questions")),
    (SurveyKind.EXIT.value, _("Why they left")),
    (SurveyKind.OWN.value, _("Questions of our own")),
]


class Survey(models.Model):
    """Some questions, and for how long they may be answered. It stands alone: none,
    one or several automations ask it, and links may lead to it."""

    if TYPE_CHECKING:
        askings: "RelatedManager[Asking]"

    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=8, choices=KINDS)
    state = models.CharField(
        max_length=6,
        choices=pairs(SurveyState),
        default=SurveyState.DRAFT.value,
        db_default=SurveyState.DRAFT.value,
    )
    # What people answer who begin now; none before it was published.
    live_version = models.ForeignKey(
        "SurveyVersion",
        on_delete=models.RESTRICT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    valid_days = models.PositiveSmallIntegerField(default=30, db_default=30)
    # None: no reminders.
    remind_after_days = models.PositiveSmallIntegerField(
        null=True, blank=True, default=5, db_default=5
    )
    # So many days after the first reminder; none: there is no second one.
    remind_again_after_days = models.PositiveSmallIntegerField(null=True, blank=True)
    # A press in the mail keeps a provisional score, which counts nowhere until the
    # customer confirms it on the page.
    one_click = models.BooleanField(default=False, db_default=False)
    # Of those whom an automation could ask.
    sample_percent = models.PositiveSmallIntegerField(default=100, db_default=100)
    # Nobody is asked after this day, or once so many have answered.
    ends_on = models.DateField(null=True, blank=True)
    ends_after = models.PositiveIntegerField(null=True, blank=True)
    most_a_month = models.PositiveIntegerField(null=True, blank=True)
    # Anyone who left so many surveys in a row unanswered, of whatever kind, is not
    # asked this one for so many days; none: nobody rests for that. Anyone who said no
    # to one rests as long in any case.
    rest_after_ignored = models.PositiveSmallIntegerField(
        null=True, blank=True, default=3, db_default=3
    )
    rest_days = models.PositiveSmallIntegerField(default=365, db_default=365)
    archived_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        constraints = [
            choice_check("kind", SurveyKind, name="survey_kind"),
            choice_check("state", SurveyState, name="survey_state"),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(live_version__isnull=False),
                name="survey_live_has_version",
            ),
            models.CheckConstraint(
                condition=Q(valid_days__range=(1, 90)), name="survey_valid_days"
            ),
            models.CheckConstraint(
                condition=Q(remind_after_days=None)
                | Q(remind_after_days__range=(1, 60)),
                name="survey_remind_days",
            ),
            models.CheckConstraint(
                condition=Q(remind_again_after_days=None)
                | Q(
                    remind_after_days__isnull=False,
                    remind_again_after_days__range=(1, 60),
                ),
                name="survey_remind_again_days",
            ),
            models.CheckConstraint(
                condition=Q(sample_percent__range=(1, 100)), name="survey_sample"
            ),
            models.CheckConstraint(
                condition=(Q(ends_after=None) | Q(ends_after__gt=0))
                & (Q(most_a_month=None) | Q(most_a_month__gt=0)),
                name="survey_limits",
            ),
            models.CheckConstraint(
                condition=(
                    Q(rest_after_ignored=None) | Q(rest_after_ignored__range=(1, 10))
                )
                & Q(rest_days__range=(30, 1095)),
                name="survey_rest",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @cached_property
    def is_asking(self) -> bool:
        """Whether an automation asks it now; see selectors.with_is_asking."""
        asks = self.askings.filter(automation__is_on=True)
        return self.state == SurveyState.LIVE and asks.exists()


class SurveyVersion(models.Model):
    """The questions as they stood: a draft, or what was published, which never changes
    (a trigger refuses it), because answers stand under it."""

    survey = models.ForeignKey(
        Survey, on_delete=models.CASCADE, related_name="versions", db_index=False
    )
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=9, choices=pairs(VersionState))
    # Read and written by surveys.rules.questionnaire.
    content = models.JSONField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["survey", "number"], name="survey_version_once"
            ),
            models.UniqueConstraint(
                fields=["survey"], condition=Q(state="draft"), name="survey_one_draft"
            ),
            choice_check("state", VersionState, name="survey_version_state"),
            models.CheckConstraint(
                condition=Q(state="draft", published_at=None)
                | Q(state="published", published_at__isnull=False),
                name="survey_version_published_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.survey_id} v{self.number}"


class Asking(models.Model):
    """An automation asks a survey, in a rhythm of its own."""

    # Deleted with it, which is refused once anybody was invited.
    automation = models.OneToOneField(
        Automation, on_delete=models.CASCADE, related_name="asking"
    )
    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="askings")
    # Relationship: every so many days per customer.
    every_days = models.PositiveSmallIntegerField(default=180, db_default=180)
    # Post-purchase: so many days after delivery.
    after_days = models.PositiveSmallIntegerField(default=5, db_default=5)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(every_days__range=(30, 730), after_days__range=(0, 90)),
                name="asking_days",
            )
        ]

    def __str__(self) -> str:
        return f"{self.automation_id}: {self.survey_id}"

    @property
    def trigger(self) -> Trigger:
        return TRIGGERS[self.automation.kind]


class ScheduledAsk(models.Model):
    """When a customer is asked next, where an automation asks again and again."""

    asking = models.ForeignKey(Asking, on_delete=models.CASCADE, db_index=False)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    next_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["asking", "customer"], name="scheduled_ask_once"
            )
        ]
        indexes = [
            # The sweep: who is asked today.
            models.Index(fields=["asking", "next_on"], name="scheduled_ask_due"),
        ]

    def __str__(self) -> str:
        return f"{self.asking_id}/{self.customer_id} {self.next_on}"
