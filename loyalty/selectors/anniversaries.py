"""Who has an anniversary, and what their mail is about."""

from collections.abc import Collection
from datetime import date, timedelta

from django.db.models import F

from crm.models import OrderLine
from crm.rules.choices import LeapDay, Nature, OrderState, ProductNature
from loyalty.rules.anniversary import falls
from loyalty.sql import anniversaries as sql
from messaging.kinds import Due


def due_anniversaries(
    first_on: date, last_on: date, *, offset_days: int, leap_day: LeapDay
) -> Due:
    """Live customers whose anniversary is thanked for from first_on to last_on.

    One row each, because the days never span more than a year. The occurrence is the
    year of the anniversary, also where its mail goes in the year before or after.
    """
    shift = timedelta(days=offset_days)
    return sql.due(falls(first_on - shift, last_on - shift, leap_day), shift)


def first_products(customer_ids: Collection[int]) -> dict[int, str]:
    """Name of what each bought most of, by worth, on the day they became a customer;
    nothing for those of whom it is not known."""
    lines = (
        OrderLine.objects.filter(
            customer_id__in=customer_ids,
            ordered_on=F("customer__since_on"),
            nature=Nature.PURCHASE.value,
            product__nature=ProductNature.PRODUCT.value,
            product__name__gt="",
        )
        .exclude(order__state=OrderState.CANCELLED.value)
        .order_by("customer_id", "-amount", "id")
        .distinct("customer_id")
    )
    return dict(lines.values_list("customer_id", "product__name"))
