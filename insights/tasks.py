"""Thin entries for Celery: read the clock that counts, call one service."""

from celery import shared_task
from django.utils import timezone

from crm.services import clock
from insights.services import breakage, counting, held, kept_answers, money

PASS_SECONDS = 20.0


@shared_task
def count_customers(**_: object) -> int:
    """Who changed since the last tick, and once a day everybody."""
    now = clock.agreed(timezone.now())
    return counting.keep_up(now=now, seconds=PASS_SECONDS)


@shared_task
def count_breakage(**_: object) -> int:
    """What of each month's earning was used, and ran out."""
    return breakage.keep_up(now=clock.agreed(timezone.now()))


@shared_task
def count_held(**_: object) -> int:
    """Who had something in a programme at the end of each month."""
    return held.process_pending(seconds=PASS_SECONDS)


@shared_task
def sum_up_money(**_: object) -> int:
    """The spans that are over by now, and the curve where orders have changed."""
    return money.keep_up(now=clock.agreed(timezone.now()))


@shared_task
def keep_answers(**_: object) -> int:
    """What pages would wait for: once an hour."""
    return kept_answers.keep_up(now=clock.agreed(timezone.now()))
