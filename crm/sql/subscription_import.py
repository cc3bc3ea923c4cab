"""A slice of contracts: from the staging table into the contracts and their history.

The statements run in this order; all take `source`, `now` and `zone`, the shop's.
"""

from psycopg.sql import SQL, Identifier

from crm.sql import merging, staging

TABLE = "import_subscription"
COLUMNS = (
    *("no", "customer_id", "external_id", "plan", "currency", "value"),
    *("started_on", "changed_on", "cancelled_on", "reason", "move"),
)
STAGING = (
    staging.temporary(
        TABLE,
        "no int, customer_id bigint, external_id text, plan text, currency text,"
        " value numeric, started_on date, changed_on date, cancelled_on date,"
        " reason text, move text, subscription_id bigint, is_new boolean DEFAULT false,"
        " previous_plan text, previous_value numeric",
    ),
)
EMPTY = SQL("TRUNCATE {}").format(Identifier(TABLE))
ANALYZE = SQL("ANALYZE {}").format(Identifier(TABLE))
# A record may have been merged or erased since the check looked.
KEPT = SQL(
    """WITH gone AS (
        DELETE FROM import_subscription r USING crm_customer k
        JOIN crm_customer c ON c.id = coalesce(k.merged_into_id, k.id)
        WHERE k.id = r.customer_id AND c.erased_at IS NOT NULL
        RETURNING r.no)
    SELECT no FROM gone"""
)
_KEPT_RECORD = SQL(
    """(SELECT coalesce(k.merged_into_id, k.id) FROM crm_customer k
        WHERE k.id = r.customer_id)"""
)
# Of several rows of one contract, the first is how it began.
INSERT = SQL(
    """INSERT INTO crm_subscription (source, external_id, customer_id, plan, currency,
        value, state, started_on, reason, created_at, updated_at, version)
    SELECT DISTINCT ON (r.external_id) %(source)s, r.external_id, {record}, r.plan,
        r.currency, r.value, 'active', r.started_on, '', %(now)s, %(now)s, 1
    FROM import_subscription r ORDER BY r.external_id, r.no
    ON CONFLICT (source, external_id) WHERE NOT external_id = '' DO NOTHING
    RETURNING id, customer_id"""
).format(record=_KEPT_RECORD)
# The noon of a day in the shop's zone, or now, for the timeline.
MOMENT = SQL(
    """least(%(now)s::timestamptz,
        ({day} + time '12:00') AT TIME ZONE %(zone)s::text)"""
)
STARTED = SQL(
    """INSERT INTO crm_subscriptionchange (subscription_id, customer_id, kind,
        happened_on, happened_at, plan, value, reason)
    SELECT s.id, s.customer_id, 'started', s.started_on, {moment}, s.plan, s.value, ''
    FROM crm_subscription s WHERE s.id = ANY(%(new)s)"""
).format(moment=MOMENT.format(day=SQL("s.started_on")))
MATCH = SQL(
    """UPDATE import_subscription r SET subscription_id = s.id,
        is_new = s.id = ANY(%(new)s)
    FROM crm_subscription s
    WHERE s.source = %(source)s AND s.external_id = r.external_id
        AND s.customer_id = {record} AND s.currency = r.currency"""
).format(record=_KEPT_RECORD)
# The id stands for a contract of somebody else, or in another currency.
OF_ANOTHER = SQL(
    "SELECT count(*) FROM import_subscription WHERE subscription_id IS NULL"
)
LAST_DAY = SQL(
    """(SELECT max(h.happened_on) FROM crm_subscriptionchange h
        WHERE h.subscription_id = r.subscription_id)"""
)
# What is in the history already, and what came before the last thing in it: the same
# file twice is once, and an older one changes nothing.
_KNOWN = SQL(
    """EXISTS (SELECT FROM crm_subscriptionchange h
        WHERE h.subscription_id = s.id AND h.happened_on = r.changed_on
            AND h.plan = r.plan AND h.value = r.value)"""
)
OLDER = SQL(
    """WITH older AS (
        UPDATE import_subscription r SET subscription_id = NULL
        FROM crm_subscription s
        WHERE s.id = r.subscription_id AND NOT r.is_new AND r.cancelled_on IS NULL
            AND ({known} OR r.changed_on < {last_day})
        RETURNING NOT {known} AS differs)
    SELECT count(*) FILTER (WHERE differs) FROM older"""
).format(known=_KNOWN, last_day=LAST_DAY)
# Contracts that are paused or over here stay so: staff resume them.
NOT_ACTIVE = SQL(
    """WITH left_alone AS (
        UPDATE import_subscription r SET subscription_id = NULL
        FROM crm_subscription s
        WHERE s.id = r.subscription_id AND s.state <> 'active'
        RETURNING r.cancelled_on IS NULL OR s.state <> 'cancelled' AS differs)
    SELECT count(*) FILTER (WHERE differs) FROM left_alone"""
)
LOCK = SQL(
    """SELECT FROM crm_subscription WHERE id IN (
        SELECT subscription_id FROM import_subscription) ORDER BY id FOR UPDATE"""
)
PREVIOUS = SQL(
    """UPDATE import_subscription r
    SET previous_plan = p.plan, previous_value = p.value
    FROM (SELECT i.no,
            lag(i.plan, 1, s.plan::text) OVER w AS plan,
            lag(i.value, 1, s.value::numeric) OVER w AS value
        FROM import_subscription i JOIN crm_subscription s ON s.id = i.subscription_id
        WINDOW w AS (PARTITION BY i.subscription_id ORDER BY i.no)) p
    WHERE p.no = r.no"""
)
# Nothing changes once it is over.
_CHANGED_ON = SQL(
    """greatest(coalesce(r.changed_on, least(%(today)s::date, r.cancelled_on)),
        {last})"""
).format(last=LAST_DAY)
CHANGED = SQL(
    """INSERT INTO crm_subscriptionchange (subscription_id, customer_id, kind,
        happened_on, happened_at, plan, value, reason)
    SELECT subscription_id, customer_id, 'changed', day, {moment}, plan, value, ''
    FROM (SELECT r.no, r.subscription_id, s.customer_id, r.plan, r.value,
            {day} AS day
        FROM import_subscription r JOIN crm_subscription s ON s.id = r.subscription_id
        WHERE (r.plan, r.value) IS DISTINCT FROM (r.previous_plan, r.previous_value)
    ) x ORDER BY day, no
    RETURNING subscription_id, customer_id"""
).format(moment=MOMENT.format(day=SQL("day")), day=_CHANGED_ON)
_LAST_ROW = SQL(
    """(SELECT DISTINCT ON (subscription_id) * FROM import_subscription
        WHERE subscription_id IS NOT NULL ORDER BY subscription_id, no DESC)"""
)
TAKE_CHANGES = SQL(
    """UPDATE crm_subscription s SET plan = r.plan, value = r.value,
        version = s.version + 1, updated_at = %(now)s
    FROM {last} r
    WHERE s.id = r.subscription_id AND (s.plan, s.value) IS DISTINCT FROM
        (r.plan, r.value)"""
).format(last=_LAST_ROW)
CANCELLED = SQL(
    """UPDATE crm_subscription s SET state = 'cancelled', reason = r.reason,
        cancelled_on = greatest(r.cancelled_on, {last_day}),
        version = s.version + 1, updated_at = %(now)s
    FROM {last} r
    WHERE s.id = r.subscription_id AND r.cancelled_on IS NOT NULL
    RETURNING s.id, s.customer_id"""
).format(last=_LAST_ROW, last_day=LAST_DAY)
ENDED = SQL(
    """INSERT INTO crm_subscriptionchange (subscription_id, customer_id, kind,
        happened_on, happened_at, plan, value, reason)
    SELECT s.id, s.customer_id, 'cancelled', s.cancelled_on, {moment}, s.plan, 0,
        s.reason
    FROM crm_subscription s WHERE s.id = ANY(%(ended)s)"""
).format(moment=MOMENT.format(day=SQL("s.cancelled_on")))
# What came by the number of a merged record is that record's, should they part.
NOTE_ARRIVALS = merging.note_arrivals(
    "contracts",
    SQL(
        """SELECT customer_id AS record, subscription_id AS row_id
        FROM import_subscription WHERE is_new"""
    ),
)
# What an undo needs: each contract with the last thing in its history, before the slice
# changes it. Of these, those that it left alone are forgotten again.
NOTE_BEFORE = SQL(
    """INSERT INTO import_touched (what, row_id, customer_id, before)
    SELECT 'contract', s.id, s.customer_id, to_jsonb(s) || jsonb_build_object(
        'last_change', (SELECT max(h.id) FROM crm_subscriptionchange h
            WHERE h.subscription_id = s.id))
    FROM crm_subscription s
    WHERE NOT s.id = ANY(%(new)s) AND s.id IN (
        SELECT subscription_id FROM import_subscription)"""
)
FORGET_UNCHANGED = SQL(
    """DELETE FROM import_touched t USING crm_subscription s
    WHERE t.what = 'contract' AND s.id = t.row_id
        AND t.before ->> 'version' = s.version::text"""
)
NOTE_MADE = SQL(
    """INSERT INTO import_touched (what, row_id, customer_id)
    SELECT 'contract', s.id, s.customer_id FROM crm_subscription s
    WHERE s.id = ANY(%(new)s)"""
)
