"""Who has an anniversary, found by the index on month and day."""

from collections.abc import Callable, Collection, Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import Case, CharField, DateField, F, Q, QuerySet, Value, When
from django.db.models.functions import JSONObject

from crm.models import Customer, OrderLine
from crm.rules.choices import LeapDay, Nature, OrderState, ProductNature
from loyalty.rules.anniversary import Falls, falls

# As in the index customer_since_day, to the letter: else it is not used.
SINCE_DAY = F("since_on__month") * 100 + F("since_on__day")


def due_anniversaries(
    first_on: date, last_on: date, *, offset_days: int, leap_day: LeapDay
) -> QuerySet[Any, Any]:
    """Live customers whose anniversary is thanked for from first_on to last_on.

    One row each, because the days never span more than a year. The occurrence is the
    year of the anniversary, also where its mail goes in the year before or after.
    """
    shift = timedelta(days=offset_days)
    days = falls(first_on - shift, last_on - shift, leap_day)
    return (
        Customer.objects.live()
        .annotate(since_day=SINCE_DAY)
        .filter(_began_before(days))
        .annotate(
            customer_id=F("pk"),
            occurrence=_by_day(days, lambda day: str(day.year), CharField()),
            due_on=_by_day(days, lambda day: day + shift, DateField()),
            anniversary_on=_by_day(days, lambda day: day, DateField()),
        )
        .annotate(why=JSONObject(since=F("since_on"), on=F("anniversary_on")))
        .values("customer_id", "occurrence", "due_on", "why")
    )


def _began_before(days: Sequence[Falls]) -> Q:
    """On one of these days of the year, and in an earlier year than the anniversary."""
    found = Q()
    for year in sorted({day.on.year for day in days}):
        keys = [day.key for day in days if day.on.year == year]
        found |= Q(since_day__in=keys, since_on__lt=date(year, 1, 1))
    return found


def _by_day(
    days: Sequence[Falls],
    value: Callable[[date], str | date],
    field: "CharField[Any, Any] | DateField[Any, Any]",
) -> Case:
    whens = [
        When(since_day=day.key, then=Value(value(day.on), output_field=field))
        for day in days
    ]
    return Case(*whens, output_field=field)


def first_products(customer_ids: Collection[int]) -> dict[int, str]:
    """What each bought most of on the day they became a customer, where we know."""
    lines = (
        OrderLine.objects.filter(
            customer_id__in=customer_ids,
            nature=Nature.PURCHASE.value,
            product__nature=ProductNature.PRODUCT.value,
            ordered_on=F("customer__since_on"),
        )
        .exclude(order__state=OrderState.CANCELLED.value)
        .exclude(product__name="")
        .order_by("customer_id", "-amount", "id")
        .distinct("customer_id")
    )
    return dict(lines.values_list("customer_id", "product__name"))
