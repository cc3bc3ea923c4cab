"""What the purchases of the whole shop say of intervals, in sets: sums for
`rules/pooling.py`. The pairs of a customer and a product lie in a table that ends with
the transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from psycopg.sql import SQL, Composed

from loyalty.rules.pooling import Groups, Moments, Prior

# Purchases of goods; for a backtest, any other lines with these columns.
LINES = SQL("""
SELECT line.customer_id, line.product_id, line.ordered_on, line.quantity
FROM crm_orderline line JOIN crm_product product ON product.id = line.product_id
WHERE line.nature = 'purchase' AND line.quantity > 0 AND product.nature = 'product'
""")
_DROP = "DROP TABLE IF EXISTS reorder_day, reorder_pair"
_DAYS = SQL("""
CREATE TEMP TABLE reorder_day ON COMMIT DROP AS
SELECT customer_id, product_id, ordered_on, ln(sum(quantity)::float8) AS quantity
FROM ({lines}) line WHERE ordered_on < {before} GROUP BY 1, 2, 3
""")
# n intervals, their sum and sum of squares, and how they go with the quantities.
_PAIRS = """
CREATE TEMP TABLE reorder_pair ON COMMIT DROP AS
SELECT customer_id, product_id, count(days)::int AS n,
       coalesce(sum(days), 0) AS s, coalesce(sum(days * days), 0) AS ss,
       coalesce(regr_sxy(days, quantity), 0) AS sxy,
       coalesce(regr_sxx(days, quantity), 0) AS sxx, max(ordered_on) AS last_on
FROM (
    SELECT customer_id, product_id, ordered_on, quantity,
           ln((lead(ordered_on) OVER own - ordered_on)::float8) AS days
    FROM reorder_day
    WINDOW own AS (PARTITION BY customer_id, product_id ORDER BY ordered_on)
) bought GROUP BY 1, 2
"""
_ANALYZE = "ANALYZE reorder_pair"
_SUMS = """
SELECT coalesce(sum(n), 0), coalesce(sum(s), 0), coalesce(sum(ss), 0),
       coalesce(sum(sxy), 0), coalesce(sum(sxx), 0)
FROM reorder_pair WHERE n >= 2
"""
_GROUPS = SQL("""
SELECT count(*), coalesce(sum(n * n), 0), coalesce(sum(s * s / n), 0)
FROM (SELECT sum(n)::float8 AS n, sum(s) AS s FROM {source} GROUP BY {by}) one
""")
_REGULAR = SQL("reorder_pair WHERE n >= 2")
_ORDERS = SQL("""(
    SELECT customer_id, 1 AS n, days AS s FROM (
        SELECT customer_id, ln((ordered_on - lag(ordered_on)
            OVER (PARTITION BY customer_id ORDER BY ordered_on))::float8) AS days
        FROM (SELECT DISTINCT customer_id, ordered_on FROM reorder_day) on_a_day
    ) gaps WHERE days IS NOT NULL) gap""")
_ORDER_SUMS = SQL(
    "SELECT count(*), coalesce(sum(s), 0), coalesce(sum(s * s), 0) FROM {orders}"
)
_BOUGHT = "SELECT count(*), count(*) FILTER (WHERE n >= 1) FROM reorder_pair"
_PRODUCTS = """
SELECT product_id, count(*), count(*) FILTER (WHERE n >= 1),
       coalesce(sum(n) FILTER (WHERE n >= 2), 0),
       coalesce(sum(s) FILTER (WHERE n >= 2), 0)
