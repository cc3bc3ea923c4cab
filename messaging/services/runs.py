"""How customers go through the steps of an automation."""

from datetime import datetime

from django.db.models import QuerySet

from messaging.models import Run
from messaging.rules.choices import RunState

MERGED = "merged"


def stop(rows: QuerySet[Run], reason_code: str, *, now: datetime) -> int:
    """End those that are open; how many."""
    return rows.filter(state=RunState.OPEN.value).update(
        state=RunState.STOPPED.value,
        reason_code=reason_code,
        next_on=None,
        ended_at=now,
    )


def leave_one(*, kept: int, dropped: int, now: datetime) -> None:
    """Two records become one person, who goes through an automation once at a time. An
    undo of the merge leaves it so."""
    theirs = Run.objects.filter(customer=kept, state=RunState.OPEN.value)
    twice = Run.objects.filter(
        customer=dropped, automation__in=theirs.values("automation")
    )
    stop(twice, MERGED, now=now)
