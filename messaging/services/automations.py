"""What staff may tune: on and off, name, audience, hour, days, offset, life, and
whether somebody may get it again.

Which goes first is tuned in `automation_order.py`, the words in `wordings.py`, and what
follows the first mail in `steps.py`."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from crm import audiences
from messaging import kinds
from messaging.models import Automation, Message, Sweep
from messaging.rules.choices import Reentry, State
from messaging.rules.resting import EVERY_DAY
from messaging.rules.send_decision import Reason
from messaging.services import automation_rows, messages, planning, stops
from messaging.services.automation_rows import checked_name, lock, lock_in_use, saved
from messaging.services.reach import chooses_wrongly
from web.errors import InvalidValue, StaleVersion

_LIMITS = {
    "send_hour": (0, 23),
    "offset_days": (-60, 365),
    "life_days": (1, 60),
}
_SETTINGS = frozenset(
    {
        *_LIMITS,
        *("name", "audience", "weekdays", "rests", "reentry", "reentry_days", "params"),
    }
)
# Who is due depends on these; the others only move what is planned.
_WHO = frozenset({"audience", "offset_days", "reentry", "reentry_days", "params"})
LONGEST_REENTRY = 3650
# Why what was planned does not go.
OFF = Reason("automation_off")


def ensure_automations() -> list[Automation]:
    """Make one, switched off, for each kind that has none. Called after migrate, when
    the tables of the apps above may not be there: sends no signal."""
    taken = set(Automation.objects.values_list("kind", flat=True))
    now = timezone.now()
    return [
        automation_rows.made(
            automation_rows.as_suggested(kind),
            automation_rows.suggested_steps(kind),
            now=now,
        )
        for kind in kinds.swept_kinds()
        if kind.has_one_always and kind.name not in taken
    ]


@transaction.atomic
def switch_on(
    automation: Automation, *, now: datetime, since: datetime | None = None
) -> Automation:
    """From this moment on, or from `since`; what was due before is not sent. On
    already: nothing. Raises AutomationArchived."""
    locked = lock_in_use(automation)
    if locked.is_on:
        return locked
    locked.is_on = True
    locked.switched_on_at = since or now
    Sweep.objects.update_or_create(automation=locked, defaults={"swept_through": None})
    return saved(locked, "automation.switched_on", {"is_on"}, now)


def switch_off(
    automation: Automation, *, now: datetime, reason: Reason = OFF
) -> Automation:
    """Nothing more is planned, and nothing leaves any more but what was handed to the
    mail server before. Keys are free again, so that switching on plans those who are
    due after that."""
    with transaction.atomic():
        stops.lock(automation)
        locked = lock(automation)
        if not locked.is_on:
            return locked
        locked.is_on = False
        stops.take_back_claimed(locked, reason=reason, now=now)
        saved(locked, "automation.switched_off", {"is_on"}, now)
    stops.end_planned(locked, reason=reason, now=now)
    return locked


@transaction.atomic
def edit(
    automation: Automation, *, version: int, now: datetime, **changes: Any
) -> Automation:
    """Change when it runs and for whom; what is not named stays. Planned mails follow:
    another hour or life, or other days, move them; another audience, offset, parameter
    or rule of getting it again plans the first ones again at the next sweep. Anyone who
    got a first one goes on in their version.

    `audience`: a query string of the customer list, "" for everybody. `weekdays`: 1 is
    Monday. `reentry_days`: how long after the last time somebody may get it again,
    where `reentry` says so.
    """
    locked = lock(automation)
    if locked.version != version:
        raise StaleVersion
    wanted = _checked(locked, changes)
    changed = {name for name, value in wanted.items() if getattr(locked, name) != value}
    if not changed:
        return locked
    for name in changed:
        setattr(locked, name, wanted[name])
    edited = saved(locked, "automation.changed", changed, now)
    if changed & _WHO:
        code = "superseded_settings_changed"
        messages.supersede(_planned(edited).filter(step=1), reason_code=code, now=now)
    else:
        planning.retime(edited)
    return edited


def _checked(automation: Automation, changes: Mapping[str, Any]) -> dict[str, Any]:
    """All that may be changed, with these changes."""
    wanted = {name: getattr(automation, name) for name in _SETTINGS} | dict(changes)
    if unknown := wanted.keys() - _SETTINGS:
        raise TypeError(f"an automation has no settings {sorted(unknown)}")
    _check_limits(wanted)
    return {
        **wanted,
        "name": checked_name(wanted["name"]),
        "audience": _checked_audience(automation, wanted["audience"]),
        "weekdays": _checked_weekdays(wanted["weekdays"]),
        **_checked_reentry(wanted["reentry"], wanted["reentry_days"]),
        "params": _checked_params(automation, wanted["params"]),
    }


def _checked_audience(automation: Automation, audience: str) -> str:
    """Some kinds must not choose people by what they think of us."""
    query = audiences.checked(audience)
    if chooses_wrongly(automation.kind, query):
        raise InvalidValue(fields={"audience": "audience_by_opinion"})
    return query


def _checked_reentry(reentry: str, days: int | None) -> dict[str, Any]:
    if reentry not in set(Reentry):
        raise InvalidValue(fields={"reentry": "unknown_choice"})
    if reentry != Reentry.AFTER_DAYS.value:
        return {"reentry": reentry, "reentry_days": None}
    if days is None or not 1 <= days <= LONGEST_REENTRY:
        raise InvalidValue(fields={"reentry_days": "not_in_range"})
    return {"reentry": reentry, "reentry_days": days}


def _planned(automation: Automation) -> QuerySet[Message]:
    return Message.objects.filter(automation=automation, state=State.PLANNED.value)


def _checked_weekdays(weekdays: Collection[int]) -> list[int]:
    """In order, each once; at least one of them."""
    found = sorted(set(weekdays))
    if not found or not set(found) <= set(EVERY_DAY):
        raise InvalidValue(fields={"weekdays": "required" if not found else "invalid"})
    return found


def _check_limits(wanted: Mapping[str, Any]) -> None:
    wrong = {
        name: "not_in_range"
        for name, (least, most) in _LIMITS.items()
        if not least <= wanted[name] <= most
    }
    if wrong:
        raise InvalidValue(fields=wrong)


def _checked_params(
    automation: Automation, params: Mapping[str, Any]
) -> dict[str, Any]:
    """As the kind's form cleans them; a kind without a form has none to change."""
    form_class = kinds.get(automation.kind).params_form
    if form_class is None:
        return dict(automation.params)
    form = form_class(data=dict(params))
    if not form.is_valid():
        raise InvalidValue(fields=dict.fromkeys(form.errors, "invalid"))
    return dict(form.cleaned_data)
