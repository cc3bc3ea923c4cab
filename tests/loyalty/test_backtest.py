"""The purchases that the backtest reads, and its reading of a real file."""

import csv
import gzip
import os
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from psycopg.sql import SQL

from loyalty.rules.backtest import Pair, backtest
from loyalty.rules.reorder import Bought, Rhythm, rhythm
from loyalty.selectors import backtest as selectors
from loyalty.selectors import pooling
from tests.factories import (
    CustomerFactory,
    OrderFactory,
    OrderLineFactory,
    ProductFactory,
)

CUTOFF = date(2026, 6, 1)
DATA = Path(os.environ.get("PERENNIAL_DATA", "../shared/data"))
FILE = DATA / "online_retail_uci.csv.gz"


def day(number):
    return CUTOFF + timedelta(number)


# --- What is read --------------------------------------------------------------------


@pytest.fixture
def customer(db):
    return CustomerFactory()


@pytest.fixture
def beans(db):
    return ProductFactory(name="Beans")


def buy(customer, product, *days, quantity=1, source="main", **line):
    for number in days:
        order = OrderFactory(customer=customer, ordered_on=day(number), source=source)
        OrderLineFactory(order=order, product=product, quantity=quantity, **line)


def pairs(**options):
    return list(selectors.pairs(cutoff=CUTOFF, **options))


def test_a_pair_is_what_lies_before_and_the_first_purchase_after(customer, beans):
    buy(customer, beans, -90, -60, -30, 3, 33)

    (found,) = pairs()

    assert (found.customer_id, found.product_id) == (customer.pk, beans.pk)
    assert list(found.before) == [Bought(day(n), Decimal(1)) for n in (-90, -60, -30)]
    assert found.bought_on == day(3)


def test_the_cutoff_itself_belongs_to_the_answer(customer, beans):
    buy(customer, beans, -60, -30, -1, 0)

    (found,) = pairs()

    assert (len(found.before), found.bought_on) == (3, CUTOFF)


def test_one_day_is_one_purchase_of_all_its_quantities(customer, beans):
    buy(customer, beans, -60, -30, -30, -1, quantity=2)

    (found,) = pairs()

    assert [int(one.quantity) for one in found.before] == [2, 4, 2]
    assert found.bought_on is None


def test_the_rhythm_is_that_of_all_the_customers_orders_before_the_cutoff(
    customer, beans
):
    buy(customer, beans, -60, -30, -20)
    buy(customer, ProductFactory(), -50, -10, 5)
    buy(CustomerFactory(), beans, -1)

    (found,) = pairs()

    # The geometric mean of 10, 20, 10, 10, drawn towards the shop's.
    assert found.rhythm == Rhythm(day(-10), 12)


@pytest.mark.parametrize("nature", ["return", "charge", "writeoff"])
def test_what_is_no_purchase_is_not_read(customer, beans, nature):
    buy(customer, beans, -60, -30, -10, quantity=-1, nature=nature)
    buy(customer, beans, -61, -31, -11, nature=nature)

    assert pairs() == []


def test_postage_is_read_where_it_is_asked_for(customer):
    postage = ProductFactory(nature="postage")
    buy(customer, postage, -60, -30, -10, nature="charge")

    assert pairs() == []
    assert len(pairs(with_charges=True)) == 1


def test_only_orders_of_the_source_are_read(customer, beans):
    buy(customer, beans, -60, -30, source="shop")
    buy(customer, beans, -10)

    assert len(pairs()) == 1
    assert pairs(source="shop") == []


def test_the_purchases_are_read_twice(customer, beans):
    for _ in range(3):
        buy(CustomerFactory(), beans, -60, -30, -10)

    with CaptureQueriesContext(connection) as seen:
        assert len(pairs()) == 3

    # To learn from, and to be asked of.
    assert sum("crm_orderline" in query["sql"] for query in seen) == 2


