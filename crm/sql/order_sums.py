"""The sums of orders per customer and currency, and who brings most of the revenue."""

from psycopg import sql

# In one order, so that two transactions wait for each other and never in a circle. The
# statement that counts comes after and sees what whoever went first has committed.
LOCK = sql.SQL(
    "SELECT FROM crm_customer WHERE id = ANY(%(ids)s) ORDER BY id FOR NO KEY UPDATE"
)
_COUNTED = sql.SQL(
    "SELECT customer_id, currency, count(*) FILTER (WHERE nature = 'sale') AS orders,"
    " sum(total) AS total, sum(count(*) FILTER (WHERE nature = 'sale'))"
    " OVER (PARTITION BY customer_id) AS all_orders"
    " FROM crm_order WHERE {which} AND state <> 'cancelled'"
    " GROUP BY customer_id, currency"
)
_PUT = """
INSERT INTO crm_ordersum (customer_id, currency, orders, total, all_orders) {counted}
ON CONFLICT (customer_id, currency)
DO UPDATE SET orders = excluded.orders, total = excluded.total,
    all_orders = excluded.all_orders
WHERE (crm_ordersum.orders, crm_ordersum.total, crm_ordersum.all_orders)
    IS DISTINCT FROM (excluded.orders, excluded.total, excluded.all_orders)
"""
COUNT = sql.SQL(_PUT).format(
    counted=_COUNTED.format(which=sql.SQL("customer_id = ANY(%(ids)s)"))
)
COUNT_ALL = sql.SQL(_PUT).format(counted=_COUNTED.format(which=sql.SQL("true")))
DROP = sql.SQL(
    "DELETE FROM crm_ordersum s WHERE s.customer_id = ANY(%(ids)s) AND NOT EXISTS ("
    " SELECT FROM crm_order o WHERE o.customer_id = s.customer_id"
    " AND o.currency = s.currency AND o.state <> 'cancelled')"
)

# The fewest people, the best first, who bring this share of what all bring. Anyone who
# brings as much as the last of them belongs to them, too.
MARK = sql.SQL(
    """
WITH ranked AS (
    SELECT s.currency, s.total,
        sum(s.total) OVER (PARTITION BY s.currency ORDER BY s.total DESC,
            s.customer_id ROWS UNBOUNDED PRECEDING) - s.total AS before,
        sum(s.total) OVER (PARTITION BY s.currency) AS whole,
        count(*) OVER (PARTITION BY s.currency) AS everybody
    FROM crm_ordersum s JOIN crm_customer c ON c.id = s.customer_id
    WHERE s.total > 0 AND c.merged_into_id IS NULL AND c.erased_at IS NULL
), least AS (
    SELECT currency, min(total) AS least, max(whole) AS whole,
        max(everybody) AS everybody
    FROM ranked WHERE before < whole * %(share)s GROUP BY currency
)
INSERT INTO crm_coremark (currency, least, people, of_people, share, counted_at)
SELECT l.currency, l.least, count(*), l.everybody,
    round(sum(r.total) / l.whole, 4), %(now)s
FROM least l JOIN ranked r ON r.currency = l.currency AND r.total >= l.least
GROUP BY l.currency, l.least, l.everybody, l.whole
ON CONFLICT (currency) DO UPDATE SET least = excluded.least,
    people = excluded.people, of_people = excluded.of_people,
    share = excluded.share, counted_at = excluded.counted_at
"""
)
