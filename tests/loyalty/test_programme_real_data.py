"""Points and a punch card over all of 2011 of a real wholesaler, returns included: the
ledger against DuckDB, which reads the file itself and shares no rule with us."""

import csv
import gzip
import os
from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from django.db import connection

from crm.models import Customer, Order
from crm.rules.choices import ProductNature
from crm.rules.trade import line_nature
from crm.selectors import product_rules
from crm.services import returns
from crm.services.product_rules import switch_on
from loyalty.models import Entry, Membership
from loyalty.services.programmes import expiring, orders, programmes
from tests.crm.importing import UCI_RULES
from tests.loyalty.programme_shop import at, card, check, open_shop, programme

DATA = Path(os.environ.get("PERENNIAL_DATA", "../shared/data"))
FILE = DATA / "online_retail_uci.csv.gz"
START, END = at("2010-11-01"), at("2012-01-31")
ASSUMED, WAIT, GOOD_FOR = 4, 14, 180
FILL = """
INSERT INTO crm_customer (source, external_id, given_name, family_name, greeting_name,
    sort_name, search_text, email, email_norm, phone_e164, phone_text, language,
    time_zone, country, since_from, heard_from, heard_text, organisation, notes,
    custom, created_at, updated_at, version, mail_ground)
SELECT DISTINCT 'main', customer, '', '', '', '', '', '', '', '', '', 'en', '', 'GB',
    'entered', '', '', '', '', '{}'::jsonb, now(), now(), 1, ''
FROM sold;
INSERT INTO crm_product (source, sku, name, category, nature, version)
SELECT 'main', sku, sku, '', min(product), 1 FROM sold GROUP BY sku;
INSERT INTO crm_order (source, external_id, number, customer_id, nature, state,
    ordered_at, ordered_on, currency, total)
SELECT 'main', s.invoice, s.invoice, c.id, s.sort, 'placed', s.at, s.at::date, 'GBP', 0
FROM (SELECT invoice, min(customer) AS customer, min(sort) AS sort, min(at) AS at
    FROM sold GROUP BY invoice) s
JOIN crm_customer c ON c.external_id = s.customer;
ANALYZE crm_order, crm_product, crm_customer;
INSERT INTO crm_orderline (order_id, line_key, customer_id, product_id, ordered_on,
    quantity, unit_price, amount, nature)
SELECT o.id, s.line, o.customer_id, p.id, o.ordered_on, s.quantity, s.price,
    s.quantity * s.price, s.nature
FROM sold s JOIN crm_product p ON p.sku = s.sku
JOIN crm_order o ON o.external_id = s.invoice;
ANALYZE crm_orderline;
"""
# Goods that were paid for, and goods that came back; line by line of the file.
MOVED = f"""
CREATE TABLE moved AS
SELECT n, customer_id AS customer, upper(stock_code) AS sku, invoice_no AS invoice,
    min(invoice_date) OVER (PARTITION BY invoice_no) AS moment, quantity, unit_price
FROM (
    SELECT row_number() OVER () AS n, * FROM read_csv('{FILE}', types={{
        'invoice_no': 'VARCHAR', 'stock_code': 'VARCHAR', 'customer_id': 'VARCHAR',
        'unit_price': 'DECIMAL(18, 4)'}})
)
WHERE customer_id IS NOT NULL AND unit_price > 0 AND NOT regexp_matches(
    upper(stock_code),
    '^(POST|DOT|C2|BANK CHARGES|AMAZONFEE|CRUK|M|D|S|B|PADS|GIFT_.*|DCGS.*)$')
"""
ENTITLED = """
CREATE TABLE entitled AS
SELECT customer, moment::DATE AS day,
    floor(sum((quantity - coalesce(taken, 0)) * unit_price))::BIGINT AS points,
    (sum(quantity - coalesce(taken, 0)) > 0)::INT AS stamps
FROM moved LEFT JOIN taken USING (n)
WHERE quantity > 0 AND moment >= DATE '2011-01-01'
GROUP BY invoice, customer, moment
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not FILE.exists(),
        reason="online_retail_uci.csv.gz is not here (PERENNIAL_DATA)",
    ),
]


@pytest.fixture
def counted():
    """By DuckDB, but for the returns: each takes from the latest purchases of the same
    thing by the same customer before it, at most what is left of them."""
    found = duckdb.connect()
    found.execute(MOVED)
    piles, taken = defaultdict(list), defaultdict(int)
    moves = found.execute(
        "SELECT n, customer, sku, quantity FROM moved"
        " ORDER BY moment, quantity < 0, invoice, n"
    ).fetchall()
    for line, customer, sku, quantity in moves:
        pile = piles[customer, sku]
        if quantity > 0:
            pile.append([line, quantity])
        while quantity < 0 and pile:
            part = min(-quantity, pile[-1][1])
            taken[pile[-1][0]] += part
            pile[-1][1] -= part
            quantity += part
            if not pile[-1][1]:
                pile.pop()
    found.execute(
        "CREATE TABLE taken AS SELECT unnest(?) AS n, unnest(?) AS taken",
        [list(taken), list(taken.values())],
    )
    found.execute(ENTITLED)
    return found


def by_member(found, what, since="2011-01-01"):
    rows = found.execute(
        f"SELECT customer, sum({what})::BIGINT FROM entitled WHERE day >= ?"
        f" GROUP BY 1 HAVING sum({what}) > 0",
        [since],
    )
    return dict(rows.fetchall())


def lines():
    natures = product_rules("main")
    with gzip.open(FILE, "rt", newline="") as file:
        for number, row in enumerate(csv.reader(file)):
            invoice, sku, _, quantity, moment, price, customer, _ = row
            if number and customer:
                product: ProductNature = natures.nature_of(sku)
                nature = line_nature(product, Decimal(quantity), Decimal(price))
                sort = "return" if invoice[0] == "C" else "sale"
                kinds = product.value, nature.value
                yield (invoice, sort, sku.upper(), *kinds, str(number),
                       f"{moment}+00", quantity, price, customer)  # fmt: skip


@pytest.fixture
def shop(db):
    open_shop(currency="GBP", assumed=ASSUMED)
    switch_on("main", UCI_RULES, now=START)
    # Read whole: a connection that copies asks no product rules meanwhile.
    sold = list(lines())
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(
            "CREATE TEMP TABLE sold (invoice text, sort text, sku text, product text,"
            " nature text, line text, at timestamptz, quantity int, price numeric,"
            " customer text) ON COMMIT DROP"
        )
        with cursor.copy("COPY sold FROM STDIN") as copy:
            for row in sold:
                copy.write_row(row)
        cursor.execute("ANALYZE sold")
        # Half a minute of foreign keys that hold by the way these rows are made.
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(FILL)
        cursor.execute("SET LOCAL session_replication_role = origin")


def balances(of):
    rows = Membership.objects.filter(programme=of).exclude(balance=0)
    return dict(rows.values_list("customer__external_id", "balance"))


def work(now=END):
    orders.process_pending(now=now, seconds=600)
    expiring.expire(now=now)
    check()


def test_a_year_of_points_and_of_a_card_is_what_duckdb_counts(shop, counted):
    points = programme(
        start=START, on=False, currency="GBP",
        returns_days=WAIT, expiry="days", expires_after=GOOD_FOR,
    )  # fmt: skip
    stamps = card(start=START, on=False, currency="GBP")
    for one in (points, stamps):
        programmes.switch_on(one, since=date(2011, 1, 1), now=END)
    # First as if nothing had come back; then it is known what did.
    orders.process_pending(now=END, seconds=600)
    first = sum(balances(points).values())
    returns.mark_all(list(Customer.objects.values_list("pk", flat=True)), now=END)
    orders.process_pending(now=END, seconds=600)
    check()

    expected = by_member(counted, "points")
    assert len(expected) > 4_000
    assert balances(points) == expected
    assert balances(stamps) == by_member(counted, "stamps")
    assert sum(expected.values()) < first
    assert Entry.objects.filter(kind="reversed").count() > 2_000

    # Ordered on 17 July, there on the 21st, to be spent from 4 August on, and good for
    # 180 days: 27 in August, then 30, 31, 30, 31 and 31 through 31 January.
    work()
    assert balances(points) == by_member(counted, "points", since="2011-07-17")
    work(at("2013-06-01"))
    assert balances(points) == {}
    assert balances(stamps) == by_member(counted, "stamps")

    # Without any order nobody has or owes anything, whatever ran out before.
    Order.objects.update(state="cancelled")
    orders.mark(list(Customer.objects.values_list("pk", flat=True)), now=END)
    work(at("2013-06-02"))
    assert balances(points) == balances(stamps) == {}
    assert not Membership.objects.exclude(owed=0).exists()
