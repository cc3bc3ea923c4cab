"""Programmes in sums: what is outstanding, what came and went by month, and how those
who take part buy beside the others.

Every figure has its people: the same condition, as a SELECT of the ids of customers,
each once; what a merged record had is of the record that stayed.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from psycopg.sql import SQL, Composable, Composed, Literal

from loyalty.models import Programme

# When a part runs out: by its own last day, or a while after the member did anything.
_LAST_DAY = SQL("lot.expires_on")
_AFTER_SILENCE = SQL("greatest(m.active_on, {since}) + {after}")
_PARTS = SQL("""
SELECT m.id AS membership, coalesce(c.merged_into_id, c.id) AS customer,
    lot."left" AS units,
    CASE WHEN lot.available_on > {today} THEN 'pending'
        WHEN {last} < {today} THEN 'over' ELSE 'open' END AS state,
    date_trunc('month', {last})::date AS month
FROM loyalty_membership m
JOIN loyalty_lot lot ON lot.membership_id = m.id AND lot."left" > 0
JOIN crm_customer c ON c.id = m.customer_id
WHERE m.programme_id = {programme}
""")
_OUTSTANDING = SQL("""
SELECT state, month, grouping(month) = 0, sum(units), count(DISTINCT customer)
FROM ({parts}) part GROUP BY GROUPING SETS ((state), (state, month))
ORDER BY state, month NULLS LAST
""")
_OWED = SQL("""
SELECT coalesce(sum(owed), 0), count(*) FILTER (WHERE owed > 0),
    coalesce(sum(balance), 0)
FROM loyalty_membership WHERE programme_id = {programme}
""")
_BY_MONTH = SQL("""
SELECT date_trunc('month', e.on)::date AS month, e.kind, sum(e.amount)
FROM loyalty_entry e JOIN loyalty_membership m ON m.id = e.membership_id
WHERE m.programme_id = {programme}
GROUP BY 1, 2 ORDER BY 1, 2
""")
_WITH_PART = SQL("""
SELECT DISTINCT customer FROM ({parts}) part WHERE state = {state} AND {month}
""")
_WHO_OWES = SQL("""
SELECT DISTINCT coalesce(c.merged_into_id, c.id)
FROM loyalty_membership m JOIN crm_customer c ON c.id = m.customer_id
WHERE m.programme_id = {programme} AND m.owed > 0
""")
_WITH_ENTRY = SQL("""
SELECT DISTINCT coalesce(c.merged_into_id, c.id)
FROM loyalty_entry e JOIN loyalty_membership m ON m.id = e.membership_id
JOIN crm_customer c ON c.id = m.customer_id
WHERE m.programme_id = {programme} AND e.kind = {kind}
    AND e.on >= {first} AND e.on < {after}
""")
# Those who bought in the year before, by whether they took part when the span began,
# with what they bought in it.
_SIDES = SQL("""
WITH known AS MATERIALIZED (
    SELECT c.id, EXISTS (SELECT FROM loyalty_membership m
        WHERE m.customer_id = c.id AND m.programme_id = {programme}
            AND m.joined_at < {begins}
            AND (m.left_at IS NULL OR m.left_at >= {begins})
            AND NOT {begins}::timestamptz <@ ANY(m.absences)) AS is_member
    FROM crm_customer c
    WHERE c.merged_into_id IS NULL AND c.erased_at IS NULL AND c.id IN (
        SELECT customer_id FROM crm_order
        WHERE nature = 'sale' AND state <> 'cancelled'
            AND ordered_on >= {before} AND ordered_on < {first})
), bought AS MATERIALIZED (
    SELECT customer_id, currency, sum(total) AS amount,
        count(*) FILTER (WHERE nature = 'sale') AS orders
    FROM crm_order
    WHERE state <> 'cancelled' AND ordered_on >= {first} AND ordered_on < {after}
    GROUP BY customer_id, currency
)
""")
_COMPARED = SQL("""
{sides}, heads AS (
    SELECT known.is_member, coalesce(sum(bought.orders), 0) AS orders
    FROM known LEFT JOIN bought ON bought.customer_id = known.id
    GROUP BY known.id, known.is_member
)
SELECT is_member, '' AS currency, count(*), count(*) FILTER (WHERE orders > 0),
    sum(orders), sum(orders * orders)
