"""Thin entries for Celery: read the clock, call one service.

Unknown arguments are taken and ignored, so that a queue filled by another release
does no harm.
"""

from celery import shared_task
from django.utils import timezone

from messaging.services import bell, leases, planning, purging
from messaging.services import delivery as deliveries


@shared_task
def sweep_due(**_: object) -> int:
    """Plan who is due and end what is too late; writes rows, never sends."""
    counts = planning.sweep(now=timezone.now())
    return sum(count["planned"] for count in counts.values())


@shared_task
def deliver(**_: object) -> int:
    """Drain the outbox for at most a minute; ring again where that was too short."""
    count = deliveries.deliver(now=timezone.now(), seconds=55)
    if count.unfinished:
        bell.ring()
    return count.sent


@shared_task
def sweep_leases(**_: object) -> int:
    count = leases.sweep_leases(now=timezone.now())
    return count.sent + count.returned + count.resent + count.uncertain


@shared_task
def purge(**_: object) -> int:
    return purging.purge(now=timezone.now())
