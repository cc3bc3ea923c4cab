"""Memberships in sets."""

from collections.abc import Collection
from datetime import date, datetime

from django.db import connection
from psycopg.sql import SQL, Composable, Composed, Literal

from crm import segment_people
from crm.models import Segment
from loyalty.models import Programme, RuleVersion

_ADD = SQL("""
INSERT INTO loyalty_membership
    (programme_id, customer_id, joined_at, balance, owed, active_on)
SELECT %(programme)s, person.id, %(now)s, 0, 0, %(today)s
FROM unnest(%(customers)s::bigint[]) person (id)
WHERE NOT EXISTS (
    SELECT FROM loyalty_membership there
    WHERE there.customer_id = person.id AND there.programme_id = %(programme)s)
ORDER BY person.id
ON CONFLICT (customer_id, programme_id) DO NOTHING
""")
_WHO = SQL("""
SELECT c.id FROM crm_customer c
WHERE c.id = ANY({customers}::bigint[])
    AND c.merged_into_id IS NULL AND c.erased_at IS NULL AND {conditions}
""")


_FOUND = SQL("""
SELECT m.id FROM loyalty_membership m JOIN crm_customer c ON c.id = m.customer_id
WHERE m.programme_id = {programme} AND m.customer_id IN ({people})
    AND c.merged_into_id IS NULL AND c.erased_at IS NULL
ORDER BY m.balance DESC, m.id LIMIT {most}
""")


def found(programme: int, people: Composed, *, most: int) -> list[int]:
    """The ids of memberships of these people, a SELECT of ids, the highest balance
    first."""
    query = _FOUND.format(
        programme=Literal(programme), people=people, most=Literal(most)
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return [pk for (pk,) in cursor.fetchall()]


def add(
    programme: int, customers: Collection[int], *, now: datetime, today: date
) -> None:
    """Memberships of those who have none yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            _ADD,
            {
                "programme": programme,
                "customers": sorted(set(customers)),
                "now": now,
                "today": today,
            },
        )


def who_may(
    programme: Programme, customers: Collection[int], *, today: date
) -> set[int]:
    """Those of these customers who are live, in its segment, and not left out of it.
    Whether they have joined or left is not asked."""
    return _who(customers, programme.segment, programme.left_out, today)


def for_whom(
    version: RuleVersion, customers: Collection[int], *, today: date
) -> set[int]:
    """Those of these customers for whom a version of a rule is."""
    if version.only_for is None and version.not_for is None:
        return set(customers)
    return _who(customers, version.only_for, version.not_for, today)


def _who(
    customers: Collection[int],
    only: Segment | None,
    left_out: Segment | None,
    today: date,
) -> set[int]:
    asked: list[Composable] = [SQL("true")]
    if only is not None:
        asked.append(_within(only, today))
    if left_out is not None:
        asked.append(SQL("NOT ") + _within(left_out, today))
    query = _WHO.format(
        customers=Literal(sorted(customers)), conditions=SQL(" AND ").join(asked)
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return {pk for (pk,) in cursor.fetchall()}


def _within(segment: Segment, today: date) -> Composable:
    """Whether the customer `c` is in it."""
    return SQL("({where})").format(
        where=segment_people.where(segment_people.tree(segment), today=today)
    )
