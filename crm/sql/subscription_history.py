"""A slice of what happened to contracts, line by line, into their history.

The contracts are there and matched (subscription_import.py); of each row that stays
out, `subscription_id` is emptied. `changed_on` is the day on which it happened.
"""

from psycopg.sql import SQL

from crm.sql.subscription_import import LAST_DAY, MOMENT

# The nth of those that say the same is there where the history has so many: pauses may
# begin and end on one day.
LEAVE_KNOWN = SQL(
    """UPDATE import_subscription r SET subscription_id = NULL
    FROM (SELECT no, row_number() OVER (
            PARTITION BY subscription_id, move, changed_on, plan, value ORDER BY no
        ) AS nth FROM import_subscription) n
    WHERE n.no = r.no AND n.nth <= (
        SELECT count(*) FROM crm_subscriptionchange h
        WHERE h.subscription_id = r.subscription_id AND h.happened_on = r.changed_on
            AND (h.kind, h.plan, h.value) = (r.move, r.plan, r.value))"""
)
OLDER = SQL(
    """WITH older AS (
        UPDATE import_subscription r SET subscription_id = NULL
        WHERE r.subscription_id IS NOT NULL AND r.changed_on < {last_day}
        RETURNING r.no)
    SELECT count(*) FROM older"""
).format(last_day=LAST_DAY)
# As crm/services/subscriptions.py has it. With a row that cannot be goes what follows.
OUT_OF_TURN = SQL(
    """WITH turns AS (
        SELECT r.no, r.subscription_id, r.move, r.changed_on AS day,
            lag(r.move, 1, h.kind::text) OVER w AS after,
            lag(r.changed_on, 1, h.happened_on) OVER w AS day_after
        FROM import_subscription r
        CROSS JOIN LATERAL (
            SELECT kind, happened_on FROM crm_subscriptionchange
            WHERE subscription_id = r.subscription_id
            ORDER BY happened_on DESC, id DESC LIMIT 1) h
        WINDOW w AS (PARTITION BY r.subscription_id ORDER BY r.no)),
    wrong AS (
        SELECT subscription_id, min(no) AS no FROM turns
        WHERE day < day_after
            OR move <> 'cancelled' AND day > greatest(%(today)s::date, day_after)
            OR NOT CASE after WHEN 'cancelled' THEN move = 'resumed'
                WHEN 'paused' THEN move IN ('resumed', 'cancelled')
                ELSE move IN ('changed', 'renewed', 'paused', 'cancelled') END
        GROUP BY subscription_id),
    gone AS (
        UPDATE import_subscription r SET subscription_id = NULL FROM wrong w
        WHERE r.subscription_id = w.subscription_id AND r.no >= w.no
        RETURNING r.no)
    SELECT count(*) FROM gone"""
)
ADD = SQL(
    """INSERT INTO crm_subscriptionchange (subscription_id, customer_id, kind,
        happened_on, happened_at, plan, value, reason)
    SELECT r.subscription_id, s.customer_id, r.move, r.changed_on, {moment}, r.plan,
        r.value, r.reason
    FROM import_subscription r JOIN crm_subscription s ON s.id = r.subscription_id
    ORDER BY r.no
    RETURNING kind, subscription_id, customer_id"""
).format(moment=MOMENT.format(day=SQL("r.changed_on")))
# Plan and value are those of the last row that brings something.
TAKE = SQL(
    """UPDATE crm_subscription s SET plan = coalesce(r.plan, s.plan),
        value = coalesce(r.value, s.value),
        state = CASE WHEN r.move IN ('paused', 'cancelled') THEN r.move
            ELSE 'active' END,
        renewed_on = coalesce(r.renewed_on, s.renewed_on),
        cancelled_on = CASE WHEN r.move = 'cancelled' THEN r.day END,
        reason = r.reason, version = s.version + 1, updated_at = %(now)s
    FROM (SELECT subscription_id,
            (array_agg(move ORDER BY no DESC))[1] AS move,
            (array_agg(changed_on ORDER BY no DESC))[1] AS day,
            (array_agg(reason ORDER BY no DESC))[1] AS reason,
            (array_agg(plan ORDER BY no DESC) FILTER (
                WHERE move NOT IN ('paused', 'cancelled')))[1] AS plan,
            (array_agg(value ORDER BY no DESC) FILTER (
                WHERE move NOT IN ('paused', 'cancelled')))[1] AS value,
            max(changed_on) FILTER (WHERE move = 'renewed') AS renewed_on
        FROM import_subscription WHERE subscription_id IS NOT NULL
        GROUP BY subscription_id) r
    WHERE s.id = r.subscription_id"""
)
