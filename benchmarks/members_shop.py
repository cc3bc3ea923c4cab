"""Many members of a programme of points and of a punch card, made by the database.

Each has earned three times and spent once; every hundredth has a ledger of forty lines.
"""

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import connection

from benchmarks import people_shop
from loyalty.choices import EarnEvent, ProgrammeKind, Unit
from loyalty.services.programmes import programmes, rules

_MEMBERS = """
INSERT INTO loyalty_membership
    (programme_id, customer_id, joined_at, balance, owed, active_on)
SELECT %(programme)s, c.id, %(now)s, 0, 0, %(today)s FROM crm_customer c ORDER BY c.id
"""
_EARNED = """
INSERT INTO loyalty_entry (membership_id, kind, amount, source_key, rule_version_id,
    order_id, "on", available_on, expires_on, at)
SELECT m.id, 'earned', 10 + (m.id + n) %% 90, 'order:' || m.id * 100 + n || ':rule:1:1',
    %(version)s, m.id * 100 + n, day, day, day + 365, %(now)s
FROM loyalty_membership m
CROSS JOIN LATERAL (
    SELECT n, %(today)s::date - (m.id %% 20 + 7 * n)::int AS day
    FROM generate_series(1, CASE WHEN m.customer_id %% 100 = 0 THEN 40 ELSE 3 END) n
) bought
WHERE m.programme_id = %(programme)s
"""
# Of the last lot, as the first one that was earned.
_SPENT = """
INSERT INTO loyalty_entry (membership_id, kind, amount, source_key, "on", at)
SELECT id, 'spent', -5, 'spent:' || id, %(today)s, %(now)s
FROM loyalty_membership WHERE programme_id = %(programme)s
"""
_ALLOCATIONS = """
INSERT INTO loyalty_allocation (spent_id, earned_id, amount)
SELECT spent.id, first.id, 5 FROM loyalty_entry spent
JOIN (SELECT membership_id, min(id) AS id FROM loyalty_entry
    WHERE kind = 'earned' GROUP BY membership_id) first USING (membership_id)
WHERE spent.kind = 'spent'
"""
_LOTS = """
INSERT INTO loyalty_lot (entry_id, membership_id, "left", available_on, expires_on,
    order_id)
SELECT e.id, e.membership_id, e.amount - coalesce(a.amount, 0), e.available_on,
    e.expires_on, e.order_id
FROM loyalty_entry e LEFT JOIN loyalty_allocation a ON a.earned_id = e.id
WHERE e.amount > 0
"""
_BALANCES = """
UPDATE loyalty_membership m SET balance = summed.amount
FROM (SELECT membership_id, sum(amount) AS amount FROM loyalty_entry
    GROUP BY membership_id) summed
WHERE summed.membership_id = m.id
"""
_TABLES = "loyalty_membership", "loyalty_entry", "loyalty_lot", "loyalty_allocation"
_PARTS = (
    (ProgrammeKind.POINTS, Unit.POINTS, {"measure": "money", "per": Decimal(1)}),
    (ProgrammeKind.PUNCH_CARD, Unit.STAMPS, {"measure": "visit"}),
)


def fill(members: int, *, now: datetime) -> None:
    """So many customers, each in both programmes."""
    begun = now - timedelta(days=400)
    people_shop.fill(members, now=now, statements=people_shop.PEOPLE)
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        # Our own rows have valid foreign keys: no need to check them.
        cursor.execute("SET session_replication_role = replica")
        indexes = people_shop.take_away_indexes(cursor, _TABLES)
        for kind, unit, rule in _PARTS:
            programme = programmes.create(
                kind=kind,
                unit=unit,
                values={"name": kind.value, "worth": Decimal("0.01")},
                now=begun,
            )
            made = rules.add(
                programme,
                event=EarnEvent.ORDER,
                values={"units": Decimal(1), **rule},
                now=begun,
            )
            values = {
                "programme": programme.pk,
                "version": made.versions.get().pk,
                "today": now.date(),
                "now": now,
            }
            programmes.switch_on(programme, now=begun)
            for statement in (_MEMBERS, _EARNED, _SPENT):
                cursor.execute(statement, values)
        for statement in (_ALLOCATIONS, _LOTS, _BALANCES):
            cursor.execute(statement)
        cursor.execute("SET maintenance_work_mem = '512MB'")
        for definition in indexes:
            cursor.execute(definition)
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("VACUUM ANALYZE")


def sizes() -> str:
    """How many rows there are of each, in words."""
    found = []
    with connection.cursor() as cursor:
        for table in _TABLES:
            cursor.execute(f"SELECT count(*) FROM {table}")
            name = table.removeprefix("loyalty_")
            found.append(f"{cursor.fetchone()[0]:,} {name}")
    return ", ".join(found)
