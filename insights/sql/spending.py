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
    """monthly AS (
    SELECT 'orders' AS basis, o.customer_id, o.currency, o.month,
        sum(sum(o.total)) OVER until_then AS total,
        sum(bool_or(o.nature = 'sale')::int) OVER until_then AS sales,
        min(min(o.month) FILTER (WHERE o.nature = 'sale'))
            OVER (PARTITION BY o.customer_id) AS first_month
    FROM (SELECT customer_id, currency, total, nature,
            ordered_on - (extract(day FROM ordered_on)::int - 1) AS month
        FROM crm_order WHERE {orders_of} AND state <> 'cancelled') o
    GROUP BY o.customer_id, o.currency, o.month
    WINDOW until_then AS (PARTITION BY o.customer_id, o.currency ORDER BY o.month)
    UNION ALL
    SELECT 'contract', customer_id, currency, month, sum(sum(amount)) OVER until_then,
        row_number() OVER until_then,
        min(min(month)) OVER (PARTITION BY customer_id, currency)
    FROM (SELECT p.customer_id, p.currency, turn.amount,
            date_trunc('month', turn.day)::date AS month
        FROM ({periods}) p,
            LATERAL (VALUES (p.starts_on, p.value), (p.ends_on, -p.value))
                turn (day, amount)
        WHERE turn.day IS NOT NULL) turns
    GROUP BY customer_id, currency, month
    WINDOW until_then AS (PARTITION BY customer_id, currency ORDER BY month)
), fresh AS MATERIALIZED (
    SELECT basis, customer_id, currency, min(first_month) AS first_month,
        array_agg(month ORDER BY month) AS months,
        array_agg(total ORDER BY month) AS totals,
        array_agg(sales::int ORDER BY month) AS sales
    FROM monthly GROUP BY basis, customer_id, currency)"""
)
# In one statement: what is fresh is worked out once.
_KEEP = SQL(
    """WITH {fresh}, over AS (
        DELETE FROM insights_spending s WHERE {rows_of} AND NOT EXISTS (
            SELECT FROM fresh f WHERE f.customer_id = s.customer_id
                AND f.basis = s.basis AND f.currency = s.currency))
    INSERT INTO insights_spending
        (basis, customer_id, currency, first_month, months, totals, sales)
    SELECT basis, customer_id, currency, first_month, months, totals, sales
    FROM fresh f WHERE NOT EXISTS (
        SELECT FROM insights_spending s WHERE {rows_of}
            AND s.customer_id = f.customer_id AND s.basis = f.basis
            AND s.currency = f.currency
            AND (s.first_month, s.months, s.totals, s.sales) IS NOT DISTINCT FROM
                (f.first_month, f.months, f.totals, f.sales))
    ON CONFLICT (customer_id, basis, currency) DO UPDATE
    SET first_month = excluded.first_month, months = excluded.months,
        totals = excluded.totals, sales = excluded.sales"""
)


def count_spending(who: Who) -> Composed:
    """A statement that brings what these customers brought by month up to date."""
    fresh = _FRESH.format(
        orders_of=who("customer_id"), periods=subscriptions.periods(who("customer_id"))
    )
    return _KEEP.format(fresh=fresh, rows_of=who("s.customer_id"))
