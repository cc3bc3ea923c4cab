"""A great shop for the benchmarks of people: customers, their orders and answers.

Made by the database itself from one seed, so that two runs have the same rows. A few
buy often and most once or twice; names repeat as names do; one record in forty is a
second record of somebody who is there already.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from crm.services import order_sums
from crm.sql import order_sums as sums_sql

CUSTOMERS = 1_000_000
# Of each: 2.5 orders on average, with two lines each.
_SEED = "SELECT setseed(0.42)"
_GIVEN = "(ARRAY['Ana','Ben','Carla','David','Eva','Femi','Gita','Hugo','Ines','Jan'])"
_MIDDLE = "(ARRAY['bel','dor','fan','gir','hol','jor','kas','lun','mar','nor'])"
_END = "(ARRAY['berg','dahl','feld','gard','holm','lund','man','sen','ski','son'])"
# Who somebody is, and how they buy: `n` times from `first_on` on, for `span` days.
_PEOPLE = """
CREATE TEMPORARY TABLE person ON COMMIT DROP AS
SELECT n AS id,
    {given}[1 + floor(random() * 10)::int]
        || {middle}[1 + floor(random() * 10)::int] AS given,
    initcap({middle}[1 + floor(random() * 10)::int]
        || {middle}[1 + floor(random() * 10)::int]
        || {end}[1 + floor(random() * 10)::int]) AS family,
    %(today)s::date - (random() ^ 1.5 * 3000)::int AS first_on,
    random() AS stays, 1 + floor(random() * 12)::int AS month,
    1 + floor(random() * 28)::int AS day, 1940 + floor(random() * 65)::int AS year,
    random() AS lot, 5 + floor(random() ^ 3 * 200) AS price,
    CASE WHEN random() < 0.1 THEN 0
        ELSE least(60, floor((1 - random()) ^ -0.6 * 1.3 - 0.2))::int END AS orders
FROM generate_series(1, %(customers)s) n
"""
_SECOND_RECORDS = """
UPDATE person p SET given = o.given, family = o.family, month = o.month, day = o.day,
    year = o.year, lot = o.lot
FROM person o WHERE p.id %% 40 = 0 AND o.id = p.id - 39
"""
_CUSTOMERS = """
INSERT INTO crm_customer (source, external_id, given_name, family_name, greeting_name,
    sort_name, search_text, email, email_norm, phone_e164, phone_text, language,
    time_zone, country, birth_month, birth_day, birth_year, since_on, since_from,
    heard_from, heard_text, organisation, notes, custom, created_at, updated_at,
    version, mail_ground, first_order_on, last_order_on)
SELECT 'main', 'C' || p.id, given, family, given, lower(family || ' ' || given),
    lower(given || ' ' || family || ' c' || p.id), address, address, phone, phone,
    (ARRAY['en', 'he', 'zh-hans', ''])[1 + p.id %% 4], '',
    (ARRAY['GB', 'DE', 'IL', ''])[1 + p.id %% 4],
    CASE WHEN lot < 0.4 THEN month END, CASE WHEN lot < 0.4 THEN day END,
    CASE WHEN lot < 0.2 THEN year END, first_on, 'given', '', '',
    CASE WHEN lot > 0.85 THEN 'Company ' || p.day * 1000 + p.year ELSE '' END, '',
    '{{}}', now(), now(), 1, 'Bought',
    CASE WHEN orders > 0 THEN first_on END,
    CASE WHEN orders > 0 THEN first_on + ((%(today)s::date - first_on) * stays
        * (orders - 1) / orders)::int END
FROM (SELECT p.*,
    CASE WHEN p.id %% 40 = 0 AND p.id %% 80 > 0 THEN 'c' || p.id - 39
        ELSE 'c' || p.id END || '@example.org' AS address,
    CASE WHEN lot < 0.5 THEN '+4915' || 100000000
        + CASE WHEN p.id %% 80 = 0 THEN p.id - 39 ELSE p.id END ELSE '' END AS phone
    FROM person p) p
ORDER BY p.id
"""
# The last one lies where the customer says: each is one step of the span.
_ORDERS = """
INSERT INTO crm_order (id, source, external_id, number, customer_id, nature, state,
    ordered_at, ordered_on, currency, total)
SELECT row_number() OVER (), 'main', 'O' || c.id || '-' || k, 'O' || c.id || '-' || k,
    c.id, 'sale', 'placed', on_day, on_day,
    CASE WHEN p.id %% 5 = 0 THEN 'EUR' ELSE 'GBP' END, 2 * price
