"""First and last order day of the customers whose orders a slice brought or changed."""

from psycopg.sql import SQL

_UPDATE = SQL(
    """UPDATE crm_customer c
    SET first_order_on = d.first_on, last_order_on = d.last_on,
        since_on = CASE WHEN c.since_from = 'given' OR d.first_on IS NULL
            THEN c.since_on ELSE d.first_on END,
        since_from = CASE WHEN c.since_from = 'given' OR d.first_on IS NULL
            THEN c.since_from ELSE 'first_order' END,
        updated_at = %(now)s
    FROM ({days}) d
    WHERE c.id = d.customer_id
        AND ((c.first_order_on, c.last_order_on) IS DISTINCT FROM
            (d.first_on, d.last_on)
            OR (c.since_from <> 'given' AND d.first_on IS NOT NULL
                AND c.since_on IS DISTINCT FROM d.first_on))
    RETURNING c.id"""
)
# Where orders only came in, the days can only move outwards: no look at older orders.
EXTEND = _UPDATE.format(
    days=SQL(
        """SELECT k.id AS customer_id, least(k.first_order_on, n.first_on) AS first_on,
            greatest(k.last_order_on, n.last_on) AS last_on
        FROM (
            SELECT t.customer_id, min(t.ordered_on) AS first_on,
                max(t.ordered_on) AS last_on
            FROM import_target t JOIN import_order s ON s.no = t.no
            WHERE t.is_new AND s.nature = 'sale' AND NOT t.is_cancelled
            GROUP BY t.customer_id) n
        JOIN crm_customer k ON k.id = n.customer_id"""
    )
)
RECOUNT = _UPDATE.format(
    days=SQL(
        """SELECT n.customer_id, min(o.ordered_on) AS first_on,
            max(o.ordered_on) AS last_on
        FROM (
            SELECT customer_id FROM import_target WHERE is_new OR is_changed
            UNION SELECT old_customer_id FROM import_target
                WHERE old_customer_id IS NOT NULL) n
        LEFT JOIN crm_order o ON o.customer_id = n.customer_id
            AND o.nature = 'sale' AND o.state <> 'cancelled'
        GROUP BY n.customer_id"""
    )
)
