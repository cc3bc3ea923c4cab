"""The mails of one automation in their order, their words, and what each once was."""

from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from crm.models import User
from messaging.models.automation import Automation
from messaging.rules.choices import StopRule

MOST_STEPS = 5
LONGEST_WAIT = 365


class AutomationStep(models.Model):
    """One mail of an automation. Every automation has the first, which its kind plans;
    the others follow it, each so many days after the one before has left."""

    automation = models.ForeignKey(
        Automation, on_delete=models.CASCADE, related_name="steps"
    )
    position = models.PositiveSmallIntegerField(default=1, db_default=1)
    # Which step that the kind suggests it is, whose words it has as the product's own;
    # 0: one that staff added. The first is always the kind's first.
    origin = models.PositiveSmallIntegerField(default=0, db_default=0)
    # Days after the step before has left; 0 for the first alone.
    wait_days = models.PositiveSmallIntegerField(default=0, db_default=0)
    # What ends the run of a customer before this step; none for the first.
    stop_on = ArrayField(
        models.CharField(max_length=12), default=list, db_default=[], blank=True
    )
    # Its mails are marketing: they need a consent to that.
    has_offer = models.BooleanField(default=False, db_default=False)
    # Anyone who has not consented to marketing gets its words without the offer.
    without_offer_allowed = models.BooleanField(default=False, db_default=False)
    # What it gives (messaging/gifts.py): the id of a row of an app above.
    gift = models.PositiveBigIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["automation", "position"]
        constraints = [
            # Checked at the end of a statement, so that steps can change places in one.
            models.UniqueConstraint(
                fields=["automation", "position"],
                name="step_position_once",
                deferrable=models.Deferrable.IMMEDIATE,
            ),
            models.CheckConstraint(
                condition=Q(position__range=(1, MOST_STEPS)), name="step_position"
            ),
            models.CheckConstraint(
                condition=Q(position=1, origin=1)
                | Q(Q(origin=0) | Q(origin__range=(2, MOST_STEPS)), position__gt=1),
                name="step_origin",
            ),
            models.CheckConstraint(
                condition=Q(position=1, wait_days=0)
                | Q(position__gt=1, wait_days__range=(1, LONGEST_WAIT)),
                name="step_wait_days",
            ),
            models.CheckConstraint(
                condition=Q(position=1, stop_on=[])
                | Q(
                    position__gt=1,
                    stop_on__contained_by=[rule.value for rule in StopRule],
                ),
                name="step_stop_on",
            ),
            models.CheckConstraint(
                condition=Q(has_offer=True) | Q(without_offer_allowed=False),
                name="step_without_what_offer",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.automation_id}, {self.position}"


class Wording(models.Model):
    """Staff's own words for one language; absent fields fall back to the product's."""

    step = models.ForeignKey(
        AutomationStep, on_delete=models.CASCADE, related_name="wordings"
    )
    language = models.CharField(max_length=10)
    fields = models.JSONField(default=dict, db_default={})
    version = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["step", "language"], name="wording_language_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.step_id} {self.language}"


class AutomationVersion(models.Model):
    """What an automation was from one change to the next. Append-only.

    `content`: the columns of the automation, and under `steps`, in their order, those
    of each with its `words`: language to fields.
    """

    automation = models.ForeignKey(
        Automation, on_delete=models.CASCADE, related_name="versions"
    )
    # As Automation.version.
    number = models.PositiveIntegerField()
    made_at = models.DateTimeField()
    # None: by the product itself, or a machine.
    made_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    content = models.JSONField(encoder=DjangoJSONEncoder)

    class Meta:
        ordering = ["automation", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["automation", "number"], name="automation_version_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.automation_id}, version {self.number}"
