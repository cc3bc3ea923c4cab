"""Figures of periods that are over, kept as they were when that was first counted."""

from datetime import datetime

from django.db.models import Max

from crm import selectors as crm
from crm.models import Order, SubscriptionChange
from crm.rules import dates
from insights.models import Definition, Published
from insights.selectors import closed_all
from insights.selectors.definition import bases, horizon


def publish(row: Definition, *, now: datetime) -> None:
    """Keep the figures of periods that are over since the last time."""
    business = crm.business()
    today, zone = business.day(now), dates.zone_of(business.time_zone, "UTC")
    order = Order.objects.aggregate(last=Max("pk"))["last"] or 0
    change = SubscriptionChange.objects.aggregate(last=Max("pk"))["last"] or 0
    found = [*closed_all.all_scores(today=today, zone=zone)]
    for basis in bases(row):
        known_to = horizon(row, basis, today=today)
        if known_to is not None:
            found += closed_all.everything(basis, known_to, today)
    rows = [
        Published(
            figure=one.figure.value,
            basis=one.basis,
            unit=one.unit,
            starts_on=one.starts_on,
            part=one.part,
            base=one.base,
            count=one.count,
            published_at=now,
            last_order=order,
            last_change=change,
        )
        for one in found
    ]
    Published.objects.bulk_create(rows, ignore_conflicts=True)


def forget() -> None:
    """Nothing is late by another definition."""
    Published.objects.all().delete()
