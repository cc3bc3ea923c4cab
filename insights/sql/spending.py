"""What each person brought by month: set-based, for some customers at a time.

The sums of spans follow by triggers of the table, whoever writes to it. What erased
people ordered stays, as it stays in the sums of orders.
"""

from psycopg.sql import SQL, Composed

from crm.sql import subscriptions
from insights.sql.spells import Who

# All that was brought by the end of each month. Returns are subtracted in the month in
# which they came back. Of a contract it counts by how much the value in force changed.
_FRESH = SQL(
    """month_of_orders AS (
    SELECT customer_id, currency, month, sum(total) AS total,
        bool_or(nature = 'sale') AS sold
    FROM (SELECT customer_id, currency, total, nature,
            ordered_on - (extract(day FROM ordered_on)::int - 1) AS month
        FROM crm_order WHERE {orders_of} AND state <> 'cancelled') o
    GROUP BY customer_id, currency, month
), month_of_contracts AS (
    SELECT customer_id, currency, month, sum(amount) AS total
    FROM (SELECT p.customer_id, p.currency, turn.amount,
            date_trunc('month', turn.day)::date AS month
        FROM ({periods}) p,
            LATERAL (VALUES (p.starts_on, p.value), (p.ends_on, -p.value))
                turn (day, amount)
        WHERE turn.day IS NOT NULL) turns
    GROUP BY customer_id, currency, month
), fresh AS (
    SELECT 'orders' AS basis, customer_id, currency,
        min(first_month) OVER (PARTITION BY customer_id) AS first_month,
        months, totals, sales
    FROM (SELECT customer_id, currency, min(month) FILTER (WHERE sold) AS first_month,
            array_agg(month ORDER BY month) AS months,
            array_agg(added ORDER BY month) AS totals,
            array_agg(sales::int ORDER BY month) AS sales
        FROM (SELECT *, sum(total) OVER until_then AS added,
                count(*) FILTER (WHERE sold) OVER until_then AS sales
            FROM month_of_orders WINDOW until_then AS (
                PARTITION BY customer_id, currency ORDER BY month
                ROWS UNBOUNDED PRECEDING)) added
        GROUP BY customer_id, currency) one
    UNION ALL
    SELECT 'contract', customer_id, currency, min(month),
        array_agg(month ORDER BY month), array_agg(added ORDER BY month),
        array_agg(changes::int ORDER BY month)
    FROM (SELECT *, sum(total) OVER until_then AS added,
            row_number() OVER until_then AS changes
        FROM month_of_contracts WINDOW until_then AS (
            PARTITION BY customer_id, currency ORDER BY month)) added
    GROUP BY customer_id, currency)"""
)
# In one statement, and new rows in the order of their index, as with spells.
_KEEP = SQL(
    """WITH {fresh}, change AS MATERIALIZED (
    SELECT customer_id, basis, currency, fresh.first_month, fresh.months, fresh.totals,
        fresh.sales, kept.months IS NULL AS is_new
    FROM fresh FULL JOIN (SELECT * FROM insights_spending s WHERE {rows_of}) kept
        USING (customer_id, basis, currency)
    WHERE (fresh.first_month, fresh.months, fresh.totals, fresh.sales)
        IS DISTINCT FROM (kept.first_month, kept.months, kept.totals, kept.sales)
), over AS (
    DELETE FROM insights_spending s USING change n
    WHERE {rows_of} AND n.months IS NULL AND (s.customer_id, s.basis, s.currency)
        = (n.customer_id, n.basis, n.currency)
), other AS (
    UPDATE insights_spending s SET first_month = n.first_month, months = n.months,
        totals = n.totals, sales = n.sales
    FROM change n
    WHERE {rows_of} AND n.months IS NOT NULL AND NOT n.is_new
        AND (s.customer_id, s.basis, s.currency)
            = (n.customer_id, n.basis, n.currency))
INSERT INTO insights_spending
    (basis, customer_id, currency, first_month, months, totals, sales)
SELECT basis, customer_id, currency, first_month, months, totals, sales
FROM change WHERE is_new ORDER BY customer_id, basis, currency"""
)


def count_spending(who: Who) -> Composed:
    """A statement that brings what these customers brought by month up to date."""
    fresh = _FRESH.format(
        orders_of=who("customer_id"), periods=subscriptions.periods(who("customer_id"))
    )
    return _KEEP.format(fresh=fresh, rows_of=who("s.customer_id"))
