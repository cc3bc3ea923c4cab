"""Automations as machines read them. Whom they are for is a search of the customer
list, which may hold a name: it is not told."""

from typing import ClassVar

from rest_framework import serializers

from crm.models.fields import pairs
from messaging.models import Automation, AutomationStep, ForecastDay, Run
from messaging.rules.simulation import ForecastDecision


class StepOut(serializers.ModelSerializer[AutomationStep]):
    """`wait_days` after the one before has left; `stop_on` ends the way before it."""

    class Meta:
        model = AutomationStep
        fields: ClassVar = ["position", "wait_days", "stop_on", "has_offer"]


class AutomationOut(serializers.ModelSerializer[Automation]):
    """`weekdays`: 1 is Monday. `rests`: not on days off where the customer is."""

    steps = StepOut(many=True)

    class Meta:
        model = Automation
        fields: ClassVar = [
            *("id", "kind", "name", "is_on", "switched_on_at", "archived_at"),
            *("priority", "send_hour", "offset_days", "life_days", "weekdays", "rests"),
            *("version", "steps"),
        ]


class AutomationSwitch(serializers.Serializer[object]):
    """Whether the automation is to be on."""

    is_on = serializers.BooleanField()


class RunOut(serializers.ModelSerializer[Run]):
    """`step`: the last one that was planned; `next_on`: when the following one is due,
    once that has left."""

    customer = serializers.IntegerField(source="customer_id")

    class Meta:
        model = Run
        fields: ClassVar = [
            *("id", "customer", "occurrence", "step", "state", "reason_code"),
            *("started_at", "next_on", "ended_at"),
        ]


class CalendarDayOut(serializers.ModelSerializer[ForecastDay]):
    """So many mails due on `day`, with what becomes of them, and why where they do not
    go at their hour; `goes_on`: the day on which they go."""

    automation = serializers.IntegerField(source="automation_id")
    # The name that programs of others know.
    verdict = serializers.ChoiceField(
        source="decision", choices=pairs(ForecastDecision)
    )

    class Meta:
        model = ForecastDay
        fields: ClassVar = [
            *("day", "automation", "verdict", "reason_code", "goes_on", "mails"),
        ]


class CalendarOut(serializers.Serializer[object]):
    """`is_stale`: something changed since `made_at`, and it is being made again."""

    made_at = serializers.DateTimeField(allow_null=True)
    is_stale = serializers.BooleanField()
    days = CalendarDayOut(many=True)
