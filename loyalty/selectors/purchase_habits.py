"""What one customer buys regularly, worked out from their orders when it is asked.

It uses the SQL and the rule of `services/next_purchases.py`, so that it shows what the
next reminder will rest on, also before that table was brought up to date.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from itertools import pairwise
from typing import Protocol

from crm.models import Product
from crm.rules import spread
from loyalty.choices import Basis
from loyalty.models import NextPurchase, ReminderItem
from loyalty.rules.reorder import (
    FEWEST_PURCHASES,
    SPREAD_DAYS,
    DueBy,
    Expected,
    rhythm,
)
from loyalty.selectors import habits
from loyalty.selectors.habits import Known
from loyalty.selectors.pooling import shop_lender
from loyalty.selectors.reorders import refusals
from loyalty.sql import next_purchases as sql
from loyalty.sql.next_purchases import Purchases


class Ask(Protocol):
    """What is expected of one product, asked on a day."""

    def __call__(self, *, today: date | None, slot: int | None) -> Expected | None: ...


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
    """What a customer buys again, and what is expected next."""

    # What is expected first comes first, then what has no rhythm.
    products: list[PurchaseHabit]
    wants_no_reminders: bool


def purchase_habits(customer_id: int, *, today: date) -> PurchaseHabits:
    """Eight queries by indexes, however much they bought."""
    refused = refusals(customer_id)
    found = sql.purchases([customer_id], fewest=FEWEST_PURCHASES)
    known = Known(shop_lender({pair.product_id for pair in found}), {})
    adds = habits.customer_adds(found, known.lender).get(customer_id, 0.0)
    days_of_orders = sql.order_days([customer_id]).get(customer_id, ())
    orders = rhythm(days_of_orders, known.lender.prior)
    put_off = _put_off(customer_id)
    kept = NextPurchase.objects.filter(customer=customer_id)
    seldom = [row for row in kept if row.basis != Basis.OWN.value]
    stated = {(row.product_id, row.last_on): row.due_on for row in kept}
    ids = {pair.product_id for pair in found} | {row.product_id for row in seldom}
    names = Product.objects.in_bulk(ids)
    rows: list[PurchaseHabit] = []
    for pair in found:
        days = sorted(set(pair.days))
        if len(days) >= FEWEST_PURCHASES:
            rows.append(
                PurchaseHabit(
                    product=str(names[pair.product_id]),
                    last_on=days[-1],
                    gaps=[(after - day).days for day, after in pairwise(days)],
                    is_quantity_uneven=_is_uneven(pair),
                    expected=_expected(
                        partial(habits.expected_of, pair, known, orders, adds),
                        today=today,
                        slot=spread.day_of(customer_id, SPREAD_DAYS),
                        stated=stated.get((pair.product_id, days[-1])),
                    ),
                    is_refused=pair.product_id in refused.products,
                    again_on=put_off.get((pair.product_id, days[-1])),
                )
            )
    rows += [
        PurchaseHabit(
            product=str(names[row.product_id]),
            last_on=row.last_on,
            gaps=[],
            is_quantity_uneven=False,
            expected=_kept(row),
            is_refused=row.product_id in refused.products,
            again_on=put_off.get((row.product_id, row.last_on)),
        )
        for row in seldom
    ]
    return PurchaseHabits(_in_order(rows), wants_no_reminders=refused.is_all)


def _expected(
    ask: Ask, *, today: date, slot: int, stated: date | None
) -> Expected | None:
    """A day in the future is as it was; one that went by is the day that the table
    holds, or the one that it would get now.
    """
    found = ask(today=None, slot=None)
    if found is None or found.due_on >= today or found.due_on == stated:
        return found
    if stated is None:
        return ask(today=today, slot=slot)
    return replace(found, due_on=stated, due_by=DueBy.PASSED)


def _kept(row: NextPurchase) -> Expected:
    """What was bought once or twice, as the upkeep found it."""
    return Expected(
        last_on=row.last_on,
        days=row.days,
        due_on=row.due_on,
        intervals=row.intervals,
        basis=Basis(row.basis),
        every=row.days,
        low=row.days,
        high=row.days,
        confidence=None,
        due_by=DueBy.INTERVAL,
    )


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
