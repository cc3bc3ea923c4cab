"""What one customer buys regularly, worked out from their orders when it is asked.

It uses the SQL and the rule of `services/next_purchases.py`, so that it shows what the
next reminder will rest on, also before that table was brought up to date.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from crm.models import Product
from crm.rules import spread
from loyalty.models import NextPurchase, ReminderItem
from loyalty.rules.reorder import (
    FEWEST_PURCHASES,
    SPREAD_DAYS,
    Bought,
    DueBy,
    Expected,
    Rhythm,
    expected,
    rhythm,
)
from loyalty.selectors.reorders import refusals
from loyalty.sql import next_purchases as sql
from loyalty.sql.next_purchases import Purchases


@dataclass(frozen=True)
class PurchaseHabit:
    """One product that they have bought on several days."""

    product: str
    last_on: date
    # How many days lay between their purchases, the oldest first.
    gaps: list[int]
    is_quantity_uneven: bool
    # None: bought often enough, but with no rhythm that we would go by.
    expected: Expected | None
    is_refused: bool
    # "Remind me later": the day they named.
    again_on: date | None


@dataclass(frozen=True)
class PurchaseHabits:
    # What is expected first comes first, then what has no rhythm.
    products: list[PurchaseHabit]
    wants_no_reminders: bool


def purchase_habits(customer_id: int, *, today: date) -> PurchaseHabits:
    """Six queries by indexes, however much they bought."""
    refused = refusals(customer_id)
    found = sql.purchases([customer_id], fewest=FEWEST_PURCHASES)
    orders = rhythm(sql.order_days([customer_id]).get(customer_id, ()))
    names = Product.objects.in_bulk([pair.product_id for pair in found])
    put_off = _put_off(customer_id)
    stated = _stated(customer_id)
    habits: list[PurchaseHabit] = []
    for pair in found:
        days = sorted(set(pair.days))
        if len(days) >= FEWEST_PURCHASES:
            bought = list(map(Bought, pair.days, pair.quantities))
            habits.append(
                PurchaseHabit(
                    product=str(names[pair.product_id]),
                    last_on=days[-1],
                    gaps=[(after - day).days for day, after in pairwise(days)],
                    is_quantity_uneven=_is_uneven(pair),
                    expected=_expected(
                        bought,
                        orders,
                        today=today,
                        slot=spread.day_of(customer_id, SPREAD_DAYS),
                        stated=stated.get((pair.product_id, days[-1])),
                    ),
                    is_refused=pair.product_id in refused.products,
                    again_on=put_off.get((pair.product_id, days[-1])),
                )
            )
    return PurchaseHabits(_in_order(habits), wants_no_reminders=refused.is_all)


def _expected(
    bought: Sequence[Bought],
    orders: Rhythm | None,
    *,
    today: date,
    slot: int,
    stated: date | None,
) -> Expected | None:
    """A day in the future is as it was; one that went by is the day that the table
    holds, or the one that it would get now.
    """
    found = expected(bought, orders)
    if found is None or found.due_on >= today or found.due_on == stated:
        return found
    if stated is None:
        return expected(bought, orders, today=today, slot=slot)
    return replace(found, due_on=stated, due_by=DueBy.PASSED)


def _stated(customer_id: int) -> dict[tuple[int, date], date]:
    rows = NextPurchase.objects.filter(customer=customer_id)
    return {
        (product, last): due
        for product, last, due in rows.values_list("product", "last_on", "due_on")
    }


def _put_off(customer_id: int) -> dict[tuple[int, date], date]:
    items = ReminderItem.objects.filter(
        customer=customer_id, again_on__isnull=False
    ).values_list("product", "last_on", "again_on")
    return {(product, last): again for product, last, again in items if again}


def _is_uneven(pair: Purchases) -> bool:
    by_day: dict[date, float] = {}
    for day, quantity in zip(pair.days, pair.quantities, strict=True):
        by_day[day] = by_day.get(day, 0) + float(quantity)
    return len(set(by_day.values())) > 1


def _in_order(habits: Sequence[PurchaseHabit]) -> list[PurchaseHabit]:
    def key(one: PurchaseHabit) -> tuple[date, int, str]:
        # Without an expected day: what was bought last comes first.
        if one.expected:
            return one.expected.due_on, 0, one.product
        return date.max, -one.last_on.toordinal(), one.product

    return sorted(habits, key=key)
