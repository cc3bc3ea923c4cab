"""What orders and activities earn, by difference: after each change it is worked out
anew what an order entitles to, and what that differs from its entries is one new entry.

Code that changes orders marks the customers in the same transaction; a tick works the
marked ones out in slices. Marks outlive every process, so the ledger cannot stay wrong.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from time import monotonic

from django.db import transaction
from django.db.models import Min

from crm import selectors
from crm.rules.choices import LeapDay
from crm.services import returns
from loyalty.models import Programme
from loyalty.services.programmes import (
    activity_earning,
    order_earning,
    order_shares,
    posting,
)
from loyalty.services.programmes.slices import People, assumed_days
from loyalty.sql import members as members_sql
from loyalty.sql import programme_orders as sql

SLICE = 2_000
# An arrival that was reported for a day that is over.
_OVERLAP = timedelta(days=3)


def mark(customers: Collection[int], *, now: datetime) -> None:
    """What these customers earn has to be worked out again."""
    if Programme.objects.filter(periods__isnull=False).exists():
        sql.mark(customers, now=now)


def mark_orders(orders: Collection[int], *, now: datetime) -> None:
    """More or less of these orders was given back than was known."""
    mark(sql.buyers_of(orders), now=now)


def follow_settings(*, now: datetime) -> None:
    """The shop's days to delivery changed: other orders have arrived, for programmes
    that have no days of their own."""
    rows = Programme.objects.filter(
        assumed_delivery_days=None, periods__isnull=False
    ).aggregate(first=Min("periods__from_on"))
    if rows["first"] is not None:
        sql.mark_buyers_since(rows["first"], now=now)


def mark_arrived(*, now: datetime) -> None:
    """Mark whose orders arrived since this was last looked at, and who had an occasion;
    once a day is enough."""
    shop = selectors.business()
    today = shop.day(now)
    rows = Programme.objects.filter(looked_through__lt=today, periods__isnull=False)
    for programme in rows.distinct():
        with transaction.atomic():
            sql.mark_arrived(
                after=(programme.looked_through or today) - _OVERLAP,
                today=today,
                days=assumed_days(programme, shop),
                now=now,
            )
            activity_earning.mark_occasions(
                programme,
                after=(programme.looked_through or today) - _OVERLAP,
                today=today,
                leap_day=LeapDay(shop.leap_day),
                now=now,
            )
            Programme.objects.filter(pk=programme.pk).update(looked_through=today)


def process_pending(*, now: datetime, seconds: float = 60.0) -> int:
    """Work out marked customers until none is left or the time is over; how many."""
    returns.process_pending(now=now, seconds=seconds / 2)
    mark_arrived(now=now)
    end, count = monotonic() + seconds, 0
    while monotonic() < end and (done := process_batch(now=now)):
        count += done
    return count


@transaction.atomic
def process_batch(*, now: datetime) -> int:
    """One slice of marked customers; how many it had."""
    customers = sql.take_marks(SLICE)
    if customers:
        work_out(customers, now=now)
    return len(customers)


@transaction.atomic
def work_out(customers: Sequence[int], *, now: datetime) -> None:
    """Bring the ledgers of these customers to what their orders and activities are
    now. The ledger of a record that was merged or erased is closed."""
    rows = Programme.objects.filter(periods__isnull=False).distinct()
    rows = rows.order_by("pk").prefetch_related("periods")
    people = People.lock(members_sql.live(customers), list(rows), now)
    for part in people.parts():
        postings = [
            *order_earning.postings(part),
            *order_shares.postings(part),
            *activity_earning.postings(part),
        ]
        posting.book(postings, today=part.today, now=now, locked=people.locked)
