"""The one order of all automations: who goes first where only one may go.

`Automation.priority` is the place, 1 to n, archived ones included. It decides which
mail a contact limit lets go, and which of several automations of a kind has people of
both audiences. Nothing else writes it.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F, OuterRef, Subquery

from crm.services import audit
from messaging import kinds, signals
from messaging.models import Automation, Message
from messaging.rules.choices import State


@transaction.atomic
def move(
    automation: Automation, *, before: Automation | None, now: datetime
) -> Automation | None:
    """Put it before another one, or last; returns the one that it stood before until
    now (None: it was the last), which is where an undo puts it back.

    Named by a neighbour and not by a number, so that two people who move at once both
    get what they asked for. It is there already: nothing.
    """
    rows = _locked()
    at = _index(rows, automation)
    was_before = rows[at + 1] if at + 1 < len(rows) else None
    row = rows.pop(at)
    rows.insert(_index(rows, before) if before else len(rows), row)
    if not _number(rows):
        return was_before
    row.refresh_from_db()
    fields = {"priority"}
    audit.record("automation.moved", f"automation:{row.pk}", fields=fields, now=now)
    signals.automation_saved.send(
        sender=Automation, automation=row, fields=fields, copied_from=None, now=now
    )
    return was_before


@transaction.atomic
def place(automation: Automation, *, behind: Automation | None = None) -> None:
    """Give a new one, which is stored, its first place: behind this one, or behind the
    last of its kind, or else where the kind suggests it."""
    rows = [row for row in _locked() if row.pk != automation.pk]
    at = _index(rows, behind) + 1 if behind else _suggested(rows, automation.kind)
    rows.insert(at, automation)
    _number(rows)
    automation.refresh_from_db(fields=["priority"])


def _locked() -> list[Automation]:
    """All of them in their order. By id first: whoever takes several locks of them
    takes them in one order."""
    # The sweeps of kinds pass by meanwhile.
    list(Automation.objects.order_by("id").select_for_update(no_key=True))
    return list(Automation.objects.all())


def _index(rows: Sequence[Automation], wanted: Automation) -> int:
    """Its place; the end, where somebody deleted it meanwhile."""
    return next((at for at, row in enumerate(rows) if row.pk == wanted.pk), len(rows))


def _suggested(rows: Sequence[Automation], kind: str) -> int:
    of_kind = [at for at, row in enumerate(rows) if row.kind == kind]
    if of_kind:
        return of_kind[-1] + 1
    less = _suggests(kind)
    later = (at for at, row in enumerate(rows) if _suggests(row.kind) > less)
    return next(later, len(rows))


def _suggests(kind: str) -> int:
    known = kinds.find(kind)
    return known.priority if known else kinds.Kind.priority


def _number(rows: Sequence[Automation]) -> bool:
    """Write the places that changed, and take what is planned along; whether any."""
    moved = [row for place, row in enumerate(rows, start=1) if row.priority != place]
    for place, row in enumerate(rows, start=1):
        row.priority = place
    Automation.objects.bulk_update(moved, ["priority"])
    if moved:
        _take_along([row.pk for row in moved])
    return bool(moved)


def _take_along(ids: Sequence[int]) -> None:
    place = Automation.objects.filter(pk=OuterRef("automation_id")).values("priority")
    planned = Message.objects.filter(state=State.PLANNED.value, automation__in=ids)
    planned.exclude(priority=F("automation__priority")).update(
        priority=Subquery(place[:1])
    )
