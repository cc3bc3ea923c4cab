"""Who writes to somebody unhappy, and by when: what they are told, and we owe."""

from datetime import date
from typing import NamedTuple

from crm import selectors as crm
from crm.models import FollowUp
from crm.rules.dates import local_day, zone_of
from crm.services import follow_ups


class Promise(NamedTuple):
    """`name` is empty where it is unassigned."""

    name: str
    by: date


def promise(response_id: int | None) -> Promise | None:
    """Of the follow-up that this answer opened, for as long as it is owed."""
    if response_id is None:
        return None
    owed = (
        FollowUp.objects.select_related("assignee")
        .filter(source_key=f"response:{response_id}", state__in=follow_ups.OWED)
        .first()
    )
    if owed is None or owed.due_at is None:
        return None
    name = owed.assignee.name if owed.assignee else ""
    zone = zone_of(crm.business().time_zone, "UTC")
    return Promise(name=name, by=local_day(owed.due_at, zone))
