"""Make, copy, archive and delete automations; what they do is edited in
`automations.py`."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import ProtectedError
from django.utils import translation

from crm.services import audit
from crm.services.typed_names import TypedNames
from messaging import kinds, signals
from messaging.errors import AutomationArchived, AutomationIsOn, AutomationUsed
from messaging.kinds import Kind, StartingPoint
from messaging.models import Automation, AutomationStep, Sweep, Wording
from messaging.services import automation_order, runs, versions
from web.errors import InvalidValue
from web.rules import text

NAME_LENGTH = 120
_COPIED = (
    "kind",
    "audience",
    "send_hour",
    "offset_days",
    "life_days",
    "weekdays",
    "rests",
    "reentry",
    "reentry_days",
    "params",
    "holdout_percent",
)
_COPIED_OF_STEPS = (
    "position",
    "origin",
    "wait_days",
    "stop_on",
    "has_offer",
    "without_offer_allowed",
    "gift",
)


@transaction.atomic
def create(
    kind: Kind, *, name: str = "", point: StartingPoint | None = None, now: datetime
) -> Automation:
    """A new automation of a kind, switched off, as the kind suggests it, or as this
    starting point of it does."""
    automation = as_suggested(kind)
    automation.name = checked_name(name) if name else automation.name
    for field, value in (point.settings if point else {}).items():
        setattr(automation, field, value)
    made(automation, suggested_steps(kind), now=now)
    return _announced(automation, "automation.created", None, now)


@transaction.atomic
def copy(original: Automation, *, name: str, now: datetime) -> Automation:
    """The same again with its steps and their wording, switched off."""
    automation = Automation(name=checked_name(name))
    for field in _COPIED:
        setattr(automation, field, getattr(original, field))
    # A lot of its own: what one does to people must not show in the figures of another.
    if automation.holdout_percent:
        automation.holdout_since = now
    theirs = list(original.steps.order_by("position").prefetch_related("wordings"))
    ours = [
        AutomationStep(**{name: getattr(step, name) for name in _COPIED_OF_STEPS})
        for step in theirs
    ]
    wordings = [
        Wording(step=step, language=row.language, fields=row.fields)
        for step, copied in zip(ours, theirs, strict=True)
        for row in copied.wordings.all()
    ]
    made(automation, ours, wordings, behind=original, now=now)
    return _announced(automation, "automation.copied", original, now)


@transaction.atomic
def archive(automation: Automation, *, now: datetime) -> Automation:
    """Put away what is no longer used; what it sent keeps its name. Archived already:
    nothing. Raises AutomationIsOn: switch it off first."""
    locked = lock(automation)
    if locked.archived_at:
        return locked
    if locked.is_on:
        raise AutomationIsOn
    locked.archived_at = now
    runs.stop(locked.runs.all(), "automation_archived", now=now)
    return saved(locked, "automation.archived", {"archived_at"}, now)


@transaction.atomic
def restore(automation: Automation, *, now: datetime) -> Automation:
    """Back among the others, switched off."""
    locked = lock(automation)
    if not locked.archived_at:
        return locked
    locked.archived_at = None
    return saved(locked, "automation.restored", {"archived_at"}, now)


@transaction.atomic
def delete(automation: Automation, *, now: datetime) -> None:
    """Remove one that never ran. Raises AutomationUsed where it was ever switched on,
    or is the only one of its kind: the next upgrade would make that one again."""
    # FOR UPDATE: a copy of the only other one waits until this is over.
    rows = Automation.objects.select_for_update().filter(kind=automation.kind)
    found = {row.pk: row for row in rows.order_by("id")}
    locked = found.get(automation.pk)
    if locked is None:
        return
    if not is_deletable(locked, of_kind=found.values()):
        raise AutomationUsed
    audit.record("automation.deleted", f"automation:{locked.pk}", now=now)
    try:
        locked.delete()
    except ProtectedError as error:
        raise AutomationUsed from error


def forget(ids: Collection[int], *, now: datetime) -> None:
    """Empty the search of an audience that finds one of these people alone, who are
    being erased: it finds no one then, as before."""
    named = TypedNames(ids)
    versions.forget(named)
    for row in Automation.objects.exclude(audience="").select_for_update(no_key=True):
        if (query := versions.forgotten(row.audience, named)) is not None:
            row.audience = query
            row.version += 1
            row.save(update_fields=["audience", "version"])
            versions.write(row, now=now)
            audit.record(
                "automation.changed",
                f"automation:{row.pk}",
                fields=["audience"],
                now=now,
            )


def is_deletable(automation: Automation, *, of_kind: Iterable[Automation]) -> bool:
    """Whether it never ran, and others of its kind are left where one must be."""
    kind = kinds.find(automation.kind)
    others = any(row.pk != automation.pk for row in of_kind)
    is_needed = kind is not None and kind.has_one_always and not others
    return automation.switched_on_at is None and not is_needed


def checked_name(name: str) -> str:
    """As it is stored; raises InvalidValue."""
    clean = text.one_line(name, field="name", most=NAME_LENGTH)
    if not clean:
        raise InvalidValue(fields={"name": "required"})
    return clean


def lock(automation: Automation) -> Automation:
    """The row, ours until the commit."""
    # Sweeps lock the same row: settings never change in the middle of one.
    return Automation.objects.select_for_update(no_key=True).get(pk=automation.pk)


def lock_in_use(automation: Automation) -> Automation:
    """The same. Raises AutomationArchived where it was put away."""
    locked = lock(automation)
    if locked.archived_at:
        raise AutomationArchived
    return locked


def saved(
    automation: Automation, action: str, fields: set[str], now: datetime
) -> Automation:
    """Save a changed row with its next version and an audit row; send the signal."""
    automation.version += 1
    automation.save()
    versions.write(automation, now=now)
    audit.record(action, f"automation:{automation.pk}", fields=fields, now=now)
    signals.automation_saved.send(
        sender=Automation,
        automation=automation,
        fields=fields,
        copied_from=None,
        now=now,
    )
    return automation


def as_suggested(kind: Kind) -> Automation:
    """Not stored yet: off, for everybody, named after its kind."""
    with translation.override("en"):
        name = str(kind.label)
    return Automation(
        kind=kind.name,
        name=name,
        send_hour=kind.send_hour,
        offset_days=kind.offset_days,
        life_days=kind.life_days,
        rests=kind.rests,
        reentry=kind.reentry.value,
        params=dict(kind.default_params),
    )


def suggested_steps(kind: Kind) -> list[AutomationStep]:
    """Not stored yet: the first, and those that the kind suggests behind it."""
    return [
        AutomationStep(position=1, origin=1),
        *(
            AutomationStep(
                position=position,
                origin=position,
                wait_days=step.wait_days,
                stop_on=[rule.value for rule in step.stop_on],
            )
            for position, step in enumerate(kind.following, start=2)
        ),
    ]


def made(
    automation: Automation,
    steps: Iterable[AutomationStep],
    wordings: Sequence[Wording] = (),
    *,
    behind: Automation | None = None,
    now: datetime,
) -> Automation:
    """Store a new one with its steps and their words, and give it its place; sends no
    signal."""
    automation.save(force_insert=True)
    Sweep.objects.create(automation=automation)
    for step in steps:
        step.automation = automation
        step.save(force_insert=True)
    Wording.objects.bulk_create(wordings)
    automation_order.place(automation, behind=behind)
    versions.write(automation, now=now)
    return automation


def _announced(
    automation: Automation, action: str, original: Automation | None, now: datetime
) -> Automation:
    audit.record(action, f"automation:{automation.pk}", now=now)
    signals.automation_saved.send(
        sender=Automation,
        automation=automation,
        fields={"kind", "name"},
        copied_from=original,
        now=now,
    )
    return automation
