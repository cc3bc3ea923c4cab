"""When each customer is expected to buy each product again, kept up to date.

Code that changes orders marks the customers in the same transaction; a sweep works out
the marked ones first. A mark outlives every process, so the table cannot stay wrong.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import chain
from math import exp
from time import monotonic

from django.db import transaction

from crm import selectors as crm
from crm.rules import dates, spread
from loyalty.rules.pooling import Prior
from loyalty.rules.reorder import FEWEST_PURCHASES, SPREAD_DAYS, gaps_of, rhythm
from loyalty.rules.win_back import silent_after
from loyalty.selectors import habits
from loyalty.selectors.habits import Known
from loyalty.services import pooling
from loyalty.sql import next_purchases as sql
from loyalty.sql import silences
from loyalty.sql.next_purchases import Purchases, Row

# A transaction that marks one of them waits for the slice: it stays well under a
# second.
SLICE = 4_000
# Whose buyers one pass marks; the rest of a great list waits for the next one.
_PRODUCTS_AT_ONCE = 1_000
# What the column holds; a thing bought once in a lifetime is nothing to remind of.
_MOST_DAYS = 32_767


@transaction.atomic(savepoint=False)
def mark(customer_ids: Collection[int], *, now: datetime) -> None:
    """Orders of these customers changed: their next purchases are stale."""
    if customer_ids:
        sql.mark(customer_ids, now=now)


@transaction.atomic
def mark_products(product_ids: Collection[int], *, now: datetime) -> None:
    """Facts of these products changed: what is expected of their buyers is stale."""
    if product_ids:
        sql.mark_products(product_ids, now=now)


def process_pending(*, now: datetime, seconds: float = 30) -> int:
    """Work out stale customers again, in slices that commit; how many it were.

    What does not fit into the time is left to the next call, the oldest marks first.
    """
    ends_at = monotonic() + seconds
    today = dates.local_day(now, dates.zone_of(crm.business().time_zone, "UTC"))
    sql.mark_buyers(_PRODUCTS_AT_ONCE, now=now)
    if not sql.has_marks():
        return 0
    pooling.learn_when_old(now=now)
    known, processed = habits.known(), 0
    while slice_ := _process_slice(today, known):
        processed += slice_
        if monotonic() >= ends_at:
            break
    return processed


@transaction.atomic
def _process_slice(today: date, known: Known) -> int:
    # The orders are read after the marks are taken: who changes one in between marks
    # the customer again.
    customers = sql.take_marks(SLICE)
    if customers:
        often = sql.purchases(customers, fewest=FEWEST_PURCHASES)
        seldom = sql.seldom_purchases(
            customers, list(known.usual), fewer=FEWEST_PURCHASES
        )
        days = sql.order_days(customers)
        rows = _rows(often, seldom, days, known, today)
        sql.replace(customers, list(rows))
        silences.replace(customers, _silences(days, known.lender.prior))
    return len(customers)


def _rows(
    often: Sequence[Purchases],
    seldom: Sequence[Purchases],
    days: Mapping[int, Sequence[date]],
    known: Known,
    today: date,
) -> Iterator[Row]:
    prior = known.lender.prior
    rhythms = {
        customer: rhythm(days.get(customer, ()), prior)
        for customer in {pair.customer_id for pair in chain(often, seldom)}
    }
    adds = habits.customer_adds(often, known.lender)
    for pair in chain(often, seldom):
        found = habits.expected_of(
            pair,
            known,
            rhythms.get(pair.customer_id),
            adds.get(pair.customer_id, 0.0),
            today=today,
            slot=spread.day_of(pair.customer_id, SPREAD_DAYS),
        )
        if found and found.every <= _MOST_DAYS:
            yield Row(
                customer_id=pair.customer_id,
                product_id=pair.product_id,
                last_on=found.last_on,
                days=found.every,
                due_on=found.due_on,
                intervals=found.intervals,
                basis=found.basis.value,
            )


def _silences(days: Mapping[int, Sequence[date]], prior: Prior) -> list[silences.Row]:
    found: list[silences.Row] = []
    for customer, on in days.items():
        usual = exp(prior.order_gap(gaps_of(on)))
        last = max(on)
        silent_on = _after(last, silent_after(usual))
        if silent_on:
            found.append(silences.Row(customer, last, round(usual), silent_on))
    return found


def _after(day: date, days: int) -> date | None:
    """None for what lies beyond all calendars."""
    number = day.toordinal() + days
    return date.fromordinal(number) if number <= date.max.toordinal() else None
