"""The ledger as its member reads it: each entry with the order or reward behind it."""

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection
from psycopg.sql import SQL

# What came back of a spending names what it was spent on.
_LINES = SQL("""
SELECT e.membership_id, e.id, e."on", e.kind, e.source_key, e.amount,
    coalesce(nullif(o.number, ''), o.external_id, spent.order_key, ''),
    coalesce(bought.products, 0), given.reward_id, e.undoes_id
FROM unnest(%(members)s::bigint[]) member (id)
CROSS JOIN LATERAL (
    SELECT * FROM loyalty_entry entry
    WHERE entry.membership_id = member.id
        AND (%(before)s::bigint IS NULL OR entry.id < %(before)s)
    ORDER BY entry.id DESC LIMIT %(most)s
) e
LEFT JOIN crm_order o ON o.id = e.order_id
LEFT JOIN LATERAL (
    SELECT count(DISTINCT line.product_id) AS products FROM crm_orderline line
    WHERE line.order_id = o.id AND line.nature = 'purchase'
) bought ON true
LEFT JOIN loyalty_spending spent ON spent.entry_id = coalesce(e.undoes_id, e.id)
LEFT JOIN loyalty_grant given ON given.id = spent.grant_id
ORDER BY e.membership_id, e.id DESC
""")


_NEWER = SQL("""
SELECT id FROM loyalty_entry WHERE membership_id = %s AND id >= %s
ORDER BY id OFFSET %s LIMIT 1
""")


# To put these statements together from fields takes longer than to answer them. What
# most members have none of is read where there is some.
_SWITCHED_ON = SQL("""
SELECT period.programme_id, period.from_on FROM loyalty_programmeperiod period
JOIN loyalty_programme programme ON programme.id = period.programme_id
WHERE period.until_on IS NULL AND (programme.id = ANY(%(theirs)s::bigint[])
    OR programme.archived_at IS NULL
        AND (%(with_fresh)s OR programme.takes_part = 'joining'))
""")
_HAS_STEPS = SQL("""
SELECT EXISTS (SELECT FROM loyalty_rule WHERE programme_id = ANY(%s::bigint[])
    AND event = 'step' AND ended_at IS NULL)
""")
_OPEN_CODES = SQL("""
SELECT given.id FROM loyalty_grant given
JOIN loyalty_code code ON code.grant_id = given.id
WHERE given.customer_id = %s AND given.state = 'code_issued'
ORDER BY given.granted_at DESC LIMIT %s
""")


class Change(NamedTuple):
    """Of an entry what its member reads: the number of the order that it is of, and of
    how many products, or the reward that it was spent on; `undoes`: the
    entry that it takes or gives back."""

    id: int
    on: date
    kind: str
    source_key: str
    amount: Decimal
    order: str
    products: int
    reward: int | None
    undoes: int | None


def latest(
    memberships: Collection[int], most: int, *, before: int | None = None
) -> dict[int, list[Change]]:
    """By membership so many of its entries, the newest first; `before`: the id of the
    last one of the page before."""
    found: dict[int, list[Change]] = {}
    values: dict[str, Any] = {
        "members": list(memberships),
        "most": most,
        "before": before,
    }
    with connection.cursor() as cursor:
        cursor.execute(_LINES, values)
        for member, *change in cursor.fetchall():
            found.setdefault(member, []).append(Change(*change))
    return found


def switched_on(theirs: Collection[int], *, with_fresh: bool) -> dict[int, date]:
    """The programmes that are on, or will be, each with its first day: `theirs`, those
    to join, and `with_fresh` those that nobody has to join."""
    values: Any = {"theirs": list(theirs), "with_fresh": with_fresh}
    with connection.cursor() as cursor:
        cursor.execute(_SWITCHED_ON, values)
        return dict(cursor.fetchall())


def newer(member: int, before: int, most: int) -> int | None:
    """The `before` of the page of so many entries that comes before the one of
    `before`; None where that is the newest."""
    with connection.cursor() as cursor:
        cursor.execute(_NEWER, [member, before, most])
        row = cursor.fetchone()
        return row[0] if row else None


def has_steps(programmes: Collection[int]) -> bool:
    """Whether one of these programmes has first steps."""
    with connection.cursor() as cursor:
        cursor.execute(_HAS_STEPS, [list(programmes)])
        return bool(cursor.fetchone()[0])


def open_codes(customer: int, most: int) -> list[int]:
    """The grants of a customer whose codes are not used, the last given first."""
    with connection.cursor() as cursor:
        cursor.execute(_OPEN_CODES, [customer, most])
        return [pk for (pk,) in cursor.fetchall()]
