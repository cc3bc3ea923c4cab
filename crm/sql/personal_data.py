"""API answers with data of a person, and the locks of imports."""

from psycopg.sql import SQL

# An answer is about one customer: as `customer`, or as its own `id`. The
# body of a request that is not over yet is empty.
FORGET_ANSWERS = SQL(
    """WITH answer AS (
        SELECT id, CASE WHEN body LIKE '{%%' THEN body::jsonb END AS body
        FROM crm_apianswer)
    UPDATE crm_apianswer a SET status = %(status)s, body = %(body)s
    FROM answer
    WHERE a.id = answer.id AND (
        (answer.body -> 'customer') = ANY(%(ids)s::jsonb[])
        OR (answer.body ? 'external_id'
            AND (answer.body -> 'id') = ANY(%(ids)s::jsonb[])))
    """
)
LOCK_IMPORT = SQL("SELECT pg_try_advisory_xact_lock(hashtextextended(%(name)s, 0))")
