"""Baskets counted in slices of products: which of them lie together, and how often."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from django.db import connection
from psycopg.sql import SQL, Literal

from crm.sql import staging
from loyalty.rules.complements import FEWEST_CUSTOMERS, LARGEST_BASKET

_TABLE = staging.temporary(
    "loyalty_basket", "order_id bigint, customer_id bigint, product_id bigint"
)
# Each product of each basket once; great baskets are left out as a whole.
_FILL = SQL("""
INSERT INTO loyalty_basket
SELECT DISTINCT line.order_id, line.customer_id, line.product_id
FROM crm_orderline line
JOIN crm_product product ON product.id = line.product_id
WHERE line.nature = 'purchase' AND line.quantity > 0 AND product.nature = 'product'
  AND line.ordered_on >= %(since)s AND line.ordered_on < %(before)s
  AND line.order_id IN (
    SELECT order_id FROM crm_orderline
    WHERE nature = 'purchase' AND ordered_on >= %(since)s AND ordered_on < %(before)s
    GROUP BY order_id HAVING count(DISTINCT product_id) <= {largest})
""").format(largest=Literal(LARGEST_BASKET))
_EVERYBODY = "SELECT count(DISTINCT customer_id) FROM loyalty_basket"
# Only of these can a pair have enough customers.
_PRODUCTS = SQL("""
SELECT product_id, count(DISTINCT customer_id) FROM loyalty_basket
GROUP BY product_id HAVING count(DISTINCT customer_id) >= {fewest}
""").format(fewest=Literal(FEWEST_CUSTOMERS))
_PAIRS = SQL("""
SELECT one.product_id, other.product_id, count(DISTINCT one.customer_id)
FROM loyalty_basket one
JOIN loyalty_basket other
    ON other.order_id = one.order_id AND other.product_id <> one.product_id
WHERE one.product_id = ANY(%(products)s::bigint[])
  AND other.product_id = ANY(%(known)s::bigint[])
GROUP BY one.product_id, other.product_id
HAVING count(DISTINCT one.customer_id) >= {fewest}
""").format(fewest=Literal(FEWEST_CUSTOMERS))
_KEEP = """
INSERT INTO loyalty_complement AS kept
    (product_id, goes_with_id, customers, lift, lift_low, counted_on, pick)
SELECT *, 'found' FROM unnest(%s::bigint[], %s::bigint[], %s::int[], %s::float8[],
    %s::float8[], %s::date[])
ON CONFLICT (product_id, goes_with_id) DO UPDATE
SET customers = excluded.customers, lift = excluded.lift,
    lift_low = excluded.lift_low, counted_on = excluded.counted_on
"""
# What staff chose stays, without figures that hold no longer.
_FORGET = """
DELETE FROM loyalty_complement WHERE pick = 'found' AND counted_on < %s
"""
_UNCOUNT = """
UPDATE loyalty_complement
SET customers = NULL, lift = NULL, lift_low = NULL, counted_on = NULL
WHERE pick <> 'found' AND counted_on < %s
"""


class Row(NamedTuple):
    """A pair as it should stand; the order of the columns above."""

    product_id: int
    goes_with_id: int
    customers: int
    lift: float
    lift_low: float
    counted_on: date


def gather(since: date, before: date) -> None:
    """Lay out the baskets of these days, for this transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_TABLE)
        cursor.execute("TRUNCATE loyalty_basket")
        cursor.execute(_FILL, {"since": since, "before": before})
        # Without its figures the planner would take it for a small one.
        cursor.execute("ANALYZE loyalty_basket")


def everybody() -> int:
    """How many customers have a basket that counts."""
    with connection.cursor() as cursor:
        cursor.execute(_EVERYBODY)
        ((found,),) = cursor.fetchall()
    return int(found)


def buyers() -> dict[int, int]:
    """Product id to its customers, of products with enough of them."""
    with connection.cursor() as cursor:
        cursor.execute(_PRODUCTS)
        return dict(cursor.fetchall())


def pairs(products: Sequence[int], known: Sequence[int]) -> list[tuple[int, int, int]]:
    """(product, other, customers with both in one basket) of these products."""
    with connection.cursor() as cursor:
        cursor.execute(_PAIRS, {"products": list(products), "known": list(known)})
        found: list[tuple[int, int, int]] = cursor.fetchall()
    return found


def keep(rows: Sequence[Row]) -> None:
    """Write what was found; what staff chose keeps their choice."""
    if not rows:
        return
    columns = [list(column) for column in zip(*rows, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, columns)


def forget(counted_on: date) -> None:
    """What the count up to that day did not find again is no complement any more."""
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, [counted_on])
        cursor.execute(_UNCOUNT, [counted_on])
