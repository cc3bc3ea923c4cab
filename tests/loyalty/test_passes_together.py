"""Passes beside imports and beside each other: no mark is lost, no row is doubled."""

import threading
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection, transaction

from crm.services import orders
from crm.services.orders import OrderLineInput
from loyalty.models import NextPurchase, StaleCustomer
from loyalty.services import next_purchases
from loyalty.sql import next_purchases as sql
from tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 4, 2, 12, tzinfo=UTC)
DAYS = [date(2026, 1, 1), date(2026, 1, 31), date(2026, 3, 2), date(2026, 4, 1)]
PATIENCE = 20


def buy(customer, *days):
    for day in days:
        orders.record_order(
            now=NOW,
            customer=customer,
            order_id=f"{customer.pk}/{day}",
            ordered_at=datetime.combine(day, NOW.time(), UTC),
            lines=[OrderLineInput("BEANS", Decimal(1), Decimal(9))],
        )


def process_pending():
    return next_purchases.process_pending(now=NOW)


def expected():
    return sorted(NextPurchase.objects.values_list("customer", "last_on"))


def stale():
    return set(StaleCustomer.objects.values_list("customer", flat=True))


class Beside(threading.Thread):
    """Work in a connection of its own; what it raised is raised again by `done`."""

    def __init__(self, work):
        super().__init__(daemon=True)
        self.work, self.error, self.answer = work, None, None
        self.start()

    def run(self):
        try:
            self.answer = self.work()
        except BaseException as error:
            self.error = error
        finally:
            connection.close()

    def done(self):
        self.join(PATIENCE)
        assert not self.is_alive()
        if self.error:
            raise self.error
        return self.answer


@contextmanager
def stopped_after(monkeypatch, name):
    """A pass that waits behind this step, with its marks taken, until we let it on."""
    reached, go = threading.Event(), threading.Event()
    step = getattr(sql, name)
    first = threading.Lock()

    def stopping(*args, **kwargs):
        found = step(*args, **kwargs)
        if first.acquire(blocking=False):
            found = found if name == "take_marks" else list(found)
            reached.set()
            assert go.wait(PATIENCE)
        return found

    monkeypatch.setattr(sql, name, stopping)
    running = Beside(process_pending)
    assert reached.wait(PATIENCE)
    try:
        yield
    finally:
        go.set()
        running.done()


@pytest.mark.parametrize("step", ["take_marks", "purchases"])
def test_an_order_made_while_a_pass_runs_is_not_lost(monkeypatch, step):
    customer = CustomerFactory()
    buy(customer, *DAYS[:3])

    with stopped_after(monkeypatch, step):
        ordering = Beside(lambda: buy(customer, DAYS[3]))
        ordering.join(0.3)
    ordering.done()

    # The pass that went on may have found the new mark itself, in its next slice.
    assert stale() <= {customer.pk}
    process_pending()
    assert expected() == [(customer.pk, DAYS[3])]


def test_a_pass_passes_by_whom_an_open_transaction_has_marked():
    customer = CustomerFactory()
    buy(customer, *DAYS[:3])

    with transaction.atomic():
        buy(customer, DAYS[3])
        assert Beside(process_pending).done() == 0

    assert process_pending() == 1
    assert expected() == [(customer.pk, DAYS[3])]


@pytest.mark.slow
def test_two_passes_share_the_work(monkeypatch):
    monkeypatch.setattr(next_purchases, "SLICE", 3)
    customers = [CustomerFactory() for _ in range(12)]
    for customer in customers:
        buy(customer, *DAYS[:3])

    both = [Beside(process_pending), Beside(process_pending)]

    assert sum(one.done() for one in both) == 12
    assert expected() == sorted((one.pk, DAYS[2]) for one in customers)
    assert stale() == set()


def test_a_pass_that_is_killed_leaves_its_marks():
    customer = CustomerFactory()
    buy(customer, *DAYS[:3])

    def killed():
        with transaction.atomic():
            assert sql.take_marks(10) == [customer.pk]
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    with pytest.raises(Exception, match="terminat"):
        Beside(killed).done()

    assert stale() == {customer.pk}
    process_pending()
    assert expected() == [(customer.pk, DAYS[2])]


def test_two_who_mark_the_same_customers_do_not_block_each_other_for_ever():
    ids = [CustomerFactory().pk for _ in range(20)]
    barrier = threading.Barrier(2)

    def mark(order):
        for _ in range(20):
            barrier.wait(PATIENCE)
            next_purchases.mark(order, now=NOW)

    both = [Beside(lambda: mark(ids)), Beside(lambda: mark(ids[::-1]))]
    for one in both:
        one.done()

    assert stale() == set(ids)
