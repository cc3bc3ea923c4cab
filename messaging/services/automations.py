"""What staff may tune: on and off, name, audience, hour, days, offset, life, wording.

Which goes first is tuned in `automation_order.py`."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from crm import audiences
from crm.services import audit
from messaging import kinds
from messaging.kinds import Kind, WordingField
from messaging.models import Automation, Message, Sweep, Wording
from messaging.rules import wording
from messaging.rules.choices import State
from messaging.rules.resting import EVERY_DAY
from messaging.services import automation_rows, messages, planning
from messaging.services.automation_rows import checked_name, lock, lock_in_use, saved
from messaging.services.reach import chooses_wrongly
from web.errors import InvalidValue, StaleVersion
from web.rules import text

_LIMITS = {
    "send_hour": (0, 23),
    "offset_days": (-60, 365),
    "life_days": (1, 60),
}
# Who is due depends on these; the others only move what is planned.
_WHO = frozenset({"audience", "offset_days", "params"})
_LINE, _TEXT = 200, 2_000


def ensure_automations() -> list[Automation]:
    """Make one, switched off, for each kind that has none. Called after migrate, when
    the tables of the apps above may not be there: sends no signal."""
    taken = set(Automation.objects.values_list("kind", flat=True))
    missing = [kind for kind in kinds.swept_kinds() if kind.name not in taken]
    return [automation_rows.made(automation_rows.as_suggested(it)) for it in missing]


@transaction.atomic
def switch_on(automation: Automation, *, now: datetime) -> Automation:
    """From this moment on; what was due before is not sent. On already: nothing.
    Raises AutomationArchived."""
    locked = lock_in_use(automation)
    if locked.is_on:
        return locked
    locked.is_on = True
    locked.switched_on_at = now
    Sweep.objects.update_or_create(automation=locked, defaults={"swept_through": None})
    return saved(locked, "automation.switched_on", {"is_on"}, now)


@transaction.atomic
def switch_off(automation: Automation, *, now: datetime) -> Automation:
    """Nothing more is planned, and what is planned does not go. Keys are free again,
    so that switching on plans those who are due after that."""
    locked = lock(automation)
    if not locked.is_on:
        return locked
    locked.is_on = False
    messages.supersede(_planned(locked), reason_code="automation_off", now=now)
    return saved(locked, "automation.switched_off", {"is_on"}, now)


@transaction.atomic
def edit(
    automation: Automation,
    *,
    version: int,
    name: str,
    audience: str,
    send_hour: int,
    offset_days: int,
    life_days: int,
    params: Mapping[str, Any],
    weekdays: Collection[int] | None = None,
    rests: bool | None = None,
    now: datetime,
) -> Automation:
    """Change when it runs and for whom. Planned mails follow: another hour or life, or
    other days, move them; another audience, offset or parameter plans them again at the
    next sweep. `audience`: a query string of the customer list, "" for everybody.
    `weekdays` (1 is Monday) and `rests`: None, as they are.
    """
    locked = lock(automation)
    if locked.version != version:
        raise StaleVersion
    wanted = {
        "name": checked_name(name),
        "audience": _checked_audience(locked, audience),
        "send_hour": send_hour,
        "offset_days": offset_days,
        "life_days": life_days,
        "weekdays": _checked_weekdays(
            locked.weekdays if weekdays is None else weekdays
        ),
        "rests": locked.rests if rests is None else rests,
        "params": _checked_params(locked, params),
    }
    _check_limits(wanted)
    changed = {name for name, value in wanted.items() if getattr(locked, name) != value}
    if not changed:
        return locked
    for name in changed:
        setattr(locked, name, wanted[name])
    edited = saved(locked, "automation.changed", changed, now)
    if changed & _WHO:
        code = "superseded_settings_changed"
        messages.supersede(_planned(edited), reason_code=code, now=now)
    else:
        planning.retime(edited)
    return edited


def _checked_audience(automation: Automation, audience: str) -> str:
    """Some kinds must not choose people by what they think of us."""
    query = audiences.checked(audience)
    if chooses_wrongly(automation.kind, query):
        raise InvalidValue(fields={"audience": "audience_by_opinion"})
    return query


@transaction.atomic
def save_wording(
    automation: Automation, *, language: str, fields: Mapping[str, str], now: datetime
) -> Wording:
    """Staff's own words for one language. An empty field is the product's own text."""
    if language not in dict(settings.LANGUAGES):
        raise InvalidValue(fields={"language": "unknown_language"})
    locked = lock(automation)
    texts = _checked_texts(kinds.get(locked.kind), fields)
    row, made = Wording.objects.get_or_create(
        automation=locked, language=language, defaults={"fields": texts}
    )
    if not made and row.fields != texts:
        row.fields = texts
        row.version += 1
        row.save()
    audit.record(
        "automation.worded", f"automation:{locked.pk}", fields=sorted(texts), now=now
    )
    return row


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


def _checked_texts(kind: Kind, fields: Mapping[str, str]) -> dict[str, str]:
    known = {field.name: field for field in kind.wording}
    unknown = set(fields) - set(known)
    if unknown:
        raise InvalidValue(fields=dict.fromkeys(sorted(unknown), "unknown_field"))
    texts = {name: _checked_text(known[name], value) for name, value in fields.items()}
    return {name: value for name, value in texts.items() if value}


def _checked_text(field: WordingField, value: str) -> str:
    """Trimmed, without control characters, and with placeholders we can fill."""
    if field.long:
        clean = text.many_lines(value, field=field.name, most=_TEXT)
    else:
        clean = text.one_line(value, field=field.name, most=_LINE)
    if wording.check(clean, field.placeholders):
        raise InvalidValue(fields={field.name: "unknown_placeholder"})
    return clean
