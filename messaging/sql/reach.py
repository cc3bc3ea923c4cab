"""Whom one automation among several of its kind may write to, as a condition in SQL."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import connection
from psycopg.sql import SQL, Composable, Composed, Literal

from messaging.kinds import Kind

# OFFSET 0 has each customer looked up by key: where an audience is joined instead, the
# planner may read all customers there are for the few who are due.
_IN = SQL(
    "EXISTS (SELECT FROM ({people}) people WHERE people.id = {customer} OFFSET 0)"
)
# A mail to everybody is one to the audience as a whole.
_IN_AUDIENCE = SQL("""
SELECT * FROM ({due}) everybody (customer_id, occurrence, due_on, why)
WHERE everybody.customer_id IN ({people})
""")
_OUTSIDE = SQL("""
SELECT asked.id, {inside}
FROM unnest(%(ids)s::bigint[], %(customers)s::bigint[], %(moments)s::timestamptz[])
    AS asked (id, customer_id, moment)
WHERE NOT (true {condition})
""")


@dataclass(frozen=True)
class GoesFirst:
    """Another automation: what falls due after `since` for people of its `audience`
    is its own. None: everybody is in it."""

    audience: Composed | None
    since: datetime


@dataclass(frozen=True)
class Reach:
    """Those in `audience` (None: everybody) whom no other automation has first."""

    audience: Composed | None = None
    others: tuple[GoesFirst, ...] = ()


def condition(
    reach: Reach, *, customer: Composable, moment: Composable | None
) -> Composable:
    """`AND ...` on an expression of a customer's id; nothing where all are reached.

    `moment`: an expression of when the mail falls due; None: after any `since`. To be
    put into a statement that has parameters: percent signs are doubled.
    """
    parts = [inside(reach.audience, customer)] if reach.audience else []
    for other in reach.others:
        its = [inside(other.audience, customer)] if other.audience else []
        if moment is not None:
            its.insert(0, SQL("{} > {}").format(moment, Literal(other.since)))
        parts.append(SQL("NOT ({})").format(SQL(" AND ").join(its or [SQL("true")])))
    return SQL("").join(SQL(" AND {}").format(part) for part in parts)


def of_audience(kind: Kind, due: Composable, reach: Reach) -> Composable:
    """What is due, of a mail to everybody in the audience alone."""
    if not kind.is_to_everybody or reach.audience is None:
        return due
    return _IN_AUDIENCE.format(due=due, people=escaped(reach.audience))


def within(
    kind: Kind, reach: Reach, *, customer: Composable, moment: Composable | None
) -> Composable:
    """The rest of what `of_audience` leaves to ask; see `condition`."""
    rest = replace(reach, audience=None) if kind.is_to_everybody else reach
    return condition(rest, customer=customer, moment=moment)


def outside(
    reach: Reach,
    *,
    ids: Sequence[int],
    customers: Sequence[int],
    moments: Sequence[datetime],
) -> dict[int, bool]:
    """The messages that are not within reach; whether still in the audience."""
    customer = SQL("asked.customer_id")
    statement = _OUTSIDE.format(
        inside=inside(reach.audience, customer) if reach.audience else SQL("true"),
        condition=condition(reach, customer=customer, moment=SQL("asked.moment")),
    )
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            {
                "ids": list(ids),
                "customers": list(customers),
                "moments": list(moments),
            },
        )
        return dict(cursor.fetchall())


def inside(audience: Composed, customer: Composable) -> Composable:
    """Whether the customer of this expression is among those of an audience. Percent
    signs are doubled, as in `condition`."""
    return _IN.format(people=escaped(audience), customer=customer)


def escaped(audience: Composed) -> SQL:
    """The ids of an audience, for a statement that has parameters."""
    return SQL(audience.as_string(None).replace("%", "%%"))