FROM reorder_pair GROUP BY 1 HAVING count(*) FILTER (WHERE n >= 1) > 0
"""
_BY_INTERVALS = "SELECT n, count(*) FROM reorder_pair WHERE n >= 2 GROUP BY 1"
# `Outlook` of rules/outlook.py for all pairs at once, quantities left aside.
_WAITING = """
SELECT least(n, 10), round(chance::numeric, 2)::float8, count(*)
FROM (
    SELECT n, 0.5 * erfc((ln(%(today)s::date - last_on + 0.5) - mean)
               / sqrt(2 * variance * (1 + 1 / (n + lent)))) AS chance
    FROM (
        SELECT n, last_on, lent,
               (s + lent * (%(mean)s + customer.adds + product.adds)) / (n + lent)
                   AS mean,
               (8 * %(within)s + greatest(ss - s * s / n, 0)) / (8 + n - 1) AS variance
        FROM (SELECT *, %(within)s::float8 / %(pair)s AS lent FROM reorder_pair
              WHERE n >= 2) pair
        JOIN (SELECT customer_id, (sum(s) - sum(n) * %(mean)s)
                  / (sum(n) + %(within)s / %(customer)s) AS adds
              FROM reorder_pair WHERE n >= 2 GROUP BY 1) customer USING (customer_id)
        JOIN (SELECT product_id, (sum(s) - sum(n) * %(mean)s)
                  / (sum(n) + %(within)s / %(product)s) AS adds
              FROM reorder_pair WHERE n >= 2 GROUP BY 1) product USING (product_id)
    ) drawn
) asked GROUP BY 1, 2
"""


@dataclass(frozen=True)
class ProductSums:
    """Of one product: its buyers, those who came back, and the logs of intervals."""

    product_id: int
    buyers: int
    again: int
    intervals: int
    total: float


def lock() -> None:
    """One learns at a time; the other then finds it done."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('loyalty.pooling'))")


def collect(lines: SQL | Composed, params: Sequence[Any], *, before: date) -> None:
    """Put the pairs together, from what was bought before that day."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(_DROP)
        days = _DAYS.format(lines=lines, before=before)
        cursor.execute(days, params)
        cursor.execute(_PAIRS)
        cursor.execute(_ANALYZE)


def moments() -> Moments:
    """The sums of what `collect` put together."""
    intervals, total, squares, quantity_days, quantity_squares = _row(_SUMS)
    orders, order_total, order_squares = _row(_ORDER_SUMS.format(orders=_ORDERS))
    bought, again = _row(_BOUGHT)
    return Moments(
        intervals=int(intervals),
        total=total,
        squares=squares,
        pairs=_groups(_REGULAR, "customer_id, product_id"),
        customers=_groups(_REGULAR, "customer_id"),
        products=_groups(_REGULAR, "product_id"),
        quantity_days=quantity_days,
        quantity_squares=quantity_squares,
        orders=orders,
        order_total=order_total,
        order_squares=order_squares,
        order_customers=_groups(_ORDERS, "customer_id"),
        bought=bought,
        bought_again=again,
    )


def products() -> list[ProductSums]:
    """The products that anybody bought again."""
    return [
        ProductSums(pk, buyers, again, int(intervals), total)
        for pk, buyers, again, intervals, total in _rows(_PRODUCTS)
    ]


def by_intervals() -> dict[int, int]:
    """How many pairs have so many intervals, from two on."""
    return dict(_rows(_BY_INTERVALS))


def waiting(prior: Prior, *, today: date) -> dict[int, list[tuple[float, int]]]:
    """How many wait after so many intervals, by the chance to wait so long at least."""
    found: dict[int, list[tuple[float, int]]] = {}
    params = {
        "today": today,
        "mean": prior.mean,
        "within": prior.within,
        "pair": prior.pair,
        "customer": prior.customer,
        "product": prior.product,
    }
    for n, chance, count in _rows(_WAITING, params):
        found.setdefault(n, []).append((chance, count))
    return found


def _groups(source: SQL, by: str) -> Groups:
    return Groups(*_row(_GROUPS.format(source=source, by=SQL(by))))


def _row(statement: Any) -> Any:
    (row,) = _rows(statement)
    return row


def _rows(statement: Any, params: Any = None) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        found: list[Any] = cursor.fetchall()
    return found
