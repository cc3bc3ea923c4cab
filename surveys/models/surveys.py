"""What is asked, of whom and when."""

from django.db import models
from django.db.models import Q

from crm.models import Customer
from crm.models.fields import choice_check, pairs
from messaging.models import Automation
from surveys.choices import SurveyKind, Trigger


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
