"""Upkeep of matched returns: marks in, the lines of a slice of customers out."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection
from psycopg.sql import SQL

from crm.rules.returns import Match, Rest

# Anyone who has returns, and whose returns were matched before and are gone now. As for
# next purchases, `WHERE false` locks the mark that is there, so that a pass skips
# it until we are through.
_MARK = SQL("""
INSERT INTO crm_stalereturn (customer_id, marked_at)
SELECT customer_id, %(now)s FROM (
    SELECT customer_id FROM crm_orderline
    WHERE nature = 'return' AND customer_id = ANY(%(customers)s)
    UNION
    SELECT o.customer_id FROM crm_order o
    WHERE o.id = ANY(%(orders)s) AND (
        EXISTS (SELECT FROM crm_returnmatch m WHERE m.returned_id = o.id)
        OR EXISTS (SELECT FROM crm_unmatchedreturn u WHERE u.returned_id = o.id))
    ORDER BY 1
) concerned
ON CONFLICT (customer_id) DO UPDATE SET marked_at = excluded.marked_at WHERE false
""")
_MARK_ALL = SQL("""
INSERT INTO crm_stalereturn (customer_id, marked_at)
SELECT id, %s FROM unnest(%s::bigint[]) id ORDER BY id
ON CONFLICT (customer_id) DO UPDATE SET marked_at = excluded.marked_at WHERE false
""")
# Looked up one by one: the table is empty whenever its statistics are taken, and a join
# of what is thought to be tiny compares each with each.
_TAKE = SQL("""
DELETE FROM crm_stalereturn WHERE customer_id = ANY(ARRAY(
    SELECT customer_id FROM crm_stalereturn
    ORDER BY marked_at LIMIT %s FOR UPDATE SKIP LOCKED
))
RETURNING customer_id
""")
# By the index order_line_returns.
# The lines first, so that no plan reads all lines for each order where the tables are
# not known yet: that took 17 minutes for
# a file of half a million lines.
_RETURNS = SQL("""
WITH l AS MATERIALIZED (
    SELECT order_id, line_key, customer_id, product_id, quantity, returned_order,
        returned_line
    FROM crm_orderline
    WHERE nature = 'return' AND quantity < 0 AND customer_id = ANY(%s)
)
SELECT l.order_id, l.line_key, l.customer_id, l.product_id, o.currency, o.ordered_at,
    o.source, o.external_id, -l.quantity, l.returned_order, l.returned_line,
    n.id, n.customer_id
FROM l
JOIN crm_order o ON o.id = l.order_id
LEFT JOIN crm_order n ON l.returned_order <> '' AND n.source = o.source
    AND n.external_id = l.returned_order
""")
# Of the products that came back, and of the orders that returns name.
_PURCHASES = SQL("""
SELECT l.order_id, l.line_key, l.customer_id, l.product_id, o.currency, o.ordered_at,
    o.source, o.external_id, l.quantity
FROM (
    SELECT l.* FROM unnest(%(customers)s::bigint[], %(products)s::bigint[])
        AS back (customer_id, product_id)
    JOIN crm_orderline l USING (customer_id, product_id) WHERE l.nature = 'purchase'
    UNION
    SELECT l.* FROM crm_orderline l
    WHERE l.order_id = ANY(%(orders)s) AND l.nature = 'purchase'
        AND l.customer_id = ANY(%(customers)s)
) l
JOIN crm_order o ON o.id = l.order_id
WHERE l.quantity > 0
""")
_FORGET_MATCHES = SQL("""
DELETE FROM crm_returnmatch m USING crm_order o
WHERE o.id = m.returned_id AND o.customer_id = ANY(%s) AND NOT EXISTS (
    SELECT FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::text[])
        stated (returned_id, returned_line, order_id, line)
    WHERE stated.returned_id = m.returned_id
        AND stated.returned_line = m.returned_line
        AND stated.order_id = m.order_id AND stated.line = m.line)
RETURNING m.order_id
""")
_STATE_MATCHES = SQL("""
INSERT INTO crm_returnmatch AS m
    (returned_id, returned_line, order_id, line, quantity, basis)
SELECT * FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::text[], %s::numeric[],
    %s::text[])
ON CONFLICT (returned_id, returned_line, order_id, line) DO UPDATE
SET quantity = excluded.quantity, basis = excluded.basis
WHERE (m.quantity, m.basis) IS DISTINCT FROM (excluded.quantity, excluded.basis)
RETURNING m.order_id
""")
_FORGET_UNMATCHED = SQL("""
DELETE FROM crm_unmatchedreturn u USING crm_order o
WHERE o.id = u.returned_id AND o.customer_id = ANY(%s) AND NOT EXISTS (
    SELECT FROM unnest(%s::bigint[], %s::text[]) stated (returned_id, returned_line)
    WHERE stated.returned_id = u.returned_id
        AND stated.returned_line = u.returned_line)
""")
_STATE_UNMATCHED = SQL("""
INSERT INTO crm_unmatchedreturn AS u
    (returned_id, returned_line, quantity, reason, returned_on)
SELECT stated.*, o.ordered_on
FROM unnest(%s::bigint[], %s::text[], %s::numeric[], %s::text[])
    stated (returned_id, returned_line, quantity, reason)
