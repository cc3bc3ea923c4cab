"""Thin entries for Celery: read the clock that counts, call one service."""

import logging

from celery import shared_task
from django.utils import timezone

from crm.services import clock
from loyalty.services import complements, grants, next_purchases
from loyalty.services.programmes import checking, expiring, orders

PASS_SECONDS = 30.0
_log = logging.getLogger(__name__)


@shared_task
def work_out_next_purchases(**_: object) -> int:
    """Marks of changed orders, also while no reminder is switched on."""
    now = clock.agreed(timezone.now())
    return next_purchases.process_pending(now=now, seconds=PASS_SECONDS)


@shared_task
def expire_grants(**_: object) -> int:
    """Rewards whose last day in the shop is over."""
    return grants.expire(now=clock.agreed(timezone.now()))


@shared_task
def work_out_programmes(**_: object) -> int:
    """What changed orders earn, and those that arrived."""
    now = clock.agreed(timezone.now())
    return orders.process_pending(now=now, seconds=PASS_SECONDS)


@shared_task
def expire_balances(**_: object) -> int:
    """What members kept for orders that never came, and what has run out."""
    now = clock.agreed(timezone.now())
    return expiring.release(now=now) + expiring.expire(now=now)


@shared_task
def check_balances(**_: object) -> int:
    """Say in the log and on Today where a balance is not what its entries add up to."""
    wrong = checking.check(now=clock.agreed(timezone.now()))
    for row in wrong[:10]:
        _log.error("A balance is not the sum of its entries: %s", row)
    return len(wrong)


@shared_task
def count_baskets(**_: object) -> int:
    """What is bought together: once a day, in passes."""
    now = clock.agreed(timezone.now())
    return complements.work(now=now, seconds=PASS_SECONDS)
