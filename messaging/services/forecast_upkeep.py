"""Keep forecasts that pages read: made every hour, and again after a change.

A change leaves a mark in its own transaction (`mark`). A task works out what is marked
or old. After a change it rests for twenty times as long as the last one took, so that
it never takes more than a twentieth of a worker.
"""

from datetime import datetime, timedelta
from time import monotonic

from django.db import connection, transaction
from django.db.models import Exists, Q

from crm.services import workers
from messaging import kinds
from messaging.models import Automation, Forecast, ForecastMark
from messaging.services import forecast

# By name: services never import tasks.
TASK = "messaging.tasks.look_ahead"
GOOD_FOR = timedelta(hours=1)
# One of an automation that is off follows the others more slowly.
DRAFT_GOOD_FOR = timedelta(days=1)
_REST = 20
# Held for as long as one is worked out.
LOCK = 0x666F7265


def mark(automation: Automation | None, *, now: datetime) -> None:
    """Something changed that this forecast rests on; None: that of all."""
    ForecastMark.objects.create(automation=automation, at=now)
    workers.notify_on_commit(TASK)


def is_fresh(automation: Automation | None, *, now: datetime) -> bool:
    """Whether what is kept is young enough, and nothing has changed since."""
    good_for = GOOD_FOR if automation is None else DRAFT_GOOD_FOR
    kept = Forecast.objects.filter(automation=automation, made_at__gt=now - good_for)
    marks = ForecastMark.objects.filter(automation=automation)
    return kept.filter(~Exists(marks)).exists()


def try_lock() -> bool:
    """Whether nobody else is working one out; then it is ours until the commit."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        return bool(cursor.fetchone()[0])


def look_ahead(*, now: datetime, seconds: float = 60) -> int:
    """Work out what is old or marked, the forecast of all first; how many it were."""
    ends_at = monotonic() + seconds
    Forecast.objects.filter(
        Q(automation__is_on=True) | Q(automation__archived_at__isnull=False)
    ).delete()
    made = int(_is_wanted(None, now=now) and _keep(None, now=now))
    for draft in _drafts():
        if monotonic() >= ends_at:
            break
        made += int(_is_wanted(draft, now=now) and _keep(draft, now=now))
    return made


def _drafts() -> list[Automation]:
    """Those that are off and were looked at or changed."""
    known = [kind.name for kind in kinds.swept_kinds()]
    asked = Automation.objects.in_use().filter(is_on=False, kind__in=known)
    marked = ForecastMark.objects.exclude(automation=None).values("automation")
    return list(asked.filter(Q(forecast__isnull=False) | Q(pk__in=marked)))


def _is_wanted(automation: Automation | None, *, now: datetime) -> bool:
    if is_fresh(automation, now=now):
        return False
    kept = Forecast.objects.filter(automation=automation).first()
    # A clock that was wrong once must not put it off for long.
    if kept is None or kept.made_at > now:
        return True
    return now >= kept.made_at + timedelta(seconds=_REST * kept.seconds)


def _keep(automation: Automation | None, *, now: datetime) -> bool:
    """Work one out; False: another worker is at it."""
    if automation is not None:
        # As a sweep would; those that are on are brought up to date by theirs.
        kinds.get(automation.kind).refresh(automation, now)
    with transaction.atomic():
        if not try_lock():
            return False
        with connection.cursor() as cursor:
            # It may take longer than a page may.
            cursor.execute("SET LOCAL statement_timeout = 0")
        seen = list(
            ForecastMark.objects.filter(automation=automation).values_list(
                "pk", flat=True
            )
        )
        forecast.work_out(automation, now=now, again=True)
        ForecastMark.objects.filter(pk__in=seen).delete()
        if automation is None and seen:
            _mark_drafts(now)
    return True


def _mark_drafts(now: datetime) -> None:
    """What is beside them has changed."""
    drafts = Forecast.objects.exclude(automation=None).values_list("automation")
    ForecastMark.objects.bulk_create(
        ForecastMark(automation_id=pk, at=now) for (pk,) in drafts
    )
