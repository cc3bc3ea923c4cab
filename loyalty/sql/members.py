"""Memberships in sets."""

from collections.abc import Collection
from datetime import date, datetime

from django.db import connection
from psycopg.sql import SQL, Composable, Composed, Literal

from crm import segment_people
from crm.models import Segment
from crm.sql.ids import array_of
from loyalty.models import Programme, RuleVersion

# What somebody joined, or left, goes with them; the last day they did something counts.
_ADD_KEPT = SQL("""
INSERT INTO loyalty_membership AS there
    (programme_id, customer_id, joined_at, left_at, absences, balance, owed, active_on)
SELECT programme_id, %(kept)s, joined_at, left_at, absences, 0, 0, active_on
FROM loyalty_membership WHERE customer_id = %(dropped)s
ORDER BY programme_id
ON CONFLICT (customer_id, programme_id) DO UPDATE
SET active_on = greatest(there.active_on, excluded.active_on)
""")
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
RETURNING customer_id, id
""")
# Memberships of `customers`, and of whoever was merged into them: `person` is whose it
# is now. Found by equality alone: one OR instead compares every membership with every
# customer where the tables have no statistics yet.
THEIRS = SQL("""
(
    SELECT DISTINCT id AS person, id AS record FROM unnest(%(customers)s::bigint[]) id
    UNION ALL
    SELECT merged_into_id, id FROM crm_customer
    WHERE merged_into_id = ANY(%(customers)s::bigint[])
) theirs
JOIN loyalty_membership member ON member.customer_id = theirs.record
""")
_OF = SQL("SELECT member.id FROM {theirs}").format(theirs=THEIRS)
_LIVE = SQL("""
SELECT id FROM crm_customer WHERE id = ANY(%s::bigint[])
    AND merged_into_id IS NULL AND erased_at IS NULL
ORDER BY id
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


def of(customers: Collection[int]) -> list[int]:
    """The ids of all memberships of these customers, and of whoever was merged into
    them."""
    with connection.cursor() as cursor:
        cursor.execute(_OF, {"customers": array_of(customers)})
        return [pk for (pk,) in cursor.fetchall()]


def live(customers: Collection[int]) -> list[int]:
    """Those of these customers who are neither merged nor erased, the lowest first."""
    with connection.cursor() as cursor:
        cursor.execute(_LIVE, [array_of(customers)])
        return [pk for (pk,) in cursor.fetchall()]


def add(
    programme: int, customers: Collection[int], *, now: datetime, today: date
) -> dict[int, int]:
    """Memberships of those who have none yet: by customer the id of each."""
    with connection.cursor() as cursor:
        cursor.execute(
            _ADD,
            {
                "programme": programme,
                "customers": array_of(sorted(set(customers))),
                "now": now,
                "today": today,
            },
        )
        return dict(cursor.fetchall())


def add_kept(kept: int, dropped: int) -> None:
    """The kept record of a merge is a member of whatever the dropped one is in."""
    with connection.cursor() as cursor:
        cursor.execute(_ADD_KEPT, {"kept": kept, "dropped": dropped})


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
        customers=Literal(array_of(sorted(customers))),
        conditions=SQL(" AND ").join(asked),
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return {pk for (pk,) in cursor.fetchall()}


def _within(segment: Segment, today: date) -> Composable:
    """Whether the customer `c` is in it."""
    return SQL("({where})").format(
        where=segment_people.where(segment_people.tree(segment), today=today)
    )
