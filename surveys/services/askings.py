"""Which automation asks which survey: every one of a kind that asks has one."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import F, Func, JSONField, Value

from messaging.models import Automation
from surveys.choices import TRIGGERS, SurveyKind, Trigger
from surveys.models import Asking
from surveys.rules.questionnaire import NPS, Scale, score_and_reason
from surveys.services import making

NAMES = {
    Trigger.REGULARLY: "Relationship",
    Trigger.AFTER_DELIVERY: "After delivery",
}
# What a new automation asks before staff choose another.
_SATISFACTION = frozenset({Trigger.CONVERSATION, Trigger.REQUEST})
# A matter is asked about while it is fresh.
_DAYS_AFTER_CONVERSATION = 1
# Of an automation, where staff choose its survey.
CHOSEN = "survey"


@transaction.atomic
def ensure_askings(*, now: datetime) -> None:
    """Every automation that asks has a survey to ask."""
    alone = Automation.objects.filter(kind__in=TRIGGERS, asking=None)
    # No more than the key: after a migration backwards, columns may be missing.
    for pk, kind in alone.order_by("id").values_list("pk", "kind"):
        trigger = TRIGGERS[kind]
        name = NAMES.get(trigger, trigger.value)
        _ask_a_new_one(pk, trigger, name=name, now=now)


@transaction.atomic
def follow_automation(
    automation: Automation,
    *,
    fields: Collection[str],
    copied_from: Automation | None,
    now: datetime,
) -> None:
    """A new automation that asks gets a survey of its name; a copy asks the survey of
    its original, in the same rhythm; and whichever was chosen is asked."""
    if "params" in fields:
        _ask_the_chosen(automation)
    if "kind" not in fields:
        return
    asked = (
        Asking.objects.filter(automation=copied_from).first() if copied_from else None
    )
    if asked is None:
        trigger = TRIGGERS[automation.kind]
        _ask_a_new_one(automation.pk, trigger, name=automation.name, now=now)
        automation.refresh_from_db(fields=["params"])
        return
    Asking.objects.create(
        automation=automation,
        survey=asked.survey,
        every_days=asked.every_days,
        after_days=asked.after_days,
    )


def _ask_the_chosen(automation: Automation) -> None:
    asking = Asking.objects.get(automation=automation)
    chosen = automation.params.get(CHOSEN)
    if chosen and int(chosen) != asking.survey_id:
        asking.survey_id = int(chosen)
        asking.save(update_fields=["survey"])


def _ask_a_new_one(
    automation_id: int, trigger: Trigger, *, name: str, now: datetime
) -> None:
    is_csat = trigger in _SATISFACTION
    survey = making.make_live(
        name=name,
        kind=SurveyKind.CSAT if is_csat else SurveyKind.NPS,
        questionnaire=score_and_reason(Scale.CSAT) if is_csat else NPS,
        now=now,
    )
    asking = Asking(automation_id=automation_id, survey=survey)
    if trigger is Trigger.CONVERSATION:
        asking.after_days = _DAYS_AFTER_CONVERSATION
    asking.save()
    # Its page shows which one it asks.
    Automation.objects.filter(pk=automation_id).update(
        params=Func(
            F("params"),
            Value({CHOSEN: str(survey.pk)}, output_field=JSONField()),
            template="(%(expressions)s)",
            arg_joiner=" || ",
            output_field=JSONField(),
        )
    )
