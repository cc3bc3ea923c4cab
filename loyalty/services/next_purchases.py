"""When each customer is expected to buy each product again, kept up to date.

Whoever changes orders marks the customers in the same transaction; a sweep works out
the marked ones first. A mark outlives every process, so the table cannot stay wrong.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from time import monotonic

from django.db import transaction

from crm import selectors as crm
from crm.rules import dates, spread
from loyalty.rules.reorder import (
    FEWEST_PURCHASES,
    SPREAD_DAYS,
    Bought,
    expected,
    rhythm,
)
from loyalty.sql import next_purchases as sql
from loyalty.sql.next_purchases import Purchases, Row

# Whoever marks one of them waits for the slice: it stays well under a second.
SLICE = 4_000
# What the column holds; a thing bought once in a lifetime is nothing to remind of.
_MOST_DAYS = 32_767


@transaction.atomic
def mark(customer_ids: Collection[int], *, now: datetime) -> None:
    """Orders of these customers changed: their next purchases are stale."""
    if customer_ids:
        sql.mark(customer_ids, now=now)


def drain(*, now: datetime, seconds: float = 30) -> int:
    """Work out stale customers again, in slices that commit; how many it were.

    What does not fit into the time is left to the next call, the oldest marks first.
    """
    ends_at = monotonic() + seconds
    today = dates.local_day(now, dates.zone_of(crm.business().time_zone, "UTC"))
    drained = 0
    while slice_ := _drain_slice(today):
        drained += slice_
        if monotonic() >= ends_at:
            break
    return drained


@transaction.atomic
def _drain_slice(today: date) -> int:
    # The orders are read after the marks are taken: who changes one in between marks
    # the customer again.
    customers = sql.take_marks(SLICE)
    if customers:
        found = sql.purchases(customers, fewest=FEWEST_PURCHASES)
        sql.replace(customers, list(_rows(found, today)))
    return len(customers)


def _rows(found: Sequence[Purchases], today: date) -> Iterator[Row]:
    days = sql.order_days({pair.customer_id for pair in found})
    rhythms = {customer: rhythm(on) for customer, on in days.items()}
    for pair in found:
        bought = list(map(Bought, pair.days, pair.quantities))
        next_one = expected(
            bought,
            rhythms.get(pair.customer_id),
            today=today,
            slot=spread.day_of(pair.customer_id, SPREAD_DAYS),
        )
        if next_one and next_one.every <= _MOST_DAYS:
            yield Row(
                customer_id=pair.customer_id,
                product_id=pair.product_id,
                last_on=next_one.last_on,
                days=next_one.every,
                due_on=next_one.due_on,
                intervals=next_one.intervals,
                basis=next_one.basis.value,
            )
