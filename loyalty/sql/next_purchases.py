"""Upkeep of next purchases: marks in, slices of stale customers out."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from django.db import connection
from psycopg.sql import SQL

# `WHERE false` writes nothing, but locks the row: a pass skips it until we are
# through, and where the pass was first we wait, find the mark gone and make a new one.
_MARK = SQL("""
INSERT INTO loyalty_stalecustomer (customer_id, marked_at)
SELECT id, %s FROM unnest(%s::bigint[]) id
ON CONFLICT (customer_id) DO UPDATE SET marked_at = excluded.marked_at WHERE false
""")
# Looked up one by one: the table is empty whenever its statistics are taken, and a join
# of what is thought to be tiny compares each with each.
_TAKE = SQL("""
DELETE FROM loyalty_stalecustomer WHERE customer_id = ANY(ARRAY(
    SELECT customer_id FROM loyalty_stalecustomer
    ORDER BY marked_at LIMIT %s FOR UPDATE SKIP LOCKED
))
RETURNING customer_id
""")
_MARK_PRODUCTS = SQL("""
INSERT INTO loyalty_staleproduct (product_id, marked_at)
SELECT id, %s FROM unnest(%s::bigint[]) id
ON CONFLICT (product_id) DO UPDATE SET marked_at = excluded.marked_at WHERE false
""")
# The buyers in one order, as above. No index leads from a product to its lines: all of
# them are read once for many products.
_SPREAD = SQL("""
WITH oldest AS MATERIALIZED (
    SELECT product_id FROM loyalty_staleproduct
    ORDER BY product_id LIMIT %s FOR UPDATE SKIP LOCKED
), taken AS (
    DELETE FROM loyalty_staleproduct mark USING oldest
    WHERE mark.product_id = oldest.product_id
    RETURNING mark.product_id
), marked AS (
    INSERT INTO loyalty_stalecustomer (customer_id, marked_at)
    SELECT DISTINCT line.customer_id, %s::timestamptz
    FROM crm_orderline line JOIN taken ON taken.product_id = line.product_id
    WHERE line.nature = 'purchase'
    ORDER BY line.customer_id
    ON CONFLICT (customer_id) DO UPDATE SET marked_at = excluded.marked_at WHERE false
)
SELECT count(*) FROM taken
""")
# By the index order_line_purchases; a pair with too few lines never leaves the server.
_PURCHASES = SQL("""
SELECT bought.customer_id, bought.product_id, bought.days, bought.quantities
FROM (
    SELECT customer_id, product_id, array_agg(ordered_on) AS days,
           array_agg(quantity) AS quantities
    FROM crm_orderline
    WHERE nature = 'purchase' AND quantity > 0 AND customer_id = ANY(%s::bigint[])
    GROUP BY customer_id, product_id
    HAVING count(*) >= %s
) bought
JOIN crm_product product ON product.id = bought.product_id
WHERE product.nature = 'product'
""")
# What they bought too seldom to have a rhythm, of the few products of which something
# is known whoever buys them.
_SELDOM = SQL("""
SELECT customer_id, product_id, array_agg(ordered_on), array_agg(quantity)
FROM crm_orderline
WHERE nature = 'purchase' AND quantity > 0 AND customer_id = ANY(%s::bigint[])
  AND product_id = ANY(%s::bigint[])
GROUP BY customer_id, product_id
HAVING count(*) < %s
""")
_ORDER_DAYS = SQL("""
SELECT customer_id, array_agg(DISTINCT ordered_on)
FROM crm_orderline
WHERE nature = 'purchase' AND customer_id = ANY(%s::bigint[])
GROUP BY customer_id
""")
_FORGET = SQL("""
DELETE FROM loyalty_nextpurchase kept
WHERE kept.customer_id = ANY(%s::bigint[])
  AND NOT EXISTS (
    SELECT FROM unnest(%s::bigint[], %s::bigint[]) stated (customer_id, product_id)
    WHERE stated.customer_id = kept.customer_id
      AND stated.product_id = kept.product_id
)
""")
_STATE = SQL("""
INSERT INTO loyalty_nextpurchase AS kept
    (customer_id, product_id, last_on, days, due_on, intervals, basis)
SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::date[], %s::int[], %s::date[],
    %s::int[], %s::text[])
ON CONFLICT (customer_id, product_id) DO UPDATE
SET last_on = excluded.last_on, days = excluded.days, due_on = excluded.due_on,
    intervals = excluded.intervals, basis = excluded.basis
WHERE (kept.last_on, kept.days, kept.due_on, kept.intervals, kept.basis)
    IS DISTINCT FROM (excluded.last_on, excluded.days, excluded.due_on,
        excluded.intervals, excluded.basis)
""")


@dataclass(frozen=True)
class Purchases:
    """What one customer bought of one product: days and quantities, in any order."""

    customer_id: int
    product_id: int
    days: list[date]
    quantities: list[Decimal]


class Row(NamedTuple):
    """A next purchase as it should stand; the order of the columns above."""

    customer_id: int
    product_id: int
    last_on: date
    days: int
    due_on: date
    intervals: int
    basis: str


def mark(customer_ids: Collection[int], *, now: datetime) -> None:
    """Mark customers whose next purchases have to be worked out again."""
    # In one order, so that two who mark the same customers cannot block each other.
    with connection.cursor() as cursor:
        cursor.execute(_MARK, [now, sorted(set(customer_ids))])


def mark_products(product_ids: Collection[int], *, now: datetime) -> None:
    """Mark products whose buyers have to be worked out again."""
    with connection.cursor() as cursor:
        cursor.execute(_MARK_PRODUCTS, [now, sorted(set(product_ids))])


def mark_buyers(most: int, *, now: datetime) -> int:
    """Mark the buyers of so many marked products; how many products it were."""
    with connection.cursor() as cursor:
        cursor.execute(_SPREAD, [most, now])
        ((found,),) = cursor.fetchall()
    return int(found)


def has_marks() -> bool:
    """Whether anybody is marked."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM loyalty_stalecustomer)")
        ((found,),) = cursor.fetchall()
    return bool(found)


def take_marks(most: int) -> list[int]:
    """The customers marked longest ago, locked for us until the commit."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [most])
        return [pk for (pk,) in cursor.fetchall()]


def purchases(customer_ids: Sequence[int], *, fewest: int) -> list[Purchases]:
    """Purchases by customer and product, of products with `fewest` days or more."""
    with connection.cursor() as cursor:
        cursor.execute(_PURCHASES, [list(customer_ids), fewest])
        return [Purchases(*found) for found in cursor.fetchall()]


def seldom_purchases(
    customer_ids: Sequence[int], product_ids: Sequence[int], *, fewer: int
) -> list[Purchases]:
    """Purchases of these products by customers with fewer lines of them than that."""
    if not product_ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_SELDOM, [list(customer_ids), list(product_ids), fewer])
        return [Purchases(*found) for found in cursor.fetchall()]


def order_days(customer_ids: Collection[int]) -> dict[int, list[date]]:
    """The days on which each of them bought anything, in any order."""
    with connection.cursor() as cursor:
        cursor.execute(_ORDER_DAYS, [list(customer_ids)])
        return dict(cursor.fetchall())


def replace(customer_ids: Sequence[int], rows: Sequence[Row]) -> None:
    """From now on these are all the next purchases of these customers."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    columns = columns or [[] for _ in range(7)]
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, [list(customer_ids), *columns[:2]])
        if rows:
            cursor.execute(_STATE, columns)
