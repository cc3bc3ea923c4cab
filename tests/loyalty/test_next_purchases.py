"""Next purchases kept up to date: marked in the change, worked out in slices."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import transaction

from crm.models import Business, OrderLine, Product
from crm.rules import spread
from crm.services import orders, products
from crm.services.orders import OrderLineInput
from loyalty.models import NextPurchase, StaleCustomer, StaleProduct
from loyalty.rules.reorder import SPREAD_DAYS
from loyalty.services import next_purchases
from tests.factories import CustomerFactory, OrderFactory, ProductFactory

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)


def buy(customer, *days, sku="BEANS", quantity=1, **more):
    for day in days:
        orders.record_order(
            now=NOW,
            customer=customer,
            order_id=f"{sku}/{day}",
            ordered_at=datetime.combine(day, NOW.time(), UTC),
            lines=[OrderLineInput(sku, Decimal(quantity), Decimal(9), product=sku)],
            **more,
        )


def stale():
    return set(StaleCustomer.objects.values_list("customer", flat=True))


def kept():
    return list(
        NextPurchase.objects.order_by("pk").values_list(
            "pk", "customer", "last_on", "days", "due_on", "intervals", "basis"
        )
    )


def process_pending():
    return next_purchases.process_pending(now=NOW)


JANUARY, FEBRUARY, MARCH = date(2026, 1, 1), date(2026, 1, 31), date(2026, 3, 2)
DECEMBER = date(2025, 12, 2)


@pytest.fixture
def customer(db):
    return CustomerFactory()


def test_an_order_marks_its_customer(customer):
    CustomerFactory()

    buy(customer, JANUARY)

    assert stale() == {customer.pk}


def test_an_order_that_moves_to_another_customer_marks_both(customer):
    other = CustomerFactory()
    buy(customer, JANUARY)
    process_pending()

    buy(other, JANUARY)

    assert stale() == {customer.pk, other.pk}


def test_a_pass_states_what_is_expected(customer):
    buy(customer, JANUARY, FEBRUARY, MARCH)

    assert process_pending() == 1

    (row,) = kept()
    assert row[1:] == (customer.pk, MARCH, 30, date(2026, 4, 1), 2, "own")
    assert stale() == set()


def test_a_day_that_passed_by_is_reckoned_from_the_shops_day_of_the_pass(customer):
    Business.objects.update(time_zone="Pacific/Kiritimati")
    buy(customer, JANUARY, FEBRUARY, MARCH)

    # Noon in London is tomorrow there: they last bought on 3 March, were expected on
    # 2 April, and now it is the 3rd.
    next_purchases.process_pending(now=datetime(2026, 4, 2, 12, tzinfo=UTC))

    assert kept()[0][4] == own_day(customer.pk, date(2026, 4, 10))


@pytest.mark.slow
def test_days_that_passed_before_an_import_are_spread_over_four_weeks(db):
    ids = [CustomerFactory().pk for _ in range(120)]
    # Who went on after three purchases: others may, too.
    went_on = [CustomerFactory().pk for _ in range(80)]
    goods = ProductFactory()
    OrderLine.objects.bulk_create(
        OrderLine(
            order=OrderFactory(customer_id=pk),
            line_key=str(day),
            customer_id=pk,
            product=goods,
            ordered_on=day,
            quantity=1,
            unit_price=9,
            amount=9,
            nature="purchase",
        )
        for pk in ids + went_on
        for day in (
            *([DECEMBER] if pk in went_on else []),
            *(JANUARY, FEBRUARY + (pk % 11 - 5) * timedelta(days=1), MARCH),
        )
    )
    next_purchases.mark(ids, now=NOW)

    next_purchases.process_pending(now=datetime(2026, 4, 3, 12, tzinfo=UTC))

    days = dict(NextPurchase.objects.values_list("customer", "due_on"))
    assert days == {pk: own_day(pk, date(2026, 4, 10)) for pk in ids}
    # Four a day would be perfect.
    assert max(Counter(days.values()).values()) <= 11


def own_day(customer_id, earliest):
    slot = spread.day_of(customer_id, SPREAD_DAYS)
    days = (earliest + timedelta(days=ahead) for ahead in range(SPREAD_DAYS))
    return next(day for day in days if day.toordinal() % SPREAD_DAYS == slot)


def test_processing_twice_writes_nothing(customer):
    buy(customer, JANUARY, FEBRUARY, MARCH)
    process_pending()
    before = kept()
    versions = set(
        NextPurchase.objects.extra(select={"x": "xmin::text"}).values_list("x")
    )

    next_purchases.mark([customer.pk], now=NOW)
    process_pending()

    assert kept() == before
    assert versions == set(
        NextPurchase.objects.extra(select={"x": "xmin::text"}).values_list("x")
    )


def test_what_is_no_rhythm_any_more_is_forgotten(customer):
    buy(customer, JANUARY, FEBRUARY, MARCH)
    process_pending()

    buy(customer, MARCH, status="cancelled")
    process_pending()

    assert kept() == []


def test_forgetting_one_product_leaves_the_others(customer):
    for sku in ("BEANS", "TEA"):
        buy(customer, JANUARY, FEBRUARY, MARCH, sku=sku)
    process_pending()

    buy(customer, MARCH, sku="TEA", status="cancelled")
    process_pending()

    assert [row.product.sku for row in NextPurchase.objects.all()] == ["BEANS"]


def test_more_quantity_lasts_longer(customer):
    buy(customer, JANUARY, FEBRUARY)
    buy(customer, MARCH, quantity=4)
    process_pending()

    assert kept()[0][4] > date(2026, 4, 1)


def test_all_slices_are_processed(customer, monkeypatch):
    monkeypatch.setattr(next_purchases, "SLICE", 2)
    others = [customer.pk, *(CustomerFactory().pk for _ in range(4))]
    next_purchases.mark(others, now=NOW)

    assert process_pending() == 5
    assert stale() == set()


def test_what_does_not_fit_into_the_time_is_left_for_the_next(customer, monkeypatch):
    monkeypatch.setattr(next_purchases, "SLICE", 1)
    next_purchases.mark([customer.pk, CustomerFactory().pk], now=NOW)

    assert next_purchases.process_pending(now=NOW, seconds=0) == 1
    assert len(stale()) == 1


def test_a_change_that_is_rolled_back_marks_no_one(customer):
    with transaction.atomic():
        buy(customer, JANUARY)
        transaction.set_rollback(True)

    assert stale() == set()


def test_a_product_that_lasts_so_long_moves_the_days_of_its_buyers_alone(customer):
    buy(customer, MARCH)
    other = CustomerFactory()
    buy(other, MARCH, sku="MUG")
    process_pending()
    product = Product.objects.get(sku="BEANS")

    products.update_product(product, changes={"days_of_supply": 40}, now=NOW)

    assert (process_pending(), StaleProduct.objects.count()) == (1, 0)
    ((_, who, last, days, _, _, basis),) = kept()
    assert (who, last, days, basis) == (customer.pk, MARCH, 40, "supply")


def test_a_new_price_marks_nobody(customer):
    buy(customer, MARCH)
    process_pending()
    facts = {"price": Decimal(9), "currency": "EUR"}

    products.update_product(Product.objects.get(), changes=facts, now=NOW)

    assert process_pending() == 0
