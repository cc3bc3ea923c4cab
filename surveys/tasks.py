"""Thin entries for Celery: read the clock, call one service."""

from celery import shared_task
from django.utils import timezone

from crm.services import clock
from surveys.services import cells, comments, digest


@shared_task
def post_digest(**_: object) -> int:
    """On Monday morning, the week's answers to the team."""
    return digest.post_due(now=clock.agreed(timezone.now()))


@shared_task
def count_answers(**_: object) -> int:
    """Add what was answered to the sums that results are read from."""
    return cells.keep_up(now=clock.agreed(timezone.now()))


@shared_task
def read_comments(**_: object) -> int:
    """In which language comments are, and what they are about."""
    return comments.read_new()
