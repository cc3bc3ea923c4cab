"""What became of what was earned in a month: used, run out, or still there.

A part that came back after a return, or went to another record, is of the earning that
it came from: its key ends with the number of the part before it.
"""

from datetime import date

from psycopg.sql import SQL, Composed, Literal

from loyalty.models import Programme

_FLOWS = SQL("""
WITH RECURSIVE mine AS MATERIALIZED (
    SELECT id FROM loyalty_membership WHERE programme_id = {programme}
), derived AS MATERIALIZED (
    SELECT e.id, e.kind, e.amount,
        substring(e.source_key FROM '[0-9]+$')::bigint AS parent
    FROM loyalty_entry e JOIN mine ON mine.id = e.membership_id
    WHERE e.amount > 0 AND e.source_key ~ ':[0-9]+$'
        AND (e.kind = 'transferred' OR e.kind = 'reversed' AND e.undoes_id IS NOT NULL)
), rooted (id, root) AS (
    SELECT d.id, d.parent FROM derived d
    WHERE NOT EXISTS (SELECT FROM derived up WHERE up.id = d.parent)
    UNION ALL
    SELECT d.id, r.root FROM rooted r JOIN derived d ON d.parent = r.id
), gone AS (
    SELECT a.earned_id,
        coalesce(sum(a.amount) FILTER (WHERE s.kind = 'spent' OR s.kind = 'reversed'
            AND (SELECT u.kind FROM loyalty_entry u WHERE u.id = s.undoes_id)
                = 'spent'), 0) AS used,
        coalesce(sum(a.amount) FILTER (WHERE s.kind = 'expired'), 0) AS ran_out
    FROM loyalty_allocation a JOIN loyalty_entry s ON s.id = a.spent_id
    GROUP BY a.earned_id
), flow AS (
    -- What came back was not used.
    SELECT date_trunc('month', e.on)::date AS month, lot.membership_id, lot."left",
        coalesce(gone.used, 0) - coalesce(back.amount, 0) AS used,
        coalesce(gone.ran_out, 0) AS ran_out
    FROM mine JOIN loyalty_lot lot ON lot.membership_id = mine.id
    LEFT JOIN rooted ON rooted.id = lot.entry_id
    JOIN loyalty_entry e ON e.id = coalesce(rooted.root, lot.entry_id)
        AND e.kind = 'earned'
    LEFT JOIN gone ON gone.earned_id = lot.entry_id
    LEFT JOIN derived back ON back.id = lot.entry_id AND back.kind = 'reversed'
    UNION ALL
    -- What ran out of an order that was returned was never earned.
    SELECT date_trunc('month', first.on)::date, lot.membership_id, 0, 0, -e.amount
    FROM mine JOIN loyalty_lot lot ON lot.membership_id = mine.id
    JOIN loyalty_entry e ON e.id = lot.entry_id
        AND e.kind = 'expired' AND e.amount > 0
    JOIN LATERAL (
        SELECT min(o.on) AS on FROM loyalty_entry o
        WHERE o.kind = 'earned' AND (
            o.membership_id = lot.membership_id AND o.order_id = lot.order_id
            OR lot.order_id IS NULL
                AND o.id = substring(e.source_key FROM '([0-9]+):expiry$')::bigint)
    ) first ON first.on IS NOT NULL
)
""")
_BY_MONTH = SQL("""
{flows} SELECT month, sum("left"), sum(used), sum(ran_out)
FROM flow GROUP BY month ORDER BY month
""")
_WHO = SQL("""
{flows} SELECT DISTINCT coalesce(c.merged_into_id, c.id)
FROM flow JOIN loyalty_membership m ON m.id = flow.membership_id
JOIN crm_customer c ON c.id = m.customer_id
WHERE flow.month = {month} AND flow.ran_out > 0
""")


def by_month(programme: Programme) -> Composed:
    """Month of earning; units that are still there, were used, and ran out."""
    return _BY_MONTH.format(flows=_flows(programme))


def whose_ran_out(programme: Programme, month: date) -> Composed:
    """Those who lost something of what they earned in a month."""
    return _WHO.format(flows=_flows(programme), month=Literal(month))


def _flows(programme: Programme) -> Composed:
    return _FLOWS.format(programme=Literal(programme.pk))
