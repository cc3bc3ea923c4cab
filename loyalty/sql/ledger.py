"""The ledger of programmes in sets: numbers for entries, debts, and what is kept."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection
from psycopg.sql import SQL

from crm.sql.ids import array_of
from loyalty.models import Membership
from loyalty.rules.programmes.lots import OpenLot

_NEXT_IDS = SQL("""
SELECT nextval(sequence.name)
FROM (SELECT pg_get_serial_sequence('loyalty_entry', 'id')::regclass OFFSET 0)
    sequence (name), generate_series(1, %s)
""")
# Looked up one by one: a join reads all ledgers for those of a slice.
_THERE = SQL("""
SELECT wanted.membership_id, wanted.source_key
FROM unnest(%s::bigint[], %s::text[]) wanted (membership_id, source_key)
CROSS JOIN LATERAL (
    SELECT FROM loyalty_entry e
    WHERE e.membership_id = wanted.membership_id
        AND e.source_key = wanted.source_key OFFSET 0
) there
""")
_COPY_ENTRIES = SQL("""
COPY loyalty_entry (id, membership_id, kind, amount, source_key, rule_version_id,
    order_id, undoes_id, origin_id, "on", available_on, expires_on, at, by_id)
FROM STDIN
""")
_COPY_LOTS = SQL("""
COPY loyalty_lot (entry_id, membership_id, "left", available_on, expires_on, order_id)
FROM STDIN
""")
_COPY_ALLOCATIONS = SQL("""
COPY loyalty_allocation (spent_id, earned_id, amount) FROM STDIN
""")
# By the index lot_open.
_OPEN_LOTS = SQL("""
SELECT membership_id, entry_id, "left", available_on, expires_on, order_id
FROM loyalty_lot WHERE membership_id = ANY(%s::bigint[]) AND "left" > 0
""")
# Few members owe anything: their ledgers are read whole.
_DEBTS = SQL("""
SELECT e.membership_id, e.id, -e.amount - coalesce(sum(a.amount), 0) AS owed
FROM loyalty_entry e
LEFT JOIN loyalty_allocation a ON a.spent_id = e.id
WHERE e.membership_id = ANY(%s::bigint[]) AND e.amount < 0
GROUP BY e.id
HAVING -e.amount > coalesce(sum(a.amount), 0)
ORDER BY e.id
""")
_SET_LEFT = SQL("""
UPDATE loyalty_lot lot SET "left" = fresh.amount
FROM unnest(%s::bigint[], %s::numeric[]) fresh (id, amount)
WHERE lot.entry_id = fresh.id
""")
_SET_BALANCES = SQL("""
UPDATE loyalty_membership member
SET balance = fresh.balance, owed = fresh.owed, active_on = fresh.active_on
FROM unnest(%s::bigint[], %s::numeric[], %s::numeric[], %s::date[])
    fresh (id, balance, owed, active_on)
WHERE member.id = fresh.id
""")

# What had no last day gets this one, and what had one keeps the later.
_EXPIRE_ON = SQL("""
UPDATE loyalty_lot lot
SET expires_on = CASE WHEN last.day IS NULL THEN NULL
    ELSE greatest(lot.expires_on, last.day) END
FROM loyalty_membership member,
    unnest(%(from_days)s::date[], %(last_days)s::date[]) last (from_day, day)
WHERE member.id = lot.membership_id AND member.programme_id = %(programme)s
    AND lot."left" > 0 AND last.from_day = greatest(lot.available_on, %(today)s)
""")

# What is kept beside the ledger, against what the ledger says.
_WRONG = SQL("""
SELECT member.id, member.balance, coalesce(summed.amount, 0) AS sum,
    member.owed, coalesce(open.owed, 0) AS open_owed,
    coalesce(open.wrong_lots, 0) AS wrong_lots
FROM loyalty_membership member
LEFT JOIN (
    SELECT membership_id, sum(amount) AS amount FROM loyalty_entry
    GROUP BY membership_id
) summed ON summed.membership_id = member.id
LEFT JOIN (
    SELECT e.membership_id,
        sum(-e.amount - coalesce(taken.amount, 0)) FILTER (WHERE e.amount < 0) AS owed,
        count(*) FILTER (WHERE e.amount > 0 AND lot."left"
            IS DISTINCT FROM e.amount - coalesce(given.amount, 0)) AS wrong_lots
    FROM loyalty_entry e
    LEFT JOIN loyalty_lot lot ON lot.entry_id = e.id
    LEFT JOIN (SELECT spent_id, sum(amount) AS amount FROM loyalty_allocation
        GROUP BY spent_id) taken ON taken.spent_id = e.id
    LEFT JOIN (SELECT earned_id, sum(amount) AS amount FROM loyalty_allocation
        GROUP BY earned_id) given ON given.earned_id = e.id
    GROUP BY e.membership_id
) open ON open.membership_id = member.id
WHERE member.balance <> coalesce(summed.amount, 0)
    OR member.owed <> coalesce(open.owed, 0)
    OR coalesce(open.wrong_lots, 0) > 0
ORDER BY member.id
LIMIT %s
""")

# Lots and balances as the entries and allocations say; run out and owed included.
_MEND_LOTS = SQL("""
INSERT INTO loyalty_lot AS kept
    (entry_id, membership_id, "left", available_on, expires_on, order_id)
SELECT e.id, e.membership_id, e.amount - coalesce(sum(a.amount), 0), e.available_on,
    e.expires_on, e.order_id
