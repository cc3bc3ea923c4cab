"""W2: one sweep over everybody, beside the least SQL that plans the same messages.

    script/bench sweep [--customers 250000] [--full]

Customers with three order lines each on average, in a database of this run's own; the
next purchases are worked out by the real upkeep. The limit is one statement for each
kind on the product's own tables, constraints and indexes, which knows the answer to
every question but who is due: no window, no clock of zones, no rest between mails. The
messages, why they were planned and the reminder items are the same. `--full`:
1,000,000 customers, and twice as many with the same number due. Read the ratios, not
the seconds.
"""

import argparse
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median

from django.db import connection, transaction

from benchmarks.database import own_database
from loyalty.models import NextPurchase
from loyalty.services import next_purchases
from messaging.models import Automation
from messaging.services import automations, planning

# A day on which 29 February is thanked for, and the next one.
NOW = datetime(2026, 2, 27, 6, 0, tzinfo=UTC)
BEFORE = datetime(2026, 2, 27, 0, 30, tzinfo=UTC)
KINDS = ("anniversary", "reorder")
ROUNDS = 3

# Those who are only many have their day in summer.
CUSTOMERS = """
INSERT INTO crm_customer (source, external_id, given_name, family_name, greeting_name,
    sort_name, search_text, email, email_norm, phone_e164, phone_text, language,
    time_zone, country, since_on, since_from, heard_from, heard_text, organisation,
    notes, custom, created_at, updated_at, version, mail_ground)
SELECT 'main', 'C' || n, 'Dana', 'Levi ' || n, 'Dana', 'levi ' || n, 'dana levi ' || n,
    'c' || n || '@example.org', 'c' || n || '@example.org', '', '',
    (ARRAY['en', 'he', 'zh-hans', ''])[1 + n %% 4],
    (ARRAY['', 'Europe/London', 'Asia/Jerusalem', 'Asia/Taipei', 'America/New_York'])
        [1 + n %% 5],
    'GB', CASE WHEN n <= %s THEN DATE '2016-01-01' + n %% 3650
               ELSE DATE '2019-07-01' + n %% 50 END,
    'given', '', '', '', '', '{}', now(), now(), 1, 'Bought'
FROM generate_series(1, %s) n
"""
# One in eight buys the same coffee every thirty days, the last one so that it is due in
# one of four days; the others buy three things once each.
ORDERS = """
INSERT INTO crm_order (id, source, external_id, number, customer_id, nature, state,
    ordered_at, ordered_on, currency, total)
SELECT n, 'main', 'O' || n, 'O' || n, customer, 'sale', 'placed', day, day, 'GBP', 10
FROM (SELECT n, 1 + n / 3 AS customer, CASE WHEN n / 3 %% 8 = 0 AND n / 3 < %s
            THEN DATE '2026-01-28' + n / 24 %% 4 - 30 * (n %% 3)
            ELSE DATE '2025-06-01' + (n * 7) %% 200 END AS day
    FROM generate_series(0, %s) n) made
"""
LINES = """
INSERT INTO crm_orderline (order_id, line_key, customer_id, product_id, ordered_on,
    quantity, unit_price, amount, nature)
SELECT id, '1', customer_id,
    CASE WHEN customer_id %% 8 = 1 AND customer_id <= %s THEN 1
         ELSE 2 + id %% 4000 END,
    ordered_on, 1, 10, 10, 'purchase'
FROM crm_order
"""
PRODUCTS = """
INSERT INTO crm_product (id, source, sku, name, category, nature, version)
SELECT n, 'main', 'P' || n, 'Product ' || n, '', 'product', 1
FROM generate_series(1, 4002) n
"""
# The least that writes the same rows, the answers to all other questions given.
LIMIT = """
INSERT INTO messaging_message (customer_id, automation_id, kind, category, occurrence,
    is_reminder, priority, state, reason_code, reason_data, why, language, due_on,
    not_before, expires_at, planned_at, attempts, refusals, resends, deferrals,
    deferred_reason, message_uuid, smtp_text, transport, on_uncertain)
SELECT due.customer_id, automation.id, automation.kind, 'loyalty', due.occurrence,
    false, automation.priority, 'planned', '', '{{}}', due.why,
    coalesce(nullif(customer.language, ''), 'en'), due.due_on,
    due.due_on + TIME '09:00',
    due.due_on + TIME '09:00' + make_interval(days => automation.life_days), now(),
    0, 0, 0, 0, '', gen_random_uuid(), '', '', 'park'
FROM ({due}) due
JOIN crm_customer customer ON customer.id = due.customer_id
JOIN messaging_automation automation ON automation.kind = %(kind)s
ON CONFLICT (kind, customer_id, occurrence, user_id, address)
    WHERE NOT (state = 'superseded') DO NOTHING
"""
# What a reminder lists is noted as well, from where it was found.
LIMIT_AND_ITEMS = f"""
WITH made AS ({LIMIT} RETURNING id, customer_id)
INSERT INTO loyalty_reminderitem (customer_id, product_id, last_on, due_on, message_id)
SELECT customer_id, product_id, last_on, due_on, made.id
FROM made JOIN loyalty_nextpurchase next USING (customer_id)
WHERE due_on BETWEEN DATE '2026-02-27' AND DATE '2026-02-28'
ON CONFLICT (customer_id, product_id, last_on) DO NOTHING
"""
DUE = {
    "anniversary": """
        SELECT id AS customer_id, '2026' AS occurrence, due_on,
            jsonb_build_object('on', due_on, 'since', since_on) AS why
        FROM (SELECT id, since_on, CASE
                (extract(month FROM since_on) * 100 + extract(day FROM since_on))::int
                WHEN 227 THEN DATE '2026-02-27' ELSE DATE '2026-02-28' END AS due_on
            FROM crm_customer
            WHERE extract(month FROM since_on) * 100 + extract(day FROM since_on)
                    IN (227, 228, 229)
                AND since_on < DATE '2026-01-01'
                AND merged_into_id IS NULL AND erased_at IS NULL) found""",
    "reorder": """
        SELECT customer_id, min(due_on) || ':' || min(product_id) AS occurrence,
            min(due_on) AS due_on, jsonb_build_object('products', jsonb_agg(
                jsonb_build_object('id', product_id, 'last', last_on, 'due', due_on,
                    'days', days, 'n', intervals))) AS why
        FROM loyalty_nextpurchase
        WHERE due_on BETWEEN DATE '2026-02-27' AND DATE '2026-02-28'
        GROUP BY customer_id""",
}

