"""Thin entries for Celery."""

from celery import shared_task
from django.utils import timezone

from crm.services import (
    clock,
    custom_field_jobs,
    duplicates,
    files,
    heartbeat,
    jobs,
    membership,
    order_sums,
    retention,
    returns,
    workers,
)

# Short, so that a worker that must stop is done within its supervisor's time limit,
# and so that ticks and mail get their turn between two passes.
PASS_SECONDS = 5.0


@shared_task
def beat_heartbeat(**_: object) -> None:
    """Beat sent this, the broker carried it, a worker ran it and the row shows it."""
    now = clock.agreed(timezone.now())
    heartbeat.beat("beat", now=now)
    heartbeat.beat("worker", now=now)
    files.mark(now=now)


@shared_task
def worker_heartbeat(**_: object) -> None:
    """Asked for by `doctor`: the broker carried it and a worker ran it."""
    now = clock.agreed(timezone.now())
    files.mark(now=now)
    heartbeat.beat("worker", now=now)


@shared_task
def work_jobs(**_: object) -> int:
    """Do slices of one job for some seconds; start another pass where more is left."""
    worked = jobs.work(now=clock.agreed(timezone.now()), seconds=PASS_SECONDS)
    if worked.is_unfinished:
        workers.notify(jobs.WORK)
    return worked.slices


@shared_task
def purge(**_: object) -> int:
    """Delete what is past its time; how many rows and files went."""
    return retention.purge(now=clock.agreed(timezone.now()))


@shared_task
def look_at_segments(**_: object) -> int:
    """Who came into the followed segments, and who left them?"""
    return membership.refresh_all(now=clock.agreed(timezone.now()))


@shared_task
def mark_core(**_: object) -> int:
    """Who are the few that bring most of the revenue? The number of currencies."""
    return len(order_sums.mark_core(now=clock.agreed(timezone.now())))


@shared_task
def repair_indexes(**_: object) -> int:
    """Is an index of a field missing, or left unusable? How many are built."""
    return custom_field_jobs.repair(now=clock.agreed(timezone.now()))


@shared_task
def find_duplicates(**_: object) -> int:
    """Which records look like one person? The number of pairs."""
    return duplicates.refresh(now=clock.agreed(timezone.now()))


@shared_task
def match_returns(**_: object) -> int:
    """Which purchases do new returns give back? The number of customers."""
    return returns.process_pending(now=clock.agreed(timezone.now()))
