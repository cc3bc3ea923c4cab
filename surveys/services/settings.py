"""The surveys themselves: one for each automation that asks, and who is asked when."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from crm.services import audit
from messaging.models import Automation, Message
from messaging.rules.choices import State
from messaging.services import messages
from surveys.choices import SurveyKind, Trigger
from surveys.models import Survey
from surveys.services import schedule
from web.errors import InvalidValue, StaleVersion

NAMES = {
    Trigger.RELATIONSHIP: "Relationship",
    Trigger.POST_PURCHASE: "After delivery",
}
KINDS = {
    Trigger.RELATIONSHIP: "nps_relationship",
    Trigger.POST_PURCHASE: "nps_post_purchase",
}
TRIGGERS = {kind: trigger for trigger, kind in KINDS.items()}
REMINDER = "nps_reminder"
# The same bounds as the constraints of the table.
BOUNDS = {
    "every_days": (30, 730),
    "after_days": (0, 90),
    "valid_days": (1, 90),
    "remind_after_days": (1, 60),
}
CHANGEABLE = frozenset(BOUNDS) | {"one_click"}
_COPIED = (*BOUNDS, "one_click")


@transaction.atomic
def ensure_surveys() -> None:
    """Every automation that asks has its survey."""
    alone = Automation.objects.filter(kind__in=TRIGGERS, survey=None)
    # No more than the key: after a migration backwards, columns may be missing.
    for pk, kind in alone.order_by("id").values_list("pk", "kind"):
        _survey(pk, kind, name=NAMES[TRIGGERS[kind]]).save()


@transaction.atomic
def follow_automation(
    automation: Automation, *, fields: Collection[str], copied_from: Automation | None
) -> None:
    """A new automation that asks gets a survey, a copy the rhythm of its original; a
    renamed one renames it."""
    if "kind" in fields:
        survey = _survey(automation.pk, automation.kind, name=automation.name)
        if copied_from:
            for field in _COPIED:
                setattr(survey, field, getattr(copied_from.survey, field))
        survey.save()
    elif "name" in fields:
        Survey.objects.filter(automation=automation).update(name=automation.name)


def _survey(automation_id: int, kind: str, *, name: str) -> Survey:
    return Survey(
        name=name,
        kind=SurveyKind.NPS.value,
        trigger=TRIGGERS[kind].value,
        automation_id=automation_id,
    )


@transaction.atomic
def edit_survey(
    survey: Survey, *, version: int, changes: Mapping[str, object], now: datetime
) -> Survey:
    """Change who is asked; refused where somebody else changed it meanwhile."""
    _check(changes)
    locked = Survey.objects.select_for_update(of=("self",)).get(pk=survey.pk)
    if locked.version != version:
        raise StaleVersion
    changed = {
        field: value
        for field, value in changes.items()
        if getattr(locked, field) != value
    }
    if not changed:
        return locked
    for field, value in changed.items():
        setattr(locked, field, value)
    locked.version += 1
    locked.save()
    _plan_anew(locked, changed.keys(), now)
    audit.record("survey.edited", f"survey:{locked.pk}", now=now, fields=changed)
    return locked


def _plan_anew(survey: Survey, changed: Collection[str], now: datetime) -> None:
    """What is planned by the old days makes room; the next sweep plans by the new."""
    if "every_days" in changed:
        schedule.spread_within(survey, now=now)
    affected = Q(pk__in=[])
    if "after_days" in changed:
        affected |= Q(automation=survey.automation)
    if "remind_after_days" in changed:
        affected |= Q(kind=REMINDER)
    planned = Message.objects.filter(affected, state=State.PLANNED.value)
    messages.supersede(planned, reason_code="superseded_settings_changed", now=now)


def _check(changes: Mapping[str, object]) -> None:
    wrong = {field: "unknown" for field in changes if field not in CHANGEABLE}
    for field, (least, most) in BOUNDS.items():
        value = changes.get(field)
        if field not in changes or (value is None and field == "remind_after_days"):
            continue
        if not isinstance(value, int) or not least <= value <= most:
            wrong[field] = "out_of_range"
    if wrong:
        raise InvalidValue(fields=wrong)
