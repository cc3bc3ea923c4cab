"""What the ledgers of customers say of their orders: earned, run out, paid, booked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection
from psycopg.sql import SQL

from crm.sql.ids import array_of
from loyalty.sql import members

# What orders have earned so far, with those who were merged into each. `OFFSET 0`: each
# ledger is looked up. While the first orders earn, nobody knows yet how short they are,
# and a join reads all of them with every slice.
_EARNED = SQL("""
SELECT theirs.person, member.programme_id, version.rule_id, e.order_id, sum(e.amount),
    (array_agg(e.rule_version_id ORDER BY e.id))[1],
    count(*) FILTER (WHERE member.customer_id = theirs.person)
FROM {theirs}
CROSS JOIN LATERAL (
    SELECT * FROM loyalty_entry entry
    WHERE entry.membership_id = member.id AND entry.order_id IS NOT NULL OFFSET 0
) e
JOIN loyalty_ruleversion version ON version.id = e.rule_version_id
GROUP BY theirs.person, member.programme_id, version.rule_id, e.order_id
""").format(theirs=members.THEIRS)
# What orders earned that ran out since, less what was taken back of that.
_EXPIRED = SQL("""
SELECT theirs.person, lot.order_id,
    sum(CASE WHEN own.kind = 'expired' THEN -own.amount ELSE 0 END
        + coalesce(gone.amount, 0)),
    sum(lot."left") FILTER (WHERE member.customer_id = theirs.person),
    min(coalesce(own.origin_id, own.id)) FILTER (WHERE gone.amount > 0)
FROM {theirs} AND member.programme_id = %(programme)s
JOIN (
    SELECT DISTINCT * FROM unnest(%(customers)s::bigint[], %(orders)s::bigint[])
        pair (person, order_id)
) asked USING (person)
JOIN loyalty_lot lot
    ON lot.membership_id = member.id AND lot.order_id = asked.order_id
JOIN loyalty_entry own ON own.id = lot.entry_id
LEFT JOIN LATERAL (
    SELECT sum(a.amount) AS amount FROM loyalty_allocation a
    JOIN loyalty_entry e ON e.id = a.spent_id AND e.kind = 'expired'
    WHERE a.earned_id = lot.entry_id
) gone ON true
GROUP BY theirs.person, lot.order_id
""").format(theirs=members.THEIRS)
# What points paid of orders, and of it what came back already. Of orders with the same
# number, which several sources may have, it is the one nearest in time, and none in a
# currency that the programme does not pay in.
_PAID = SQL("""
SELECT theirs.person, member.programme_id, s.id, s.entry_id, its.id,
    coalesce(its.state = 'cancelled', false),
    coalesce(s.pays, 0), -e.amount, coalesce(sum(back.amount), 0), count(back.id)
FROM {theirs}
JOIN loyalty_programme programme ON programme.id = member.programme_id
JOIN loyalty_spending s ON s.membership_id = member.id
    AND s.order_key <> '' AND s.state = 'committed'
JOIN loyalty_entry e ON e.id = s.entry_id
LEFT JOIN LATERAL (
    SELECT o.id, o.state FROM crm_order o
    WHERE o.customer_id = theirs.person AND o.external_id = s.order_key
        AND o.nature = 'sale' AND o.currency = programme.currency
    ORDER BY abs(extract(epoch FROM o.ordered_at - s.made_at)), o.id
    LIMIT 1
) its ON true
LEFT JOIN loyalty_entry back ON back.undoes_id = s.entry_id
GROUP BY theirs.person, member.programme_id, s.id, e.id, its.id, its.state
ORDER BY s.id
""").format(theirs=members.THEIRS)
# What rules gave for money paid at the till, by the day; less what was undone.
_BOOKED = SQL("""
SELECT theirs.person, version.rule_id, e."on", sum(e.amount)
FROM {theirs} AND member.programme_id = %(programme)s
JOIN loyalty_entry e ON e.membership_id = member.id
    AND e.order_id IS NULL AND e.source_key LIKE 'till:%%'
JOIN loyalty_ruleversion version ON version.id = e.rule_version_id
GROUP BY theirs.person, version.rule_id, e."on"
""").format(theirs=members.THEIRS)


class Earned(NamedTuple):
    """What an order has earned by a rule so far, under its first version; `entries`
    of the person's own membership."""

    customer: int
    programme: int
    rule: int
    order: int
    amount: Decimal
    version: int
    entries: int


@dataclass(frozen=True)
class Expired:
    """Of what an order earned: how much ran out, and is left in the person's own
    membership; the first entry by which something came in that ran out."""

    amount: Decimal = Decimal(0)
    left: Decimal = Decimal(0)
    origin: int | None = None


@dataclass(frozen=True)
class Paid:
    """A spending in a programme that paid a share of an order, None where we do not
    know it: in money of the programme's currency and in units, and how much of the
    units came back, in so many entries."""

    customer: int
    programme: int
    id: int
    entry: int
    order: int | None
    is_cancelled: bool
    pays: Decimal
    units: Decimal
    back: Decimal
    entries: int


def earned(customers: Sequence[int]) -> list[Earned]:
    """What their orders have earned so far, in all programmes."""
    with connection.cursor() as cursor:
        cursor.execute(_EARNED, {"customers": array_of(customers)})
        return list(map(Earned._make, cursor.fetchall()))


def expired(
    pairs: Sequence[tuple[int, int]], programme: int
) -> dict[tuple[int, int], Expired]:
    """By customer and order what ran out of what it earned."""
    if not pairs:
        return {}
    values: Any = {
        "customers": [customer for customer, _ in pairs],
        "orders": [order for _, order in pairs],
        "programme": programme,
    }
    with connection.cursor() as cursor:
        cursor.execute(_EXPIRED, values)
        return {
            (customer, order): Expired(gone or Decimal(0), left or Decimal(0), origin)
            for customer, order, gone, left, origin in cursor.fetchall()
        }


def paid(customers: Sequence[int]) -> list[Paid]:
    """What they paid of orders with what they had earned, in whatever programme."""
    with connection.cursor() as cursor:
        cursor.execute(_PAID, {"customers": array_of(customers)})
        return [Paid(*row) for row in cursor.fetchall()]


def booked(
    customers: Sequence[int], programme: int
) -> dict[tuple[int, int], dict[date, Decimal]]:
    """By customer and rule, what was booked at the till, by day."""
    found: dict[tuple[int, int], dict[date, Decimal]] = {}
    with connection.cursor() as cursor:
        values: Any = {"customers": array_of(customers), "programme": programme}
        cursor.execute(_BOOKED, values)
        for customer, rule, day, units in cursor.fetchall():
            found.setdefault((customer, rule), {})[day] = units
    return found
