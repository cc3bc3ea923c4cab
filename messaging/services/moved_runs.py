"""Take people who are under way to the newest version of their automation."""

from datetime import datetime

from django.db import transaction

from crm.services import audit
from messaging import kinds
from messaging.models import Automation, Message, Run
from messaging.rules.choices import RunState, State
from messaging.services import messages, runs
from messaging.services.automation_rows import lock
from messaging.sql import runs as sql


def behind(automation: Automation) -> int:
    """How many people are under way in an older version: whom a move would take."""
    newest = automation.versions.latest("number")
    under_way = Run.objects.filter(automation=automation, state=RunState.OPEN.value)
    return under_way.exclude(version=newest).count()


@transaction.atomic
def move_to_newest(automation: Automation, *, now: datetime) -> int:
    """They go on by its words, waits and rules; how many. What each has got stays, and
    whoever is past its last step is done."""
    locked = lock(automation)
    runs.settle(locked, now=now)
    newest = locked.versions.latest("number")
    steps = newest.content["steps"]
    past = sql.end_past(locked.pk, version=newest.pk, most=len(steps), now=now)
    given_up = Message.objects.filter(run__in=past)
    messages.supersede(given_up, reason_code="moved_to_its_end", now=now)
    moved = sql.move(locked.pk, version=newest.pk)
    _take_category(locked, newest.pk, [step["has_offer"] for step in steps])
    if moved or past:
        subject = f"automation:{locked.pk}"
        audit.record("automation.runs_moved", subject, fields=["version"], now=now)
    return moved + len(past)


def _take_category(automation: Automation, version: int, offers: list[bool]) -> None:
    kind = kinds.get(automation.kind)
    for number, has_offer in enumerate(offers, start=1):
        category = kind.step_category(automation, has_offer=has_offer)
        Message.objects.filter(
            run__version=version, step=number, state=State.PLANNED.value
        ).exclude(category=category.value).update(category=category.value)
