"""Thin entries for Celery."""

from celery import shared_task
from django.utils import timezone

from crm.services import clock, heartbeat, purging


@shared_task
def beat_heartbeat(**_: object) -> None:
    """Beat sent this, the broker carried it, a worker ran it and the row says so."""
    now = clock.agreed(timezone.now())
    heartbeat.beat("beat", now=now)
    heartbeat.beat("worker", now=now)


@shared_task
def worker_heartbeat(**_: object) -> None:
    """Asked for by `doctor`: the broker carried it and a worker ran it."""
    heartbeat.beat("worker", now=clock.agreed(timezone.now()))


@shared_task
def purge(**_: object) -> int:
    return purging.purge(now=clock.agreed(timezone.now()))