# --- A real file ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def bought():
    """(customer, number of the product) to {day: quantity}; none void, none free."""
    if not FILE.exists():
        pytest.skip("online_retail_uci.csv.gz is not here (PERENNIAL_DATA)")
    found = defaultdict(lambda: defaultdict(int))
    numbers = defaultdict(lambda: len(numbers))
    with gzip.open(FILE, "rt", newline="") as file:
        for line in csv.DictReader(file):
            quantity = int(line["quantity"])
            if (
                line["customer_id"]
                and not line["invoice_no"].startswith("C")
                and quantity > 0
                and float(line["unit_price"]) > 0
            ):
                number = numbers[line["stock_code"]]
                pair = int(line["customer_id"]), number
                found[pair][date.fromisoformat(line["invoice_date"][:10])] += quantity
    return found


def of_the_file(bought, cutoff, lender):
    by_customer = defaultdict(list)
    for (customer, product), days in bought.items():
        by_customer[customer].append((product, days))
    for customer, products in by_customer.items():
        known = {n: [on for on in days if on < cutoff] for n, days in products}
        orders = rhythm({on for days in known.values() for on in days}, lender.prior)
        adds = lender.customer_adds(known.values())
        for number, days in products:
            before = [Bought(on, Decimal(days[on])) for on in known[number]]
            if len(before) >= 4:
                after = min((on for on in days if on >= cutoff), default=None)
                pool = lender.pool(adds, number)
                yield Pair(customer, number, before, after, orders, pool)


@pytest.fixture(scope="module")
def lines(bought, django_db_setup, django_db_blocker):
    """The file as a table that ends with the module."""
    with django_db_blocker.unblock(), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                """CREATE TEMP TABLE bought_line (customer_id bigint, product_id bigint,
                ordered_on date, quantity numeric)"""
            )
            with cursor.copy("COPY bought_line FROM STDIN") as copy:
                for (customer, product), days in bought.items():
                    for on, quantity in days.items():
                        copy.write_row((customer, product, on, quantity))
        yield SQL("SELECT * FROM bought_line")
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def tried(bought, lines):
    """The backtest of the first of a month in 2011; each is worked out once."""

    @cache
    def of_month(month):
        cutoff = date(2011, month, 1)
        lender = pooling.lender(*pooling.learn(lines, (), before=cutoff))
        return backtest(of_the_file(bought, cutoff, lender), cutoff=cutoff)

    return of_month


@pytest.mark.slow
def test_the_plain_rule_gives_the_published_count(tried):
    found = tried(9)

    assert found.pairs == 5_465
    assert (found.every.plain.predicted, found.every.plain.bought_again) == (
        2_885,
        2_155,
    )
    assert (found.every.plain.hits, found.every.plain.median_error) == (539, 18.0)


@pytest.mark.slow
def test_the_shipped_rule_beats_it_on_the_same_pairs(tried):
    found = tried(9)

    assert found.every.shipped.predicted == 2_885
    assert found.every.gain >= 6
    # More than chance would do, customers being what is drawn.
    assert found.every.gain > found.every.gain_margin95


@pytest.mark.slow
def test_the_shipped_rule_speaks_as_often_and_is_right_far_more_often(tried):
    found = tried(9)

    assert found.shipped.predicted <= found.every.plain.predicted
    assert found.shipped.hits >= 1.45 * found.every.plain.hits


@pytest.mark.slow
@pytest.mark.parametrize("month", [6, 7, 8, 10])
def test_it_is_no_worse_at_other_cutoffs(tried, month):
    found = tried(month)

    assert found.every.shipped.hits > found.every.plain.hits
    assert found.spoken.shipped.hits > found.spoken.plain.hits
    assert found.shipped.precision > found.every.plain.precision + 3


@pytest.mark.slow
def test_a_confidence_is_the_share_that_comes_true(tried):
    """Of 100 expectations with a confidence of 30 %, about 30 do."""
    # Below 10 % are 46 pairs, of which one came true.
    told = [one for one in tried(9).calibration if one.low >= 0.1]
    enough = [one for one in told if one.margin95]

    assert len(enough) >= 8
    for one in enough:
        came = 100 * one.came / one.pairs
        assert abs(came - 100 * one.said) <= max(one.margin95, 4)


@pytest.mark.slow
def test_nothing_is_learned_from_the_cutoff_on(tried, lines):
    """Emptied of all that came after it, the file teaches the same."""
    cutoff = date(2011, 9, 1)
    before = SQL("SELECT * FROM bought_line WHERE ordered_on < '2011-09-01'")

    assert pooling.learn(lines, (), before=cutoff) == pooling.learn(
        before, (), before=cutoff
    )
