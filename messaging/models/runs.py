"""How far each customer has come in an automation of several steps."""

from django.db import models
from django.db.models import F, Q

from crm.models import Customer
from crm.models.fields import choice_check, pairs
from messaging.models.automation import Automation
from messaging.models.steps import MOST_STEPS, AutomationVersion
from messaging.rules.choices import RunState

_OPEN = Q(state=RunState.OPEN.value)


class Run(models.Model):
    """One customer on the way through an automation, in the version of its beginning.

    `step` is the last one that was planned. Once its mail has left, `next_on` is the
    customer's local day of the following one.
    """

    automation = models.ForeignKey(
        Automation, on_delete=models.PROTECT, related_name="runs", db_index=False
    )
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="runs"
    )
    # Of the first message.
    occurrence = models.CharField(max_length=160)
    version = models.ForeignKey(
        AutomationVersion, on_delete=models.PROTECT, related_name="runs"
    )
    step = models.PositiveSmallIntegerField(default=1, db_default=1)
    state = models.CharField(
        max_length=10,
        choices=pairs(RunState),
        default=RunState.OPEN.value,
        db_default=RunState.OPEN.value,
    )
    # Why it ended, where it did not come to its end.
    reason_code = models.CharField(max_length=40, blank=True, default="", db_default="")
    started_at = models.DateTimeField()
    next_on = models.DateField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            # As expressions: a merge ends one of two open ones before rows move
            # (messaging/personal_data.py), so that nothing is left to rename.
            models.UniqueConstraint(
                F("automation"), F("customer"), condition=_OPEN, name="run_open_once"
            ),
            choice_check("state", RunState, name="run_state"),
            models.CheckConstraint(
                condition=Q(step__range=(1, MOST_STEPS)), name="run_step"
            ),
            models.CheckConstraint(
                condition=Q(_OPEN, ended_at=None)
                | Q(~_OPEN, ended_at__isnull=False, next_on=None),
                name="run_ended_has_time",
            ),
        ]
        indexes = [
            # The sweep: whose next step is due.
            models.Index(
                fields=["automation", "next_on"],
                condition=Q(_OPEN, next_on__isnull=False),
                name="run_next",
            ),
            # The sweep: whose mail may have left or ended meanwhile.
            models.Index(
                fields=["automation", "id"],
                condition=Q(_OPEN, next_on=None),
                name="run_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.automation_id} {self.occurrence}"
