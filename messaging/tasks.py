"""Thin entries for Celery: read the clock that counts, call one service.

Unknown arguments are taken and ignored, so that a queue filled by another release
does no harm.
"""

from celery import shared_task
from django.utils import timezone

from crm.services import clock
from messaging.services import delivery as deliveries
from messaging.services import forecast_upkeep, leases, planning, workers

# Short, so that a worker that must stop is done within its supervisor's time limit,
# and so that ticks get their turn between two passes.
PASS_SECONDS = 5.0
# Each forecast is one transaction; another one is not begun after so long.
AHEAD_SECONDS = 30.0


@shared_task
def sweep_due(**_: object) -> int:
    """Plan who is due and end what is too late; writes rows, never sends."""
    counts = planning.sweep(now=clock.agreed(timezone.now()))
    return sum(count["planned"] for count in counts.values())


@shared_task
def deliver(**_: object) -> int:
    """Deliver for some seconds; start another pass where that was too short."""
    count = deliveries.deliver(now=clock.agreed(timezone.now()), seconds=PASS_SECONDS)
    if count.unfinished:
        workers.notify_workers()
    return count.sent


@shared_task
def sweep_leases(**_: object) -> int:
    """End claims of workers that died; how many messages that settled."""
    count = leases.sweep_leases(now=clock.agreed(timezone.now()))
    return count.sent + count.returned + count.resent + count.uncertain


@shared_task
def look_ahead(**_: object) -> int:
    """Work out what becomes of the mails of the next 60 days, where that is old."""
    return forecast_upkeep.look_ahead(
        now=clock.agreed(timezone.now()), seconds=AHEAD_SECONDS
    )
