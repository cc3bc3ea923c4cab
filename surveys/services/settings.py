"""Who is asked, and when: of a survey, and of the automations that ask it."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from crm.services import audit
from messaging.models import Message
from messaging.rules.choices import State
from messaging.services import forecast_upkeep, messages
from surveys.models import Asking, Survey
from surveys.services import schedule
from web.errors import InvalidValue, StaleVersion

REMINDER = "survey_reminder"
# The same bounds as the constraints of the table.
BOUNDS = {
    "every_days": (30, 730),
    "after_days": (0, 90),
    "valid_days": (1, 90),
    "remind_after_days": (1, 60),
    "remind_again_after_days": (1, 60),
    "sample_percent": (1, 100),
    "ends_after": (1, 1_000_000),
    "most_a_month": (1, 1_000_000),
    "rest_after_ignored": (1, 10),
    "rest_days": (30, 1095),
}
OF_ASKING = frozenset({"every_days", "after_days"})
# Nothing: it does not remind, does not end, has no limit.
MAY_BE_NONE = frozenset(
    {
        *("remind_after_days", "remind_again_after_days", "ends_on", "ends_after"),
        *("most_a_month", "rest_after_ignored"),
    }
)
OF_SURVEY = frozenset({*(BOUNDS.keys() - OF_ASKING), "ends_on", "one_click"})
_REMINDERS = frozenset({"remind_after_days", "remind_again_after_days"})


@transaction.atomic
def edit_survey(
    survey: Survey,
    *,
    version: int,
    changes: Mapping[str, object],
    rhythms: Mapping[int, Mapping[str, object]] | None = None,
    now: datetime,
) -> Survey:
    """Change who is asked; refused where somebody else changed it meanwhile.

    `rhythms`: of the automations that ask it, what changes by the id of the asking.
    """
    rhythms = rhythms or {}
    _check(changes, OF_SURVEY)
    for rhythm in rhythms.values():
        _check(rhythm, OF_ASKING)
    locked = Survey.objects.select_for_update(of=("self",)).get(pk=survey.pk)
    if locked.version != version:
        raise StaleVersion
    changed = _set(locked, changes)
    if locked.remind_again_after_days and not locked.remind_after_days:
        raise InvalidValue(fields={"remind_again_after_days": "without_first"})
    askings = locked.askings.select_related("automation").filter(pk__in=rhythms)
    for asking in askings.order_by("pk"):
        if found := _set(asking, rhythms[asking.pk]):
            asking.save()
            _plan_anew(asking, found, now)
            changed += found
    if not changed:
        return locked
    locked.version += 1
    locked.save()
    if _REMINDERS.intersection(changed):
        _supersede(Q(kind=REMINDER), now)
    _look_ahead_again(locked, now)
    audit.record("survey.edited", f"survey:{locked.pk}", now=now, fields=changed)
    return locked


def _set(row: Survey | Asking, values: Mapping[str, object]) -> list[str]:
    """The names of what is another value now."""
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    return changed


def _plan_anew(asking: Asking, changed: Collection[str], now: datetime) -> None:
    """What is planned by the old days makes room; the next sweep plans by the new."""
    if "every_days" in changed:
        schedule.spread_within(asking, now=now)
    if "after_days" in changed:
        _supersede(Q(automation=asking.automation), now)


def _supersede(which: Q, now: datetime) -> None:
    planned = Message.objects.filter(which, state=State.PLANNED.value)
    messages.supersede(planned, reason_code="superseded_settings_changed", now=now)


def _check(changes: Mapping[str, object], known: Collection[str]) -> None:
    wrong = {field: "unknown" for field in changes if field not in known}
    for field, (least, most) in BOUNDS.items():
        value = changes.get(field)
        if field not in changes or (value is None and field in MAY_BE_NONE):
            continue
        if not isinstance(value, int) or not least <= value <= most:
            wrong[field] = "out_of_range"
    if wrong:
        raise InvalidValue(fields=wrong)


def _look_ahead_again(survey: Survey, now: datetime) -> None:
    """What the pages of its automations foresee rests on its limits."""
    for asking in survey.askings.select_related("automation"):
        automation = asking.automation
        if automation.archived_at is None:
            forecast_upkeep.mark(None if automation.is_on else automation, now=now)
