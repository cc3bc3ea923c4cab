"""What the shop's purchases say of intervals, learned from all of them once a day."""

from dataclasses import asdict
from datetime import datetime, timedelta

from django.db import transaction

from crm import selectors as crm
from crm.rules import dates
from loyalty.models import ProductRhythm, ShopRhythm
from loyalty.selectors import pooling as selectors
from loyalty.sql import pooling as sql

HOLDS_FOR = timedelta(days=1)


def learn_when_old(*, now: datetime) -> bool:
    """Learn what is older than a day; whether it was."""
    row = ShopRhythm.objects.first()
    if row is not None and row.learned_at > now - HOLDS_FOR:
        return False
    learn(now=now)
    return True


@transaction.atomic
def learn(*, now: datetime) -> None:
    """From what was bought until yesterday, by the shop's day. Next purchases that
    stand already keep their day until their customer's orders change."""
    sql.lock()
    today = dates.local_day(now, dates.zone_of(crm.business().time_zone, "UTC"))
    prior, products = selectors.learn(sql.LINES, (), before=today)
    values = {"values": asdict(prior), "learned_at": now}
    ShopRhythm.objects.update_or_create(pk=1, defaults=values)
    ProductRhythm.objects.all().delete()
    ProductRhythm.objects.bulk_create(
        ProductRhythm(
            product_id=one.product_id,
            buyers=one.buyers,
            again=one.again,
            intervals=one.intervals,
            total=one.total,
        )
        for one in products
    )
