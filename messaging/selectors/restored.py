"""What a database that was put back would send, and what of it waits for a person."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from messaging.models import Message
from messaging.rules.choices import State


@dataclass(frozen=True)
class PlannedKind:
    """How many mails of a kind wait for a person, leave at once, and leave later."""

    kind: str
    waits: int
    leaves: int
    later: int


def planned(*, since: datetime, now: datetime) -> list[PlannedKind]:
    """`since`: when the database was put back; what was due until then waits."""
    rows = (
        Message.objects.filter(state=State.PLANNED.value)
        .values("kind")
        .annotate(
            waits=Count("pk", filter=Q(not_before__lte=since)),
            leaves=Count("pk", filter=Q(not_before__gt=since, not_before__lte=now)),
            later=Count("pk", filter=Q(not_before__gt=max(since, now))),
        )
        .order_by("kind")
    )
    return [PlannedKind(**row) for row in rows]
