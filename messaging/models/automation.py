"""What staff may tune: when a kind runs, and for whom."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Q

from crm.models.fields import choice_check, pairs
from messaging.rules.choices import Reentry
from messaging.rules.holdout import MOST_PERCENT
from messaging.rules.resting import EVERY_DAY, AllowedDays


def every_day() -> list[int]:
    """All days of the week; a default needs a function."""
    return list(EVERY_DAY)


class AutomationQuerySet(models.QuerySet["Automation"]):
    """Automations, with the sets that most code asks for."""

    def in_use(self) -> "AutomationQuerySet":
        """Not archived."""
        return self.filter(archived_at=None)


class Automation(models.Model):
    """One kind of mail to one audience, switched on or off by staff.

    There may be several of a kind. Who belongs to the audiences of two of them that are
    on is written to by the one that goes first: the lower `priority`, and of two equal
    ones the older (the lower id). `services/automation_order.py` numbers them.
    """

    kind = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    # The query string of the customer list that shows whom it is for; "": everybody.
    audience = models.CharField(max_length=2000, blank=True, default="", db_default="")
    is_on = models.BooleanField(default=False, db_default=False)
    # Switching on never sends the past: nothing due before this moment is planned.
    switched_on_at = models.DateTimeField(null=True, blank=True)
    # Hour of the customer's own day.
    send_hour = models.PositiveSmallIntegerField(default=9, db_default=9)
    offset_days = models.SmallIntegerField(default=0, db_default=0)
    life_days = models.PositiveSmallIntegerField(default=7, db_default=7)
    # On which days its mail may go; what is due on another goes on the next of them.
    # 1 is Monday.
    weekdays = ArrayField(
        models.PositiveSmallIntegerField(), default=every_day, db_default=every_day()
    )
    # Not on the days off and public holidays of the customer's country.
    rests = models.BooleanField(default=False, db_default=False)
    priority = models.PositiveSmallIntegerField(default=50, db_default=50)
    # Whether a customer may get it again; `after_days` counts from the last time.
    reentry = models.CharField(
        max_length=14,
        choices=pairs(Reentry),
        default=Reentry.PER_OCCURRENCE.value,
        db_default=Reentry.PER_OCCURRENCE.value,
    )
    reentry_days = models.PositiveSmallIntegerField(null=True, blank=True)
    # Typed by the kind's params form.
    params = models.JSONField(default=dict, db_default={}, blank=True)
    version = models.PositiveIntegerField(default=1, db_default=1)
    # This share gets nothing, by lot, to see what the mail does; 0: nobody. A change of
    # it begins a new comparison.
    holdout_percent = models.PositiveSmallIntegerField(default=0, db_default=0)
    holdout_salt = models.UUIDField(default=uuid.uuid4, db_default=RandomUUID())
    holdout_since = models.DateTimeField(null=True, blank=True)
    # Kept for what it sent, and never switched on again before it is restored.
    archived_at = models.DateTimeField(null=True, blank=True)

    objects = AutomationQuerySet.as_manager()

    class Meta:
        # Also the order in which those of one kind go first.
        ordering = ["priority", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(name__gt=""), name="automation_has_name"
            ),
            models.CheckConstraint(
                condition=Q(archived_at=None) | Q(is_on=False),
                name="automation_archived_is_off",
            ),
            models.CheckConstraint(
                condition=Q(send_hour__lt=24), name="automation_send_hour"
            ),
            models.CheckConstraint(
                condition=Q(life_days__range=(1, 60)), name="automation_life_days"
            ),
            choice_check("reentry", Reentry, name="automation_reentry"),
            models.CheckConstraint(
                condition=Q(
                    reentry=Reentry.AFTER_DAYS.value, reentry_days__range=(1, 3650)
                )
                # A check that is unknown passes: a range of NULL would.
                & Q(reentry_days__isnull=False)
                | Q(~Q(reentry=Reentry.AFTER_DAYS.value), reentry_days=None),
                name="automation_reentry_days",
            ),
            models.CheckConstraint(
                condition=Q(
                    weekdays__contained_by=every_day(), weekdays__len__range=(1, 7)
                ),
                name="automation_weekdays",
            ),
            models.CheckConstraint(
                condition=Q(is_on=False) | Q(switched_on_at__isnull=False),
                name="automation_on_has_time",
            ),
            models.CheckConstraint(
                condition=Q(holdout_percent=0)
                | Q(holdout_percent__lte=MOST_PERCENT, holdout_since__isnull=False),
                name="automation_holdout",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def allowed(self) -> AllowedDays:
        """The days on which its mail may go."""
        return AllowedDays(tuple(self.weekdays), self.rests)


class Sweep(models.Model):
    """How far planning has come for one automation."""

    automation = models.OneToOneField(
        Automation, on_delete=models.CASCADE, related_name="sweep"
    )
    swept_through = models.DateTimeField(null=True, blank=True)
    last_run_at = models.DateTimeField(null=True, blank=True)
    planned = models.BigIntegerField(default=0, db_default=0)
    # The last look at who is due: when, by which version of the automation, and up to
    # which day. A kind says how long it holds (`Kind.look_holds_for`).
    looked_at = models.DateTimeField(null=True, blank=True)
    looked_version = models.PositiveIntegerField(null=True, blank=True)
    looked_until = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return f"sweep of {self.automation_id}"