WRITTEN = """
SELECT message.kind, message.customer_id, message.occurrence, message.why::text,
    message.language, message.due_on, item.product_id, item.last_on, item.due_on
FROM messaging_message message
LEFT JOIN loyalty_reminderitem item ON item.message_id = message.id
"""


@dataclass
class Figures:
    customers: int
    due: int
    limit: float
    first: float
    second: float
    pairs: int
    upkeep: float


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="script/bench sweep")
    parser.add_argument("--customers", type=int, default=250_000)
    parser.add_argument("--full", action="store_true")
    options = parser.parse_args(arguments)
    customers = 1_000_000 if options.full else options.customers
    found: list[Figures] = []
    for factor in (1, 2):
        with own_database("sweep"):
            found.append(measure(customers, customers * factor))
        tell(found)
    return 0


def measure(lively: int, customers: int) -> Figures:
    """`lively` of them have days and habits; the rest is only many."""
    fill(lively, customers)
    started = time.perf_counter()
    next_purchases.drain(now=NOW, seconds=7200)
    upkeep = time.perf_counter() - started
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    limits, firsts, seconds, due = [], [], [], 0
    for _ in range(ROUNDS):
        limits.append(timed(limit))
        least = messages()
        forget()
        firsts.append(timed(sweep))
        assert messages() == least, (len(messages()), len(least))
        seconds.append(timed(sweep))
        assert messages() == least
        due = len(least)
        forget()
    return Figures(
        customers=customers,
        due=due,
        limit=median(limits),
        first=median(firsts),
        second=median(seconds),
        pairs=NextPurchase.objects.count(),
        upkeep=upkeep,
    )


def fill(lively: int, customers: int) -> None:
    statements = [
        (PRODUCTS, []),
        (CUSTOMERS, [lively, customers]),
        (ORDERS, [lively, customers * 3 - 1]),
        (LINES, [lively]),
        ("INSERT INTO loyalty_stalecustomer SELECT id, now() FROM crm_customer", []),
    ]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        # Our own rows have valid foreign keys: no need to check them.
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement, values in statements:
            cursor.execute(statement, values)
    automations.ensure_automations()
    for automation in Automation.objects.filter(kind__in=KINDS):
        automations.switch_on(automation, now=BEFORE)
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("VACUUM ANALYZE")


def limit() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for kind, least in (("anniversary", LIMIT), ("reorder", LIMIT_AND_ITEMS)):
            cursor.execute(least.format(due=DUE[kind]), {"kind": kind})


def sweep() -> None:
    planning.sweep(now=NOW, kinds=KINDS)


def messages() -> set[tuple[object, ...]]:
    """Each message with why it was planned, and what was noted with it."""
    with connection.cursor() as cursor:
        cursor.execute(WRITTEN)
        return set(cursor.fetchall())


def forget() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE messaging_message CASCADE")
        cursor.execute("DELETE FROM messaging_sweep")
        cursor.execute("CHECKPOINT")


def timed(work) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def tell(found: list[Figures]) -> None:
    print(
        f"\n{'customers':>10} {'due':>8} {'limit':>8} {'sweep':>8} {'x limit':>8}"
        f" {'again':>8} {'again/1st':>9} {'pairs':>9} {'upkeep':>8}"
    )
    for one in found:
        print(
            f"{one.customers:>10,} {one.due:>8,} {one.limit:7.2f}s {one.first:7.2f}s"
            f" {one.first / one.limit:8.2f} {one.second:7.2f}s"
            f" {one.second / one.first:9.2f} {one.pairs:>9,} {one.upkeep:7.1f}s"
        )
    if len(found) == 2:
        growth = found[1].first / found[0].first
        print(f"twice the customers, the same number due: {growth:.2f} x the time")
    print("targets: sweep <= 1.5 x limit; again <= 0.4 x first; twice <= 1.1 x")