FROM loyalty_entry e
LEFT JOIN loyalty_allocation a ON a.earned_id = e.id
WHERE e.membership_id = ANY(%s::bigint[]) AND e.amount > 0
GROUP BY e.id
ON CONFLICT (entry_id) DO UPDATE SET "left" = excluded."left"
WHERE kept."left" <> excluded."left"
""")
_MEND_BALANCES = SQL("""
UPDATE loyalty_membership member
SET balance = summed.amount, owed = summed.owed
FROM (
    SELECT asked.id, coalesce(sum(e.amount), 0) AS amount,
        coalesce(sum(-e.amount - coalesce(taken.amount, 0))
            FILTER (WHERE e.amount < 0), 0) AS owed
    FROM unnest(%s::bigint[]) asked (id)
    LEFT JOIN loyalty_entry e ON e.membership_id = asked.id
    LEFT JOIN LATERAL (
        SELECT sum(amount) AS amount FROM loyalty_allocation WHERE spent_id = e.id
    ) taken ON true
    GROUP BY asked.id
) summed
WHERE summed.id = member.id
""")


class EntryRow(NamedTuple):
    """A row of Entry, in the order of its COPY."""

    id: int
    membership_id: int
    kind: str
    amount: Decimal
    source_key: str
    rule_version_id: int | None
    order_id: int | None
    undoes_id: int | None
    origin_id: int | None
    on: date
    available_on: date | None
    expires_on: date | None
    at: datetime
    by_id: int | None


class LotRow(NamedTuple):
    """A row of Lot, in the order of its COPY."""

    entry_id: int
    membership_id: int
    left: Decimal
    available_on: date
    expires_on: date | None
    order_id: int | None


class AllocationRow(NamedTuple):
    """A row of Allocation, in the order of its COPY."""

    spent_id: int
    earned_id: int
    amount: Decimal


def there(keys: Collection[tuple[int, str]]) -> set[tuple[int, str]]:
    """Those of these memberships and source keys of which there is an entry."""
    columns: list[Any] = [
        array_of([member for member, _ in keys]),
        [key for _, key in keys],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_THERE, columns)
        return set(cursor.fetchall())


def write(
    entries: Sequence[EntryRow],
    lots: Sequence[LotRow],
    allocations: Sequence[AllocationRow],
) -> None:
    """New rows, by COPY: a fraction of what their objects would cost."""
    _copy(_COPY_ENTRIES, entries)
    _copy(_COPY_LOTS, lots)
    _copy(_COPY_ALLOCATIONS, allocations)


def _copy(statement: SQL, rows: Sequence[tuple[Any, ...]]) -> None:
    if not rows:
        return
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def next_entry_ids(number: int) -> list[int]:
    """So many new numbers, the lowest first."""
    with connection.cursor() as cursor:
        cursor.execute(_NEXT_IDS, [number])
        return sorted(pk for (pk,) in cursor.fetchall())


def open_lots(memberships: Collection[int]) -> defaultdict[int, list[OpenLot]]:
    """By membership what it has parts left of."""
    found: defaultdict[int, list[OpenLot]] = defaultdict(list)
    if memberships:
        with connection.cursor() as cursor:
            cursor.execute(_OPEN_LOTS, [array_of(memberships)])
            for member, *lot in cursor.fetchall():
                found[member].append(OpenLot(*lot))
    return found


def debts(memberships: Collection[int]) -> list[tuple[int, int, Decimal]]:
    """Membership, entry and what that entry took that was not there, the oldest
    first."""
    if not memberships:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_DEBTS, [list(memberships)])
        return [(member, entry, left) for member, entry, left in cursor.fetchall()]


def set_left(left: Mapping[int, Decimal]) -> None:
    """By the id of its entry, what is left of a lot."""
    if not left:
        return
    with connection.cursor() as cursor:
        cursor.execute(_SET_LEFT, [list(left), list(left.values())])


def set_balances(members: Collection[Membership]) -> None:
    """Keep the balance of memberships that are locked."""
    columns = [
        array_of([row.pk for row in members]),
        array_of([row.balance for row in members]),
        array_of([row.owed for row in members]),
        array_of([row.active_on for row in members]),
    ]
    with connection.cursor() as cursor:
        cursor.execute(_SET_BALANCES, columns)


def expire_on(
    programme: int, last_days: Mapping[date, date | None], *, today: date
) -> None:
    """From now on nothing of a programme runs out before its last day, by the day from
    which it can be spent, today or later; None: nothing runs out by itself. Whatever
    has another such day stays as it is."""
    values: dict[str, Any] = {
        "programme": programme,
        "from_days": list(last_days),
        "last_days": list(last_days.values()),
        "today": today,
    }
    with connection.cursor() as cursor:
        cursor.execute(_EXPIRE_ON, values)


@dataclass(frozen=True)
class WrongBalance:
    """A membership of which something kept is not what its ledger says."""

    membership: int
    balance: Decimal
    entries: Decimal
    owed: Decimal
    not_taken: Decimal
    wrong_lots: int


def wrong_balances(most: int = 1_000) -> list[WrongBalance]:
    """All ledgers added up anew, against what is kept of them; the first ones that
    differ."""
    with connection.cursor() as cursor:
        cursor.execute(_WRONG, [most])
        return [WrongBalance(*row) for row in cursor.fetchall()]


def mend(memberships: Collection[int]) -> None:
    """What is kept of these, which are locked, is what their entries add up to."""
    with connection.cursor() as cursor:
        cursor.execute(_MEND_LOTS, [list(memberships)])
        cursor.execute(_MEND_BALANCES, [list(memberships)])
