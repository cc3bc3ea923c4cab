"""Reorder reminders of a whole year of a real wholesaler: one mail per person."""

import csv
import gzip
import os
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection

from crm.models import Customer
from crm.rules.choices import ProductNature
from crm.selectors import product_rules
from crm.services.product_rules import switch_on
from loyalty.models import NextPurchase, ReminderItem
from loyalty.services import next_purchases
from messaging.models import Automation, Message
from messaging.services import automations, planning
from tests.crm.importing import UCI_RULES

DATA = Path(os.environ.get("PERENNIAL_DATA", "../shared/data"))
FILE = DATA / "online_retail_uci.csv.gz"
NOW = datetime(2011, 12, 12, 12, tzinfo=UTC)
TABLES = """
CREATE TEMP TABLE bought (customer text, sku text, day date, quantity int)
ON COMMIT DROP;
"""
FILL = """
ANALYZE bought;
INSERT INTO crm_customer (source, external_id, given_name, family_name, greeting_name,
    sort_name, search_text, email, email_norm, phone_e164, phone_text, language,
    time_zone, country, since_from, heard_from, heard_text, organisation, notes,
    custom, created_at, updated_at, version, mail_ground)
SELECT DISTINCT 'main', customer, '', '', '', '', '', customer || '@shop.example',
    customer || '@shop.example', '', '', 'en', 'Europe/London', 'GB', 'entered', '',
    '', '', '', '{}'::jsonb, now(), now(), 1, 'Bought'
FROM bought;
INSERT INTO crm_product (source, sku, name, category, nature, version)
SELECT DISTINCT 'main', sku, sku, '', 'product', 1 FROM bought;
INSERT INTO crm_order (source, external_id, number, customer_id, nature, state,
    ordered_at, ordered_on, currency, total)
SELECT 'main', b.customer || b.day, '', c.id, 'sale', 'placed', b.day, b.day, 'GBP', 0
FROM (SELECT DISTINCT customer, day FROM bought) b
JOIN crm_customer c ON c.external_id = b.customer;
ANALYZE crm_order, crm_product, crm_customer;
INSERT INTO crm_orderline (order_id, line_key, customer_id, product_id, ordered_on,
    quantity, unit_price, amount, nature)
SELECT o.id, row_number() OVER (), o.customer_id, p.id, b.day, b.quantity, 1, 1,
    'purchase'
FROM bought b JOIN crm_product p ON p.sku = b.sku
JOIN crm_order o ON o.external_id = b.customer || b.day;
ANALYZE crm_orderline, crm_order, crm_product, crm_customer;
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not FILE.exists(),
        reason="online_retail_uci.csv.gz is not here (PERENNIAL_DATA)",
    ),
]


def purchases():
    """Lines that are a purchase of goods by somebody we know."""
    rules = product_rules("main")
    with gzip.open(FILE, "rt", newline="") as file:
        for line in csv.reader(file):
            invoice, sku, _, quantity, at, price, customer, _ = line
            if not customer or invoice[0] == "C" or not quantity.isdigit():
                continue
            if float(price) > 0 and rules.nature_of(sku) is ProductNature.PRODUCT:
                yield customer, sku.upper(), at[:10], quantity


@pytest.fixture
def shop(db):
    automations.ensure_automations()
    automation = Automation.objects.get(kind="reorder")
    automations.switch_on(automation, now=NOW - timedelta(days=12))
    bring_in()


def bring_in():
    """The file as rows of customers, products, orders and lines."""
    switch_on("main", UCI_RULES, now=NOW)
    # Read whole: a connection that copies asks no product rules meanwhile.
    bought = list(purchases())
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(TABLES)
        with cursor.copy("COPY bought FROM STDIN") as copy:
            for row in bought:
                copy.write_row(row)
        # Half a minute of foreign keys that hold by the way these rows are made.
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(FILL)
        cursor.execute("SET LOCAL session_replication_role = origin")


def test_nine_days_in_december_write_to_no_one_twice_a_day(shop):
    """Those whose day had passed are spread over weeks, of which these are days."""
    customers = Customer.objects.values_list("pk", flat=True)
    next_purchases.mark(list(customers), now=NOW)

    for step in range(0, 9 * 24, 12):
        planning.sweep(now=NOW + timedelta(hours=step), kinds=["reorder"])
        Message.objects.filter(
            state="planned", not_before__lte=NOW + timedelta(hours=step)
        ).update(state="sent", counted_at=NOW + timedelta(hours=step), final_at=NOW)

    sent = Counter(
        Message.objects.exclude(counted_at=None).values_list(
            "customer", "counted_at__date"
        )
    )
    assert len(sent) > 50
    assert max(sent.values()) == 1
    # Somebody has dozens of products due and gets one mail for all of them.
    sizes = Counter(ReminderItem.objects.values_list("message", flat=True))
    assert max(sizes.values()) > 5
    assert NextPurchase.objects.count() > 500
