"""Which automation asks which survey: every one of a kind that asks has one."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from messaging.models import Automation
from surveys.choices import TRIGGERS, SurveyKind, Trigger
from surveys.models import Asking
from surveys.rules.questionnaire import NPS
from surveys.services import making

NAMES = {
    Trigger.RELATIONSHIP: "Relationship",
    Trigger.POST_PURCHASE: "After delivery",
}


@transaction.atomic
def ensure_askings(*, now: datetime) -> None:
    """Every automation that asks has a survey to ask."""
    alone = Automation.objects.filter(kind__in=TRIGGERS, asking=None)
    # No more than the key: after a migration backwards, columns may be missing.
    for pk, kind in alone.order_by("id").values_list("pk", "kind"):
        _ask_a_new_one(pk, name=NAMES[TRIGGERS[kind]], now=now)


@transaction.atomic
def follow_automation(
    automation: Automation,
    *,
    fields: Collection[str],
    copied_from: Automation | None,
    now: datetime,
) -> None:
    """A new automation that asks gets a survey of its name; a copy asks the survey of
    its original, in the same rhythm."""
    if "kind" not in fields:
        return
    asked = (
        Asking.objects.filter(automation=copied_from).first() if copied_from else None
    )
    if asked is None:
        _ask_a_new_one(automation.pk, name=automation.name, now=now)
        return
    Asking.objects.create(
        automation=automation,
        survey=asked.survey,
        every_days=asked.every_days,
        after_days=asked.after_days,
    )


def _ask_a_new_one(automation_id: int, *, name: str, now: datetime) -> None:
    survey = making.make_live(
        name=name, kind=SurveyKind.NPS, questionnaire=NPS, now=now
    )
    Asking.objects.create(automation_id=automation_id, survey=survey)
