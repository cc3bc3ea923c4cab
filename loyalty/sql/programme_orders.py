"""What programmes read of orders: marks of changed customers, and each order's base."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection
from psycopg.sql import SQL

from crm.sql.ids import array_of

# `WHERE false` writes nothing, but locks the row: see next_purchases.py.
_MARK = SQL("""
INSERT INTO loyalty_stalemember (customer_id, marked_at)
SELECT id, %(now)s FROM unnest(%(customers)s::bigint[]) id
ORDER BY id
ON CONFLICT (customer_id) DO UPDATE SET marked_at = excluded.marked_at WHERE false
""")
_MARK_SINCE = SQL("""
INSERT INTO loyalty_stalemember (customer_id, marked_at)
SELECT DISTINCT customer_id, %(now)s::timestamptz FROM crm_order
WHERE ordered_on >= %(since)s AND nature = 'sale' AND state <> 'cancelled'
ORDER BY customer_id
ON CONFLICT (customer_id) DO UPDATE SET marked_at = excluded.marked_at WHERE false
""")
# By the indexes order_delivered and order_assumed_delivered.
_MARK_ARRIVED = SQL("""
INSERT INTO loyalty_stalemember (customer_id, marked_at)
SELECT DISTINCT customer_id, %(now)s::timestamptz FROM (
    SELECT customer_id FROM crm_order
    WHERE nature = 'sale' AND state <> 'cancelled' AND delivered_on IS NOT NULL
        AND delivered_on > %(after)s AND delivered_on <= %(today)s
    UNION ALL
    SELECT customer_id FROM crm_order
    WHERE nature = 'sale' AND state <> 'cancelled' AND delivered_on IS NULL
        AND ordered_on > %(after)s::date - %(days)s::int
        AND ordered_on <= %(today)s::date - %(days)s::int
) arrived
ORDER BY customer_id
ON CONFLICT (customer_id) DO UPDATE SET marked_at = excluded.marked_at WHERE false
""")
# Looked up one by one: the table is empty whenever its statistics are taken, and a join
# of what is thought to be tiny compares each with each.
_TAKE = SQL("""
DELETE FROM loyalty_stalemember WHERE customer_id = ANY(ARRAY(
    SELECT customer_id FROM loyalty_stalemember
    ORDER BY marked_at LIMIT %s FOR UPDATE SKIP LOCKED
))
RETURNING customer_id
""")
# The rows of a slice are few, and the indexes that find them are in memory: else all
# lines of the shop are read with every slice.
_PREPARE_SLICE = SQL("SET LOCAL random_page_cost = 1.1")
# What came back of a line is worked out by its number, at the price that was paid, to
# the places of money; so the sum of parts is exact. By the index return_match_purchase.
_FACTS = SQL("""
WITH sale AS MATERIALIZED (
    SELECT id, customer_id, ordered_at, ordered_on, currency, number, external_id,
        -- Delivered, nobody knows when: not later than today.
        CASE WHEN state = 'delivered' THEN least(arrival, %(today)s) ELSE arrival END
            AS arrived_on,
        state = 'delivered' OR arrival <= %(today)s AS has_arrived
    FROM crm_order, LATERAL (
        SELECT coalesce(delivered_on, ordered_on + %(assumed)s::int) AS arrival) known
    WHERE customer_id = ANY(%(customers)s::bigint[]) AND nature = 'sale'
        AND state <> 'cancelled'
        AND (ordered_on >= %(since)s OR id = ANY(%(pinned)s::bigint[]))
), line AS MATERIALIZED (
    SELECT sale.id, l.line_key, l.product_id, l.nature, l.quantity, l.amount, l.tax
    FROM sale JOIN crm_orderline l ON l.order_id = sale.id
), returned AS (
    SELECT m.order_id AS id, m.line AS line_key, sum(m.quantity) AS quantity
    FROM sale JOIN crm_returnmatch m ON m.order_id = sale.id
    GROUP BY m.order_id, m.line
), kept AS (
    SELECT line.id, line.amount,
        greatest(line.quantity - coalesce(returned.quantity, 0), 0) AS items,
        line.amount - CASE
            WHEN coalesce(returned.quantity, 0) <= 0 THEN 0
            WHEN returned.quantity >= line.quantity THEN line.amount
            ELSE round(line.amount * returned.quantity / line.quantity, 4)
        END AS left_of_it,
        (cardinality(%(products)s::bigint[]) = 0
                AND cardinality(%(categories)s::text[]) = 0
            OR product.id = ANY(%(products)s::bigint[])
            OR product.category = ANY(%(categories)s::text[]))
            AND product.id <> ALL(%(not_products)s::bigint[])
            AND product.category <> ALL(%(not_categories)s::text[]) AS counts,
        line.tax, CASE WHEN line.tax IS NULL THEN product.tax_percent END AS tax_percent
    FROM line
    LEFT JOIN returned USING (id, line_key)
    JOIN crm_product product ON product.id = line.product_id
    -- A line of before its product was known to be a gift card is a purchase.
    WHERE line.nature = 'purchase' AND product.nature <> 'gift_card'
), discount AS (
    SELECT line.id, -sum(line.amount) AS amount
    FROM line JOIN crm_product product ON product.id = line.product_id
    WHERE line.nature IN ('charge', 'writeoff') AND line.amount < 0
        AND product.nature NOT IN ('postage', 'fee', 'gift_card')
    GROUP BY line.id
), summed AS (
    SELECT id, sum(amount) AS goods, sum(left_of_it) AS goods_kept,
        coalesce(sum(left_of_it) FILTER (WHERE counts), 0) AS kept,
        coalesce(sum(items) FILTER (WHERE counts), 0) AS items,
        array_agg(tax_percent) FILTER (WHERE counts AND tax_percent IS NOT NULL)
            AS rates,
        array_agg(left_of_it) FILTER (WHERE counts AND tax_percent IS NOT NULL)
            AS taxed,
        array_agg(ARRAY[left_of_it, amount, tax])
            FILTER (WHERE counts AND tax IS NOT NULL AND amount > 0) AS own
    FROM kept GROUP BY id
)
SELECT sale.id, sale.customer_id, sale.ordered_at, sale.ordered_on, sale.currency,
    sale.arrived_on, sale.has_arrived, sale.external_id,
    summed.goods, summed.goods_kept, summed.kept, summed.items,
    coalesce(discount.amount, 0),
    EXISTS (
        SELECT FROM loyalty_redemption used
        JOIN loyalty_code code ON code.id = used.code_id
        JOIN loyalty_reward reward ON reward.id = code.reward_id AND reward.is_offer
        WHERE used.state = 'redeemed' AND used.order_key = sale.external_id),
    summed.rates, summed.taxed, summed.own
