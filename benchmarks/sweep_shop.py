"""Customers with days, habits, orders and questions, so that every kind has people due.

What is due falls on the days around `NOW`, a day on which 29 February is thanked for,
and the next one.
"""

from datetime import UTC, datetime

from django.db import connection, transaction

from messaging import kinds
from messaging.models import Automation
from messaging.services import automations

NOW = datetime(2026, 2, 27, 6, 0, tzinfo=UTC)
BEFORE = datetime(2026, 2, 27, 0, 30, tzinfo=UTC)

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
    (ARRAY['GB', 'IL', 'TW', 'US', ''])[1 + n %% 5],
    CASE WHEN n <= %s THEN DATE '2016-01-01' + n %% 3650
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
# One in 32 got something a while ago: asked for a review after 14 days, or
# whether they would recommend us after five.
DELIVERED = """
UPDATE crm_order SET state = 'delivered', delivered_on =
    CASE WHEN customer_id / 32 %% 2 = 0 THEN DATE '2026-02-13' + id::int %% 2
         ELSE DATE '2026-02-22' + id::int %% 2 END
WHERE customer_id %% 32 = 2 AND customer_id <= %s AND id %% 3 = 0
"""
# One in sixteen was asked five days before and has not answered; three more were asked
# at some time of the year before.
ASKED = """
INSERT INTO messaging_message (customer_id, automation_id, kind, category, occurrence,
    state, reason_code, language, due_on, not_before, expires_at, planned_at,
    deferred_reason, smtp_text, transport, final_at, counted_at)
SELECT customer.id, automation.id, automation.kind, 'survey', 'order:main:asked',
    'sent', '', 'en', asked::date, asked, asked + interval '10 days', asked,
    '', '', 'smtp', asked, asked
FROM crm_customer customer
JOIN messaging_automation automation ON automation.kind = 'survey_after_delivery',
LATERAL (SELECT TIMESTAMPTZ '2026-02-22 10:00Z' + make_interval(days => CASE
    WHEN customer.id %% 16 = 3 THEN customer.id::int / 16 %% 2
    ELSE -9 - customer.id::int %% 350 END)) AS at (asked)
WHERE customer.id %% 16 BETWEEN 3 AND 6 AND customer.id <= %s
"""
INVITED = """
INSERT INTO surveys_invitation (survey_id, asking_id, customer_id, occurrence,
    message_id, invited_at, expires_at)
SELECT asking.survey_id, asking.id, message.customer_id, message.occurrence, message.id,
    message.final_at, message.final_at + interval '30 days'
FROM messaging_message message
JOIN surveys_asking asking ON asking.automation_id = message.automation_id
WHERE message.state = 'sent'
"""
# First days are a month ahead: as many as of one day of them come now.
SCHEDULED_ASKS = """
UPDATE surveys_scheduledask SET next_on = DATE '2026-02-27' + customer_id::int / 64 % 2
WHERE customer_id % 64 = 5
"""
FIRST_ORDERS = """
UPDATE crm_customer SET first_order_on = bought.first_on
FROM (SELECT customer_id, min(ordered_on) AS first_on FROM crm_order GROUP BY 1) bought
WHERE bought.customer_id = crm_customer.id
"""


def fill(lively: int, customers: int) -> None:
    """`lively` of them have days and habits; the rest is only many. Every automation is
    on, as its kind suggests it."""
    statements: list[tuple[str, list[object]]] = [
        (PRODUCTS, []),
        (CUSTOMERS, [lively, customers]),
        (ORDERS, [lively, customers * 3 - 1]),
        (LINES, [lively]),
        (DELIVERED, [lively]),
        (FIRST_ORDERS, []),
        (ASKED, [lively]),
        ("UPDATE surveys_survey SET remind_after_days = 5", []),
        (INVITED, []),
        ("INSERT INTO loyalty_stalecustomer SELECT id, now() FROM crm_customer", []),
    ]
    automations.ensure_automations()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        # Our own rows have valid foreign keys: no need to check them.
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement, values in statements:
            cursor.execute(statement, values)
    for automation in Automation.objects.all():
        automations.switch_on(automation, now=BEFORE)
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("VACUUM ANALYZE")


def bring_up_to_date() -> None:
    """What each kind maintains, as the sweeps before this one would have left it."""
    for automation in Automation.objects.filter(is_on=True):
        kinds.get(automation.kind).refresh(automation, NOW)
    with connection.cursor() as cursor:
        cursor.execute(SCHEDULED_ASKS)
        cursor.execute("VACUUM ANALYZE")