JOIN crm_order o ON o.id = stated.returned_id
ON CONFLICT (returned_id, returned_line) DO UPDATE
SET quantity = excluded.quantity, reason = excluded.reason,
    returned_on = excluded.returned_on
WHERE (u.quantity, u.reason, u.returned_on)
    IS DISTINCT FROM (excluded.quantity, excluded.reason, excluded.returned_on)
""")
# Where all that a return names is one order, and where it names none any more.
_NAME_ORDERS = SQL("""
UPDATE crm_order o SET returns_order_id = named.order_id
FROM (
    SELECT r.id, CASE WHEN count(DISTINCT m.order_id) = 1 THEN min(m.order_id) END
        AS order_id
    FROM crm_order r
    LEFT JOIN crm_returnmatch m ON m.returned_id = r.id AND m.basis <> 'latest'
    WHERE r.nature = 'return' AND r.customer_id = ANY(%s)
    GROUP BY r.id
) named
WHERE o.id = named.id AND o.returns_order_id IS DISTINCT FROM named.order_id
RETURNING o.id
""")
_FORGET_ORDERS = SQL("""
WITH gone AS (
    DELETE FROM crm_returnmatch
    WHERE returned_id = ANY(%(ids)s) OR order_id = ANY(%(ids)s)
    RETURNING order_id
), listed AS (DELETE FROM crm_unmatchedreturn WHERE returned_id = ANY(%(ids)s)),
unnamed AS (
    UPDATE crm_order SET returns_order_id = NULL WHERE returns_order_id = ANY(%(ids)s))
SELECT DISTINCT order_id FROM gone WHERE order_id <> ALL(%(ids)s)
""")


class ReturnRow(NamedTuple):
    """A line that came back. `named_id` and `named_customer` are those of the order
    that it names, None where that is not known."""

    order_id: int
    line_key: str
    customer_id: int
    product_id: int
    currency: str
    ordered_at: datetime
    source: str
    number: str
    quantity: Decimal
    returned_order: str
    returned_line: str
    named_id: int | None
    named_customer: int | None


class PurchaseRow(NamedTuple):
    """A line that was bought; `quantity` is above zero."""

    order_id: int
    line_key: str
    customer_id: int
    product_id: int
    currency: str
    ordered_at: datetime
    source: str
    number: str
    quantity: Decimal


def mark(
    customer_ids: Collection[int], order_ids: Collection[int], *, now: datetime
) -> None:
    """Mark those of these customers who have returns, or had them in these orders."""
    with connection.cursor() as cursor:
        cursor.execute(
            _MARK,
            {"customers": [*customer_ids], "orders": [*order_ids], "now": now},
        )


def mark_all(customer_ids: Collection[int], *, now: datetime) -> None:
    """Mark these customers, whether or not they have returns now."""
    with connection.cursor() as cursor:
        cursor.execute(_MARK_ALL, [now, [*customer_ids]])


def take_marks(most: int) -> list[int]:
    """The customers marked longest ago, locked for us until the commit."""
    return [pk for (pk,) in _fetch(_TAKE, [most])]


def returns(customer_ids: Sequence[int]) -> list[ReturnRow]:
    """What came back of these customers, in any order."""
    return [ReturnRow(*row) for row in _fetch(_RETURNS, [[*customer_ids]])]


def purchases(
    pairs: Collection[tuple[int, int]], order_ids: Collection[int]
) -> list[PurchaseRow]:
    """What was bought of these pairs of customer and product, and in these orders."""
    given = {
        "customers": [customer for customer, _product in pairs],
        "products": [product for _customer, product in pairs],
        "orders": [*order_ids],
    }
    return [PurchaseRow(*row) for row in _fetch(_PURCHASES, given)]


def replace(
    customer_ids: Sequence[int], matches: Sequence[Match], rests: Sequence[Rest]
) -> tuple[set[int], set[int]]:
    """From now on this is all that these customers gave back: the ids of the orders of
    which more or less came back than before, and of the returns that name another."""
    of = [*customer_ids]
    keys = _columns(4, ((*match.returned, *match.purchase) for match in matches))
    values = _columns(2, ((match.quantity, match.basis.value) for match in matches))
    changed = {pk for (pk,) in _fetch(_FORGET_MATCHES, [of, *keys])}
    changed |= {pk for (pk,) in _fetch(_STATE_MATCHES, [*keys, *values])}
    keys = _columns(2, (rest.returned for rest in rests))
    values = _columns(2, ((rest.quantity, rest.reason.value) for rest in rests))
    with connection.cursor() as cursor:
        cursor.execute(_FORGET_UNMATCHED, [of, *keys])
        cursor.execute(_STATE_UNMATCHED, [*keys, *values])
    return changed, {pk for (pk,) in _fetch(_NAME_ORDERS, [of])}


def forget_orders(order_ids: Collection[int]) -> list[int]:
    """These orders go: nothing is matched with them; the other orders concerned."""
    return [pk for (pk,) in _fetch(_FORGET_ORDERS, {"ids": [*order_ids]})]


def _columns(width: int, rows: Iterable[Sequence[Any]]) -> list[list[Any]]:
    columns = [list(column) for column in zip(*rows, strict=True)]
    return columns or [[] for _ in range(width)]


def _fetch(statement: SQL, given: Sequence[Any] | dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return list(cursor.fetchall())
