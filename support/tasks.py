"""Thin entries for Celery: read the clock, call one service."""

from celery import shared_task
from django.utils import timezone

from crm.services import clock
from support.services import closing, conversations, fetching, sending_later

# Well below the limit of a task, so that a worker that must stop is done in time.
PASS_SECONDS = 20.0


@shared_task
def fetch_mail(**_: object) -> int:
    """Read the mailboxes for some seconds; the next tick goes on."""
    return fetching.fetch_all(now=clock.agreed(timezone.now()), seconds=PASS_SECONDS)


@shared_task
def wake_conversations(**_: object) -> int:
    """Open again what was put aside until now."""
    return conversations.wake(now=clock.agreed(timezone.now()))


@shared_task
def send_later(**_: object) -> int:
    """Send the mails whose authors chose this moment."""
    return sending_later.send_due(clock.agreed(timezone.now()))


@shared_task
def close_lapsed(**_: object) -> int:
    """Close what has waited for them longer than its mailbox says."""
    return closing.close_lapsed(now=clock.agreed(timezone.now()))
