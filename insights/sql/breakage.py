"""What became of what was earned in a month: used, run out, or still there.

A part that came back after a return, or went to another record, is of the earning that
it came from: its `origin`.
"""

from datetime import date, datetime

from psycopg.sql import SQL, Composed, Literal

from loyalty.models import Programme

_FLOWS = SQL("""
WITH gone AS (
    SELECT a.earned_id,
        coalesce(sum(a.amount) FILTER (WHERE s.kind = 'spent' OR s.kind = 'reversed'
            AND (SELECT u.kind FROM loyalty_entry u WHERE u.id = s.undoes_id)
                = 'spent'), 0) AS used,
        coalesce(sum(a.amount) FILTER (WHERE s.kind = 'expired'), 0) AS ran_out
    FROM loyalty_allocation a JOIN loyalty_entry s ON s.id = a.spent_id
    GROUP BY a.earned_id
), flow AS (
    SELECT date_trunc('month', first.on)::date AS month, lot.membership_id, lot."left",
        -- What came back was not used.
        coalesce(gone.used, 0)
            - CASE WHEN own.kind = 'reversed' THEN own.amount ELSE 0 END AS used,
        -- What ran out of an order that was returned was never earned.
        coalesce(gone.ran_out, 0)
            - CASE WHEN own.kind = 'expired' THEN own.amount ELSE 0 END AS ran_out
    FROM loyalty_membership mine
    JOIN loyalty_lot lot ON lot.membership_id = mine.id
    JOIN loyalty_entry own ON own.id = lot.entry_id
    JOIN loyalty_entry first ON first.id = coalesce(own.origin_id, own.id)
        AND first.kind = 'earned'
    LEFT JOIN gone ON gone.earned_id = lot.entry_id
    WHERE mine.programme_id = {programme}
)
""")
# A month in which something was earned is never without it later: nothing to delete.
_KEEP = SQL("""
{flows}
INSERT INTO insights_breakage AS kept
    (programme_id, month, "left", used, ran_out, counted_at)
SELECT {programme}, month, sum("left"), sum(used), sum(ran_out), {now}
FROM flow GROUP BY month ORDER BY month
ON CONFLICT (programme_id, month) DO UPDATE
SET "left" = excluded."left", used = excluded.used, ran_out = excluded.ran_out,
    counted_at = excluded.counted_at
""")
_WHO = SQL("""
{flows} SELECT DISTINCT coalesce(c.merged_into_id, c.id)
FROM flow JOIN loyalty_membership m ON m.id = flow.membership_id
JOIN crm_customer c ON c.id = m.customer_id
WHERE flow.month = {month} AND flow.ran_out > 0
""")


def keep(programme: Programme, now: datetime) -> Composed:
    """Writes for each month of earning the units that are still there, were used, and
    ran out."""
    return _KEEP.format(
        flows=_flows(programme), programme=Literal(programme.pk), now=Literal(now)
    )


def whose_ran_out(programme: Programme, month: date) -> Composed:
    """Those who lost something of what they earned in a month."""
    return _WHO.format(flows=_flows(programme), month=Literal(month))


def _flows(programme: Programme) -> Composed:
    return _FLOWS.format(programme=Literal(programme.pk))
