"""From when until when everybody is a customer and what they bring, kept up to date.

Whoever changes orders, contracts or the person marks the customer in the same
transaction; a tick counts the marked ones. Once a day all are counted again, so that
nothing that was missed stays wrong. Both do it by the same statements.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from functools import partial
from time import monotonic

from django.db import connection, transaction

from insights.models import Definition
from insights.services import publishing
from insights.sql import spells as sql
from insights.sql.spending import count_spending

# Whoever marks one of them waits for the slice: it stays well under a second.
SLICE = 4_000
WHOLE_SLICE = 20_000
WHOLE_EVERY = timedelta(hours=24)


@transaction.atomic(savepoint=False)
def mark(customer_ids: Collection[int], *, now: datetime) -> None:
    """These customers are stale. In one order, so that two who mark the same ones
    cannot block each other."""
    if customer_ids:
        with connection.cursor() as cursor:
            cursor.execute(sql.MARK, {"ids": sorted(set(customer_ids)), "now": now})


def process_pending(*, seconds: float = 30) -> int:
    """Count the marked customers again, in slices that commit; how many it were.

    What does not fit into the time is left to the next call, the oldest marks first.
    """
    ends_at, processed = monotonic() + seconds, 0
    while counted := _process_slice():
        processed += counted
        if monotonic() >= ends_at:
            break
    return processed


@transaction.atomic
def _process_slice() -> int:
    with connection.cursor() as cursor:
        # Before the marks are taken: orders are read after both, so that who changes
        # one in between marks the customer again.
        cursor.execute(sql.LOCK)
        cursor.execute(sql.TAKE_MARKS, {"most": SLICE})
        ids = [pk for (pk,) in cursor.fetchall()]
    if ids:
        _count(partial(sql.marked, ids))
    return len(ids)


@transaction.atomic
def count_slice(after: int) -> int | None:
    """Count a slice of all customers, those after this id; the id of its last one, or
    None where nobody is left."""
    with connection.cursor() as cursor:
        cursor.execute(sql.LOCK)
        cursor.execute(sql.SLICE_END, {"after": after, "most": WHOLE_SLICE})
        until: int | None = cursor.fetchone()[0]
    if until is not None:
        _count(partial(sql.between, after, until))
    return until


def count_all() -> None:
    """Count everybody in one go: for commands and tests."""
    last: int | None = 0
    while last is not None:
        last = count_slice(last)


def _count(who: sql.Who) -> None:
    definition = Definition.objects.get(pk=1)
    statements = [
        sql.count_days(who),
        sql.count_spells(
            who,
            days=definition.days,
            by_orders=definition.by_orders,
            by_contract=definition.by_contract,
        ),
        count_spending(who),
    ]
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def keep_up(*, now: datetime, seconds: float) -> int:
    """Count the marked ones; then, once a day, go on with the count of all customers.

    How many marked ones it were.
    """
    began = monotonic()
    processed = process_pending(seconds=seconds)
    while monotonic() - began < seconds and whole_slice(now=now):
        pass
    return processed


@transaction.atomic
def whole_slice(*, now: datetime) -> bool:
    """A slice of the count of all customers, where one is due; whether more is left.

    How far it is stands in the definition, so that it goes on after a kill, and a job
    and the tick do one count together.
    """
    row = Definition.objects.select_for_update(no_key=True).get(pk=1)
    is_running = row.counted_to is not None
    if row.counted_at and row.counted_at > now - WHOLE_EVERY and not is_running:
        return False
    row.counted_to = count_slice(row.counted_to or 0)
    if row.counted_to is None:
        row.counted_at = now
        publishing.publish(row, now=now)
    row.save(update_fields=["counted_to", "counted_at"])
    return row.counted_to is not None
