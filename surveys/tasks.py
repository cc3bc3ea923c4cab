"""Thin entries for Celery: read the clock, call one service."""

from celery import shared_task
from django.utils import timezone

from crm.services import clock
from surveys.services import digest


@shared_task
def post_digest(**_: object) -> int:
    """On Monday morning, the week's answers to the team."""
    return digest.post_due(now=clock.agreed(timezone.now()))
