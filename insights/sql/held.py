"""At the ends of which months a ledger comes to something, from its entries."""

from collections.abc import Collection
from datetime import date

from psycopg.sql import SQL, Composed, Literal

from crm.sql.ids import array_of
from loyalty.models import Programme

# However large the tables are, it is quicker to find these by their indexes.
PREPARE = "SET LOCAL random_page_cost = 1.1"
# Of ledgers to which somebody posts at this moment the next tick takes the mark.
TAKE_MARKS = """
DELETE FROM insights_stalemembership WHERE membership_id IN (
    SELECT membership_id FROM insights_stalemembership
    ORDER BY membership_id LIMIT %(most)s FOR UPDATE SKIP LOCKED)
RETURNING membership_id
"""
# A row for each time that they come to something, after nothing.
COUNT = """
WITH moved AS (
    SELECT e.membership_id, date_trunc('month', e.on)::date AS month,
        sum(e.amount) AS amount
    FROM loyalty_entry e WHERE e.membership_id = ANY(%(ids)s::bigint[])
    GROUP BY 1, 2
), closing AS (
    SELECT membership_id, month, sum(amount) OVER own <> 0 AS has
    FROM moved WINDOW own AS (PARTITION BY membership_id ORDER BY month)
), known AS (
    SELECT *, lag(has, 1, false) OVER own AS had
    FROM closing WINDOW own AS (PARTITION BY membership_id ORDER BY month)
), held AS MATERIALIZED (
    SELECT membership_id, month, has, lead(month) OVER own AS until_month
    FROM known WHERE has <> had
    WINDOW own AS (PARTITION BY membership_id ORDER BY month)
), gone AS (
    DELETE FROM insights_held kept
    WHERE kept.membership_id = ANY(%(ids)s::bigint[]) AND NOT EXISTS (
        SELECT FROM held WHERE held.has
            AND (held.membership_id, held.month)
                = (kept.membership_id, kept.first_month))
)
INSERT INTO insights_held AS kept
    (programme_id, customer_id, membership_id, first_month, until_month)
SELECT m.programme_id, m.customer_id, m.id, held.month, held.until_month
FROM held JOIN loyalty_membership m ON m.id = held.membership_id
WHERE held.has AND m.id = ANY(%(ids)s::bigint[])
ON CONFLICT (membership_id, first_month) DO UPDATE
SET until_month = excluded.until_month
WHERE kept.until_month IS DISTINCT FROM excluded.until_month
"""
# What is not counted yet is added up on the spot. What another record had, and joined
# theirs since, is theirs.
_WITH_BALANCE = SQL("""
SELECT DISTINCT coalesce(c.merged_into_id, own.customer_id)
FROM (
    SELECT h.customer_id FROM insights_held h
    WHERE h.programme_id = {programme} AND h.first_month < {after}
        AND (h.until_month IS NULL OR h.until_month >= {after})
        AND h.membership_id <> ALL({stale})
    UNION ALL
    SELECT m.customer_id FROM loyalty_membership m
    WHERE m.id = ANY({stale}) AND (
        SELECT sum(e.amount) FROM loyalty_entry e
        WHERE e.membership_id = m.id AND e.on < {after}) <> 0
) own
LEFT JOIN crm_customer c ON c.id = own.customer_id AND c.merged_into_id IS NOT NULL
""")


def with_balance(
    programme: Programme, after: date, *, stale: Collection[int]
) -> Composed:
    """Those of whose records one had or owed something in it when the month before
    `after`, the first day of the next one, was over. `stale`: its memberships that are
    not counted as they are now."""
    assert after.day == 1, after
    # As a constant, whose ids PostgreSQL looks up in a hash however many they are.
    ids = SQL("{}::bigint[]").format(Literal(array_of(stale)))
    return _WITH_BALANCE.format(
        programme=Literal(programme.pk), after=Literal(after), stale=ids
    )
