"""What was done or is the case beside orders, for customers in sets, and what it has
earned so far."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from psycopg.sql import SQL

from loyalty.sql import members

# With those who were merged into each; keys are "event:rule:once", and ":n" behind.
_EARNED = SQL("""
SELECT theirs.person, split_part(e.source_key, ':', 1) || ':' || version.rule_id || ':'
        || split_part(e.source_key, ':', 3),
    sum(e.amount), count(*) FILTER (WHERE member.customer_id = theirs.person),
    sum(coalesce(gone.amount, 0)),
    max(e.id) FILTER (WHERE member.customer_id = theirs.person AND e.amount > 0)
FROM {theirs} AND member.programme_id = %(programme)s
JOIN loyalty_entry e ON e.membership_id = member.id AND e.order_id IS NULL
JOIN loyalty_ruleversion version ON version.id = e.rule_version_id
LEFT JOIN LATERAL (
    SELECT sum(a.amount) AS amount FROM loyalty_allocation a
    JOIN loyalty_entry spent ON spent.id = a.spent_id AND spent.kind = 'expired'
    WHERE a.earned_id = e.id
) gone ON true
WHERE version.rule_id = ANY(%(rules)s::bigint[])
GROUP BY 1, 2
""").format(theirs=members.THEIRS)
_REVIEWS = SQL("""
SELECT customer_id, id, written_at, state <> 'withdrawn'
FROM feedback_review WHERE customer_id = ANY(%s::bigint[])
ORDER BY id
""")
# By the indexes on month and day of each; the expressions stand as in them.
_MARK = SQL("""
INSERT INTO loyalty_stalemember (customer_id, marked_at)
SELECT id, %(now)s FROM crm_customer
WHERE (birth_month * 100) + birth_day = ANY(%(keys)s::int[])
    AND merged_into_id IS NULL AND erased_at IS NULL
UNION
SELECT id, %(now)s FROM crm_customer
WHERE (EXTRACT(MONTH FROM since_on) * 100) + EXTRACT(DAY FROM since_on)
        = ANY(%(keys)s::numeric[])
    AND merged_into_id IS NULL AND erased_at IS NULL
UNION
SELECT id, %(now)s FROM crm_customer
WHERE (EXTRACT(MONTH FROM first_order_on) * 100) + EXTRACT(DAY FROM first_order_on)
        = ANY(%(keys)s::numeric[])
    AND merged_into_id IS NULL AND erased_at IS NULL
ORDER BY 1
ON CONFLICT (customer_id) DO UPDATE SET marked_at = excluded.marked_at WHERE false
""")


@dataclass(frozen=True)
class Earned:
    """What an activity has earned so far, in so many `entries` of the person's own
    membership; `gone`: what ran out of it; `lot`: the last entry of their own."""

    amount: Decimal
    entries: int
    gone: Decimal
    lot: int | None


def earned(
    customers: Sequence[int], programme: int, rules: Collection[int]
) -> dict[tuple[int, str], Earned]:
    """By customer and key what activities have earned by these rules."""
    values: Any = {
        "customers": list(customers),
        "programme": programme,
        "rules": sorted(rules),
    }
    with connection.cursor() as cursor:
        cursor.execute(_EARNED, values)
        return {(row[0], row[1].rstrip(":")): Earned(*row[2:]) for row in cursor}


def reviews(customers: Sequence[int]) -> list[tuple[int, int, datetime, bool]]:
    """Customer, id, when it was written, and whether it was not taken back."""
    with connection.cursor() as cursor:
        cursor.execute(_REVIEWS, [list(customers)])
        return list(cursor.fetchall())


def mark_occasions(keys: Sequence[int], *, now: datetime) -> None:
    """Mark whoever was born, came or first ordered on one of these days of the year
    (month * 100 + day)."""
    with connection.cursor() as cursor:
        cursor.execute(_MARK, {"keys": list(keys), "now": now})