FROM sale
JOIN summed ON summed.id = sale.id
LEFT JOIN discount ON discount.id = sale.id
""")
_BUYERS_SINCE = SQL("""
SELECT DISTINCT customer_id FROM crm_order
WHERE ordered_on >= %s AND nature = 'sale' AND state <> 'cancelled'
ORDER BY customer_id
""")
_BUYERS = SQL("""
SELECT DISTINCT customer_id FROM crm_order WHERE id = ANY(%s::bigint[])
""")


@dataclass(frozen=True)
class Scope:
    """Which products count for a rule; empty: all."""

    products: tuple[int, ...] = ()
    categories: tuple[str, ...] = ()
    not_products: tuple[int, ...] = ()
    not_categories: tuple[str, ...] = ()


class Facts(NamedTuple):
    """An order as it stands; the order of the columns above. `goods_kept`: of all that
    was bought; `kept` and `items`: of what counts within a scope; `taxed`: of it what
    lines whose product says its tax come to, each at one of the `rates`; `own`: of each
    line that says its tax itself what is left of it, its amount and its tax."""

    id: int
    customer: int
    at: datetime
    on: date
    currency: str
    arrived_on: date
    has_arrived: bool
    key: str
    goods: Decimal
    goods_kept: Decimal
    kept: Decimal
    items: Decimal
    discount: Decimal
    has_offer: bool
    rates: list[Decimal] | None = None
    taxed: list[Decimal] | None = None
    own: list[tuple[Decimal, Decimal, Decimal]] | None = None


def mark(customers: Collection[int], *, now: datetime) -> None:
    """Mark customers whose orders changed."""
    with connection.cursor() as cursor:
        cursor.execute(_MARK, {"now": now, "customers": sorted(set(customers))})


def buyers_of(orders: Collection[int]) -> list[int]:
    """Whose orders these are."""
    with connection.cursor() as cursor:
        cursor.execute(_BUYERS, [list(orders)])
        return [pk for (pk,) in cursor.fetchall()]


def buyers_since(since: date) -> list[int]:
    """Anyone who ordered on this day or later."""
    with connection.cursor() as cursor:
        cursor.execute(_BUYERS_SINCE, [since])
        return [pk for (pk,) in cursor.fetchall()]


def mark_buyers_since(since: date, *, now: datetime) -> None:
    """Mark whoever ordered on this day or later."""
    with connection.cursor() as cursor:
        cursor.execute(_MARK_SINCE, {"since": since, "now": now})


def mark_arrived(*, after: date, today: date, days: int, now: datetime) -> None:
    """Mark whose orders arrived, or are taken to have after so many `days`, between
    these days."""
    values: Any = {"after": after, "today": today, "days": days, "now": now}
    with connection.cursor() as cursor:
        cursor.execute(_MARK_ARRIVED, values)


def take_marks(most: int) -> list[int]:
    """The customers marked longest ago, locked for us until the commit; what follows in
    this transaction finds rows by their indexes."""
    with connection.cursor() as cursor:
        cursor.execute(_PREPARE_SLICE)
        cursor.execute(_TAKE, [most])
        return sorted(pk for (pk,) in cursor.fetchall())


def facts(
    customers: Sequence[int],
    scope: Scope,
    *,
    since: date,
    pinned: Sequence[int],
    assumed: int,
    today: date,
) -> list[Facts]:
    """The sales of these customers since a day, and `pinned` ones of any day. Without a
    delivery they are taken to arrive after `assumed` days."""
    values: Any = {
        "customers": array_of(customers),
        "since": since,
        "pinned": array_of(pinned),
        "assumed": assumed,
        "today": today,
        "products": list(scope.products),
        "categories": list(scope.categories),
        "not_products": list(scope.not_products),
        "not_categories": list(scope.not_categories),
    }
    with connection.cursor() as cursor:
        cursor.execute(_FACTS, values)
        return list(map(Facts._make, cursor.fetchall()))
