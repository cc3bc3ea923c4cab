"""Those among the crowded who fare alike: one of them is played through for all.

What becomes of their mails depends on nothing but the moments and classes of these, of
those that went before, and on their zone and country.
"""

from collections import defaultdict
from collections.abc import Mapping

from django.db import connection
from psycopg.sql import SQL

from messaging.rules.budget import Counted
from messaging.rules.choices import Category

# `like_id`: the one who is played through. By the order of `ids`, which decides between
# mails that are equal otherwise, each mail has its like among those of the others.
_PATTERNS = SQL("""
CREATE TEMP TABLE forecast_pattern ON COMMIT DROP AS
WITH whom AS MATERIALIZED (
    SELECT id, time_zone, country FROM forecast_person
    WHERE is_crowded AND NOT is_odd
), ahead AS (
    SELECT mail.customer_id, array_agg(mail.id ORDER BY mail.id) AS ids,
        string_agg(concat_ws(' ', mail.automation_id, mail.category, mail.is_reminder,
            mail.rank, mail.is_held_out, extract(epoch FROM mail.moment),
            extract(epoch FROM mail.expires_at)), ',' ORDER BY mail.id) AS mails
    FROM forecast_mail mail JOIN whom ON whom.id = mail.customer_id
    WHERE mail.refusal IN ('', 'held_out')
    GROUP BY mail.customer_id
), behind AS (
    SELECT spent.customer_id, string_agg(concat_ws(' ', spent.category,
        spent.is_reminder, extract(epoch FROM spent.counted_at)), ','
        ORDER BY spent.counted_at, spent.category, spent.is_reminder) AS mails
    FROM forecast_spent spent JOIN whom ON whom.id = spent.customer_id
    GROUP BY spent.customer_id
)
SELECT ahead.customer_id, ahead.ids, min(ahead.customer_id) OVER (
    PARTITION BY md5(concat_ws(';', whom.time_zone, whom.country, ahead.mails,
        behind.mails))) AS like_id
FROM ahead JOIN whom ON whom.id = ahead.customer_id
LEFT JOIN behind ON behind.customer_id = ahead.customer_id
""")
_SPREAD = SQL("""
INSERT INTO forecast_outcome (mail_id, verdict, code, goes_at, goes_on)
SELECT pair.id, outcome.verdict, outcome.code, outcome.goes_at, outcome.goes_on
FROM forecast_pattern other
JOIN forecast_pattern played ON played.customer_id = other.like_id
CROSS JOIN LATERAL unnest(played.ids, other.ids) AS pair (played_id, id)
JOIN forecast_outcome outcome ON outcome.mail_id = pair.played_id
WHERE other.customer_id <> other.like_id
""")
_SPENT_BY = SQL("""
SELECT spent.customer_id, spent.category, spent.counted_at, spent.is_reminder
FROM forecast_spent spent JOIN forecast_pattern pattern
    ON pattern.customer_id = spent.customer_id AND pattern.like_id = spent.customer_id
""")


def find() -> None:
    """Say of each who is crowded and not odd whom they fare like."""
    with connection.cursor() as cursor:
        cursor.execute(_PATTERNS)
        cursor.execute("ANALYZE pg_temp.forecast_pattern")


def spent() -> Mapping[int, list[Counted]]:
    """What counts already against those who are played through, by customer."""
    found: dict[int, list[Counted]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_SPENT_BY)
        for customer, category, at, is_reminder in cursor.fetchall():
            found[customer].append(Counted(Category(category), at, is_reminder))
    return found


def spread() -> None:
    """Give the others what was found for the one who fares like them."""
    with connection.cursor() as cursor:
        cursor.execute(_SPREAD)