FROM heads GROUP BY is_member
UNION ALL
SELECT known.is_member, bought.currency, count(*), 0, sum(bought.amount),
    sum(bought.amount * bought.amount)
FROM known JOIN bought ON bought.customer_id = known.id
GROUP BY known.is_member, bought.currency
ORDER BY 2, 1
""")
_OF_SIDE = SQL("""
{sides} SELECT known.id FROM known WHERE known.is_member = {is_member} AND {again}
""")
_AGAIN = SQL("""EXISTS (SELECT FROM bought
    WHERE bought.customer_id = known.id AND bought.orders > 0)""")


@dataclass(frozen=True)
class Span:
    """The days that are compared, without the last one; `begins`: the first in UTC."""

    first: date
    after: date
    begins: datetime

    @property
    def before(self) -> date:
        """From when on whoever is counted must have bought."""
        return self.first - timedelta(days=365)


def _parts(programme: Programme, today: date) -> Composed:
    last: Composable = _LAST_DAY
    if programme.expiry == "inactivity":
        last = _AFTER_SILENCE.format(
            since=Literal(programme.expiry_since),
            after=Literal(programme.expires_after),
        )
    return _PARTS.format(
        programme=Literal(programme.pk), today=Literal(today), last=last
    )


def outstanding(programme: Programme, today: date) -> Composed:
    """State (open, pending, over: ran out and not posted yet), month of the last day,
    whether the row is of that month alone, units and people."""
    return _OUTSTANDING.format(parts=_parts(programme, today))


def owed(programme: Programme) -> Composed:
    """What is owed, by how many, and the sum of all balances."""
    return _OWED.format(programme=Literal(programme.pk))


def by_month(programme: Programme) -> Composed:
    """Month, kind of entry and the sum of its amounts."""
    return _BY_MONTH.format(programme=Literal(programme.pk))


def with_part(
    programme: Programme,
    today: date,
    state: str,
    *,
    month: date | None,
    any_month: bool,
) -> Composed:
    """Those who have something in a state that runs out in a month; None: never."""
    asked: Composable = SQL("true")
    if not any_month:
        asked = SQL("month IS NOT DISTINCT FROM {}").format(Literal(month))
    return _WITH_PART.format(
        parts=_parts(programme, today), state=Literal(state), month=asked
    )


def who_owes(programme: Programme) -> Composed:
    """Those whom a return left below what they had."""
    return _WHO_OWES.format(programme=Literal(programme.pk))


def with_entry(programme: Programme, kind: str, span: tuple[date, date]) -> Composed:
    """Those whose balance changed so between two days, the last one not counted."""
    first, after = span
    return _WITH_ENTRY.format(
        programme=Literal(programme.pk),
        kind=Literal(kind),
        first=Literal(first),
        after=Literal(after),
    )


def compared(programme: Programme, span: Span) -> Composed:
    """Whether members; a currency, or none; of those without: people, those who ordered
    in the span, orders, and their squares; of a currency: people who paid in it, and
    what each of them brought, summed, and its squares."""
    return _COMPARED.format(sides=_sides(programme, span))


def of_side(
    programme: Programme, span: Span, *, is_member: bool, again: bool
) -> Composed:
    """The people of a side; `again`: who ordered in the span."""
    return _OF_SIDE.format(
        sides=_sides(programme, span),
        is_member=Literal(is_member),
        again=_AGAIN if again else SQL("true"),
    )


def _sides(programme: Programme, span: Span) -> Composed:
    return _SIDES.format(
        programme=Literal(programme.pk),
        begins=Literal(span.begins),
        before=Literal(span.before),
        first=Literal(span.first),
        after=Literal(span.after),
    )
