"""What will become of the mails of the next 60 days, worked out now and then and kept.

Nothing here is asked when a mail goes: it is what pages show.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from crm.models import Customer
from crm.models.fields import choice_check, pairs
from messaging.models.automation import Automation
from messaging.rules.simulation import ForecastDecision


class Forecast(models.Model):
    """One look ahead: at everything that is on, or at one automation that is off, as if
    it were switched on beside the others."""

    # None: everything that is on.
    automation = models.OneToOneField(
        Automation,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="forecast",
    )
    made_at = models.DateTimeField()
    # How long it took.
    seconds = models.FloatField()
    # Of the people in it, those of most of them first; a few.
    countries = ArrayField(
        models.CharField(max_length=2), default=list, db_default=[], blank=True
    )

    # A hash of the settings that it rests on, with the week: while that is the same, so
    # is what becomes of people of one number.
    basis = models.CharField(max_length=64, blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["automation"],
                condition=Q(automation=None),
                nulls_distinct=False,
                name="forecast_of_all_once",
            )
        ]

    def __str__(self) -> str:
        return f"forecast of {self.automation_id or 'all'}"


class ForecastMark(models.Model):
    """Something changed that a forecast rests on. Written in the transaction of the
    change; removed by the forecast that has seen it."""

    # None: everything that is on.
    automation = models.ForeignKey(
        Automation, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"mark of {self.automation_id or 'all'}"


class ForecastDay(models.Model):
    """How many mails of an automation are due on a day, and what becomes of them."""

    forecast = models.ForeignKey(
        Forecast, on_delete=models.CASCADE, related_name="days", db_index=False
    )
    automation = models.ForeignKey(
        Automation, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    day = models.DateField()
    decision = models.CharField(max_length=8, choices=pairs(ForecastDecision))
    reason_code = models.CharField(max_length=40, blank=True)
    # The day on which they go; None: they do not, or it is not known.
    goes_on = models.DateField(null=True, blank=True)
    mails = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=[
                    *("forecast", "automation", "day"),
                    *("decision", "reason_code", "goes_on"),
                ],
                nulls_distinct=False,
                name="forecast_day_once",
            ),
            choice_check("decision", ForecastDecision, name="forecast_day_decision"),
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.mails} {self.decision}"


class ForecastMail(models.Model):
    """One mail of the days ahead, to each of the `people` with the same outcome: the
    same mails at the same moments, and the same in their way.

    In the forecast of an automation that is off, the rows of other automations are what
    they lose by it: mails that would go as things stand, and then would not, or later.
    """

    forecast = models.ForeignKey(
        Forecast, on_delete=models.CASCADE, related_name="mails", db_index=False
    )
    # The number of those with the same outcome (`ForecastPerson`): a hash, not an id.
    alike = models.BigIntegerField()
    people = models.PositiveIntegerField()
    automation = models.ForeignKey(
        Automation, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    # As of messages, whose list is checked where they are planned.
    category = models.CharField(max_length=14)
    step = models.PositiveSmallIntegerField()
    # The day it is due; today where that is past and it still waits.
    day = models.DateField()
    moment = models.DateTimeField()
    expires_at = models.DateTimeField()
    decision = models.CharField(max_length=8, choices=pairs(ForecastDecision))
    reason_code = models.CharField(max_length=40, blank=True)
    goes_at = models.DateTimeField(null=True, blank=True)
    goes_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            choice_check("decision", ForecastDecision, name="forecast_mail_decision"),
            models.CheckConstraint(
                condition=Q(
                    decision__in=[
                        ForecastDecision.GOES.value,
                        ForecastDecision.WAITS.value,
                    ],
                    goes_at__isnull=False,
                    goes_on__isnull=False,
                )
                | Q(
                    ~Q(
                        decision__in=[
                            ForecastDecision.GOES.value,
                            ForecastDecision.WAITS.value,
                        ]
                    ),
                    goes_at=None,
                    goes_on=None,
                ),
                name="forecast_mail_goes",
            ),
        ]
        indexes = [
            # What a figure counts: of a day, or of all days of one decision.
            models.Index(
                fields=["forecast", "automation", "decision", "day", "alike"],
                name="forecast_mails",
            ),
            # What is coming to one customer, and whose other mails a new one meets.
            models.Index(fields=["forecast", "alike"], name="forecast_alike"),
            # Those of earlier days that go on this one.
            models.Index(
                F("forecast"),
                F("automation"),
                F("goes_on"),
                F("alike"),
                condition=Q(decision=ForecastDecision.WAITS.value),
                name="forecast_late",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.decision} for {self.people}"


class ForecastPerson(models.Model):
    """Which mails of a forecast somebody gets: those with their number."""

    # Up to a row for each customer, written at once and read from the rows that they
    # name: to have them checked a second time took as long as writing them.
    forecast = models.ForeignKey(
        Forecast,
        on_delete=models.CASCADE,
        related_name="people",
        db_index=False,
        db_constraint=False,
    )
    alike = models.BigIntegerField()
    customer = models.ForeignKey(
        Customer,
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "forecast"], name="forecast_person_once"
            )
        ]
        indexes = [
            # The people behind a figure.
            models.Index(
                fields=["forecast", "alike", "customer"], name="forecast_people"
            )
        ]

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.alike}"
