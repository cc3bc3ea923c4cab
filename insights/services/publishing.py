"""Figures of periods that are over, kept as they were when that was first counted."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Count, Max, Sum

from crm import selectors as crm
from crm.models import Order, SubscriptionChange
from crm.rules import dates
from insights.choices import Closed
from insights.models import Cell, Definition, Published, Spell
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


def forget_sources(customer_ids: Collection[int]) -> None:
    """What these people wrote of how they heard of us and nobody else did is forgotten:
    before their spells are gone."""
    theirs = Spell.objects.filter(customer__in=customer_ids, number=1)
    by_source = theirs.order_by("source").values_list("source").annotate(Count("pk"))
    people = dict(by_source)
    of_all = Cell.objects.filter(dimension="source", value__in=people)
    told = of_all.order_by("value").values_list("value").annotate(Sum("new"))
    alone = [value for value, count in told if count <= people[value]]
    Published.objects.filter(figure=Closed.SOURCE.value, part__in=alone).delete()


def forget() -> None:
    """Nothing is late by another definition."""
    Published.objects.all().delete()
