"""37: whatever is bought, an order's total is the sum of its rounded lines.

Random orders in currencies of nought to four places go through the import, and
PostgreSQL, which has a rounding of its own, adds them up again from the same file.
"""

import random

import pytest
from django.db import connection

from crm.models import Order
from tests.crm.importing import take_orders
from web.rules import money

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

ORDERS = 100_000
CURRENCIES = ("EUR", "GBP", "JPY", "KRW", "KWD", "TND", "CLF")
HEADER = "order_id,customer_id,ordered_at,currency,sku,quantity,unit_price\n"

WRONG_LINES = """
    SELECT count(*) FROM crm_orderline l
    JOIN crm_order o ON o.id = l.order_id
    JOIN places p USING (currency)
    WHERE l.amount <> round(l.quantity * l.unit_price, p.places)
"""
WRONG_TOTALS = """
    WITH given AS (
        SELECT order_id, sum(round(quantity * unit_price, places)) AS total
        FROM file JOIN places USING (currency) GROUP BY order_id)
    SELECT count(*) FROM given
    FULL JOIN (SELECT * FROM crm_order WHERE external_id ~ '^O[0-9]+$') o
        ON o.external_id = given.order_id
    WHERE o.total IS DISTINCT FROM given.total
"""


def write_orders(path, chance):
    with path.open("w") as file:
        file.write(HEADER)
        for number in range(ORDERS):
            currency = chance.choice(CURRENCIES)
            for _ in range(chance.choice((1, 1, 2, 3))):
                quantity = chance.randint(-2_000, 9_000) / 1_000 or 1
                # Many end in a 5, where roundings part.
                price = chance.randint(0, 40_000) * 5 / 10_000
                file.write(
                    f"O{number},C{number % 5_000},2026-05-01,{currency},"
                    f"S{chance.randint(1, 300)},{quantity:.3f},{price:.4f}\n"
                )
    return path


def test_the_totals_of_random_orders_are_the_sums_of_their_rounded_lines(tmp_path):
    path = write_orders(tmp_path / "orders.csv", random.Random(37))
    # Those of the other tests' shop, where they ran before.
    others = Order.objects.count()

    report = take_orders(path, create_customers=True, numbers="point")

    assert report.refused_by_reason == {}
    assert Order.objects.count() == others + ORDERS
    with connection.cursor() as cursor:
        load(cursor, path)
        assert count_of(cursor, WRONG_LINES) == 0
        assert count_of(cursor, WRONG_TOTALS) == 0


def load(cursor, path):
    cursor.execute("CREATE TEMP TABLE places (currency text, places int)")
    cursor.executemany(
        "INSERT INTO places VALUES (%s, %s)",
        [(currency, money.places_of(currency)) for currency in CURRENCIES],
    )
    cursor.execute(
        "CREATE TEMP TABLE file (order_id text, customer_id text, day text,"
        " currency text, sku text, quantity numeric, unit_price numeric)"
    )
    with (
        path.open("rb") as file,
        cursor.copy("COPY file FROM STDIN (FORMAT csv, HEADER)") as copy,
    ):
        while block := file.read(2**20):
            copy.write(block)


def count_of(cursor, query):
    cursor.execute(query)
    return cursor.fetchone()[0]
