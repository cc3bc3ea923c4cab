"""Follow segments: who came in and who left, told as events.

Membership is kept for followed segments alone; every other segment is asked each time.
"""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from crm import segment_people, selectors
from crm.models import Segment, SegmentEvent, SegmentMember
from crm.services import audit
from crm.services.purging import delete_in_slices
from crm.sql import membership as sql
from crm.sql.import_runs import ANY_LENGTH

logger = logging.getLogger(__name__)

EVENTS_KEPT = timedelta(days=730)


@dataclass(frozen=True)
class Moves:
    """How many came in and left since the last look."""

    entered: int
    left: int


@transaction.atomic
def follow(segment: Segment, *, now: datetime) -> None:
    """Keep who is in it from the next look on; who is in it then has not come in."""
    _switch(segment, "followed", now=now)


@transaction.atomic
def stop_following(segment: Segment, *, now: datetime) -> None:
    """Forget who is in it. What was told of comings and goings stays."""
    # The switch waits for a look that is under way; what that wrote down goes then.
    _switch(segment, "unfollowed", now=now)
    SegmentMember.objects.filter(segment=segment).delete()


def _switch(segment: Segment, action: str, *, now: datetime) -> None:
    rows = Segment.objects.filter(pk=segment.pk, is_followed=action == "unfollowed")
    if rows.update(is_followed=action == "followed", looked_at=None):
        audit.record(f"segment.{action}", f"segment:{segment.pk}", now=now)


def begin_again(segment_ids: Collection[int]) -> None:
    """Their conditions changed: who is in them at the next look has not moved."""
    Segment.objects.filter(pk__in=segment_ids).update(looked_at=None)


def refresh_all(*, now: datetime) -> int:
    """Look at every followed segment; the number of people who moved. One that cannot
    be asked is logged and keeps no other one from being looked at."""
    moved = 0
    rows = Segment.objects.filter(is_followed=True)
    for pk in list(rows.order_by("pk").values_list("pk", flat=True)):
        try:
            moves = refresh(pk, now=now)
        except Exception:
            logger.exception("Segment %s could not be looked at", pk)
        else:
            moved += moves.entered + moves.left
    return moved


@transaction.atomic
def refresh(segment_id: int, *, now: datetime) -> Moves:
    """Write down who came in and who left. Nothing where another process is at it, or
    no one follows it any more."""
    rows = Segment.objects.select_for_update(skip_locked=True, no_key=True)
    segment = rows.filter(pk=segment_id, is_followed=True).first()
    if segment is None:
        return Moves(0, 0)
    people = segment_people.compiled(segment, today=selectors.business().day(now))
    is_told = segment.looked_at is not None
    values: dict[str, Any] = {
        "segment": segment.pk,
        "now": now,
        "is_told": is_told,
    }
    with connection.cursor() as cursor:
        cursor.execute(ANY_LENGTH)
        cursor.execute(sql.REFRESH.format(people=people), values)
        moves = Moves(*cursor.fetchone())
    Segment.objects.filter(pk=segment.pk).update(looked_at=now)
    return moves if is_told else Moves(0, 0)


def purge(*, now: datetime) -> int:
    """Forget old comings and goings."""
    return delete_in_slices(SegmentEvent, at__lt=now - EVENTS_KEPT)
