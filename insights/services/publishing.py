"""Figures of periods that are over, kept as they were when that was first counted."""

from datetime import datetime

from django.db.models import Max

from crm import selectors as crm
from crm.models import Order
from insights.choices import Unit
from insights.metrics import periods
from insights.models import Definition, Published
from insights.selectors import spans
from insights.selectors.definition import bases, horizon

# How many periods of each kind are looked at: what is older is closed for good.
WATCHED = 24


def publish(row: Definition, *, now: datetime) -> int:
    """Keep the figures of periods that are over since the last time; how many."""
    today = crm.business().day(now)
    newest = Order.objects.aggregate(last=Max("pk"))["last"] or 0
    rows: list[Published] = []
    for basis in bases(row):
        known_to = horizon(row, basis, today=today)
        if known_to is None:
            continue
        for unit in Unit:
            over = periods.until(periods.last_over(known_to, unit.value), WATCHED)
            rows += [
                Published(
                    basis=basis.value,
                    unit=unit.value,
                    starts_on=period.starts_on,
                    start=counts.start,
                    kept=counts.kept,
                    published_at=now,
                    last_order=newest,
                )
                for period, counts in zip(
                    over, spans.over_time(basis, over), strict=True
                )
                if counts.start
            ]
    return len(Published.objects.bulk_create(rows, ignore_conflicts=True))


def forget() -> None:
    """Nothing is late by another definition."""
    Published.objects.all().delete()
