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
from django.db import connection
from django.test.utils import CaptureQueriesContext

from loyalty.rules.backtest import Pair, backtest
from loyalty.rules.reorder import Bought, Rhythm, rhythm
from loyalty.selectors import backtest as selectors
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

    assert found.rhythm == Rhythm(day(-10), 10)


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


def test_the_purchases_are_read_once(customer, beans):
    for _ in range(3):
        buy(CustomerFactory(), beans, -60, -30, -10)

    with CaptureQueriesContext(connection) as seen:
        assert len(pairs()) == 3

    assert sum("crm_orderline" in query["sql"] for query in seen) == 1


# --- A real file ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def bought():
    """(customer, product) to {day: quantity}: quantity and price above 0, not void."""
    if not FILE.exists():
        pytest.skip("online_retail_uci.csv.gz is not here (PERENNIAL_DATA)")
    found = defaultdict(lambda: defaultdict(int))
    with gzip.open(FILE, "rt", newline="") as file:
        for line in csv.DictReader(file):
            quantity = int(line["quantity"])
            if (
                line["customer_id"]
                and not line["invoice_no"].startswith("C")
                and quantity > 0
                and float(line["unit_price"]) > 0
            ):
                pair = line["customer_id"], line["stock_code"]
                found[pair][date.fromisoformat(line["invoice_date"][:10])] += quantity
    return found


def of_the_file(bought, cutoff):
    orders = defaultdict(set)
    for (customer, _), days in bought.items():
        orders[customer] |= {on for on in days if on < cutoff}
    rhythms = {customer: rhythm(days) for customer, days in orders.items()}
    for number, ((customer, _), days) in enumerate(bought.items()):
        before = [Bought(on, Decimal(days[on])) for on in days if on < cutoff]
        if len(before) >= 4:
            after = min((on for on in days if on >= cutoff), default=None)
            yield Pair(int(customer), number, before, after, rhythms[customer])


@pytest.fixture(scope="module")
def tried(bought):
    """The backtest of the first of a month in 2011; each is worked out once."""

    @cache
    def of_month(month):
        cutoff = date(2011, month, 1)
        return backtest(of_the_file(bought, cutoff), cutoff=cutoff)

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
    assert found.every.shipped.hits >= 630
    # More than chance would do, customers being what is drawn.
    assert found.every.gain > found.every.gain_margin95


@pytest.mark.slow
def test_the_shipped_rule_speaks_as_often_and_is_right_far_more_often(tried):
    found = tried(9)

    assert found.shipped.predicted <= found.every.plain.predicted
    assert found.shipped.hits >= 1.4 * found.every.plain.hits


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
    found = {row.key: row.shipped for row in tried(9).by_confidence}
    between = {
        (low, high): (found[low].hits - found[high].hits)
        / (found[low].predicted - found[high].predicted)
        for low, high in (("0.20", "0.25"), ("0.30", "0.35"), ("0.40", "0.50"))
    }

    for (low, high), share in between.items():
        assert float(low) - 0.07 < share < float(high) + 0.07