FROM person p JOIN crm_customer c ON c.external_id = 'C' || p.id
CROSS JOIN LATERAL (SELECT k, first_on + ((%(today)s::date - first_on) * stays
        * k / orders)::int AS on_day FROM generate_series(0, orders - 1) k) step
"""
_LINES = """
INSERT INTO crm_orderline (order_id, line_key, customer_id, product_id, ordered_on,
    quantity, unit_price, amount, nature)
SELECT o.id, line, o.customer_id, 1 + (o.customer_id * line + o.id / 3) %% 4000,
    o.ordered_on, 1, o.total / 2, o.total / 2, 'purchase'
FROM crm_order o CROSS JOIN generate_series(1, 2) line
"""
_PRODUCTS = """
INSERT INTO crm_product (id, source, sku, name, category, nature, version)
SELECT n, 'main', 'P' || n, 'Product ' || n, 'Category ' || n %% 40, 'product', 1
FROM generate_series(1, 4000) n
"""
# Every sixth was asked twice; three of four answers are confirmed.
_INVITATIONS = """
INSERT INTO surveys_invitation (survey_id, customer_id, occurrence, invited_at,
    expires_at, state)
SELECT (SELECT min(id) FROM surveys_survey), c.id, k::text,
    %(now)s - make_interval(days => 20 + 180 * k),
    %(now)s - make_interval(days => 180 * k - 10), 'answered'
FROM crm_customer c CROSS JOIN generate_series(1, 2) k
WHERE c.first_order_on IS NOT NULL AND c.id %% 6 = 0
"""
_RESPONSES = """
INSERT INTO surveys_response (invitation_id, survey_id, survey_version_id, customer_id,
    scale, score, comment, state, first_at, confirmed_at, changeable_until, language)
SELECT id, survey_id,
    (SELECT live_version_id FROM surveys_survey s WHERE s.id = survey_id), customer_id,
    'nps', floor((1 - random() ^ 2) * 11)::int, '',
    CASE WHEN id %% 4 = 0 THEN 'provisional' ELSE 'confirmed' END, invited_at,
    CASE WHEN id %% 4 > 0 THEN invited_at END, expires_at, 'en'
FROM surveys_invitation
"""
_INDEXES = """
SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i
WHERE i.indrelid = ANY (%s::regclass[])
    AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)
"""
COUNTED = {
    "customers": "crm_customer",
    "orders": "crm_order",
    "order lines": "crm_orderline",
    "answers": "surveys_response",
}


def fill(customers: int, *, now: datetime, statements: Sequence[str]) -> None:
    """Make the rows, the sums of orders and the core as the product keeps them."""
    values = {"customers": customers, "today": now.date(), "now": now}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        # Our own rows have valid foreign keys: no need to check them.
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(_SEED)
        # Made at the end and all at once: a fraction of what each row would cost.
        indexes = take_away_indexes(cursor, list(COUNTED.values()))
        for statement in statements:
            cursor.execute(statement, values)
        cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
        for definition in indexes:
            cursor.execute(definition)
        cursor.execute("ANALYZE")
        cursor.execute(sums_sql.COUNT_ALL)
    with connection.cursor() as cursor:
        # At the full size on a busy machine: what follows takes longer than a page may.
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("VACUUM ANALYZE")
    order_sums.mark_core(now=now)


def take_away_indexes(cursor: CursorWrapper, tables: Sequence[str]) -> list[str]:
    """Drop every index of these tables that no constraint needs; what makes each of
    them again."""
    cursor.execute(_INDEXES, [list(tables)])
    found = list(cursor.fetchall())
    for name, _ in found:
        cursor.execute(f"DROP INDEX {name}")
    return [definition for _, definition in found]


PEOPLE = (
    _PEOPLE.format(given=_GIVEN, middle=_MIDDLE, end=_END),
    _SECOND_RECORDS,
    _CUSTOMERS.format(),
)
TRADE = (_PRODUCTS, _ORDERS, _LINES)
ANSWERS = (_INVITATIONS, _RESPONSES)


def sizes() -> str:
    """How many rows there are of each, in words."""
    with connection.cursor() as cursor:
        found = []
        for name, table in COUNTED.items():
            cursor.execute(f"SELECT count(*) FROM {table}")
            found.append(f"{cursor.fetchone()[0]:,} {name}")
    return ", ".join(found)
