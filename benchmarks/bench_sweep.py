"""W2: one sweep of every kind over everybody, beside the least SQL that plans the same.

    script/bench sweep [--customers 250000] [--full] [--kinds anniversary,reorder]

Customers with three order lines each on average, in a database of this run's own; what
kinds maintain is worked out by the real upkeep. Every kind that is swept is on, as it
suggests itself, so that most rest on days off: one of the two days on which mail is due
is a Saturday. The limit is one statement for each kind on the product's own tables,
constraints and indexes. For anniversaries and reminders it knows the answer to every
question but who is due: no window, no clock of zones, no days off, no rest between
mails; for the others it copies the very rows from a table. The messages, why they were
planned and the reminder items are the same. The plan of each kind is kept in
var/bench/sweep, and what it reads as a whole is named. `--full`: 1,000,000 customers,
and twice as many with the same number due. Read the ratios, not the seconds.
"""

import argparse
import re
import time
from dataclasses import dataclass
from statistics import median

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from benchmarks import plans
from benchmarks.database import own_database
from benchmarks.sweep_shop import NOW, bring_up_to_date, fill
from messaging import kinds
from messaging.services import planning

ROUNDS = 3

# The least that writes the same rows, the answers to all other questions given; of a
# kind that is not in DUE, also to the question who is due.
LIMIT = """
INSERT INTO messaging_message (customer_id, automation_id, kind, category, occurrence,
    is_reminder, priority, state, reason_code, reason_data, why, language, due_on,
    not_before, expires_at, planned_at, attempts, refusals, resends, deferrals,
    deferred_reason, message_uuid, smtp_text, transport, on_uncertain)
SELECT due.customer_id, automation.id, automation.kind, 'loyalty', due.occurrence,
    false, automation.priority, 'planned', '', '{{}}', due.why,
    coalesce(nullif(customer.language, ''), 'en'), due.due_on,
    due.due_on + TIME '09:00',
    due.due_on + TIME '09:00' + make_interval(days => automation.life_days), now(),
    0, 0, 0, 0, '', gen_random_uuid(), '', '', 'park'
FROM ({due}) due
JOIN crm_customer customer ON customer.id = due.customer_id
JOIN messaging_automation automation ON automation.kind = %(kind)s
ON CONFLICT (kind, customer_id, occurrence, user_id, address)
    WHERE NOT (state = 'superseded') DO NOTHING
"""
# What a reminder lists is noted as well, from where it was found.
LIMIT_AND_ITEMS = f"""
WITH made AS ({LIMIT} RETURNING id, customer_id)
INSERT INTO loyalty_reminderitem (customer_id, product_id, last_on, due_on, message_id)
SELECT customer_id, product_id, last_on, due_on, made.id
FROM made JOIN loyalty_nextpurchase next USING (customer_id)
WHERE due_on BETWEEN DATE '2026-02-27' AND DATE '2026-02-28'
ON CONFLICT (customer_id, product_id, last_on) DO NOTHING
"""
DUE = {
    "anniversary": """
        SELECT id AS customer_id, '2026' AS occurrence, due_on,
            jsonb_build_object('on', due_on, 'since', since_on) AS why
        FROM (SELECT id, since_on, CASE
                (extract(month FROM since_on) * 100 + extract(day FROM since_on))::int
                WHEN 227 THEN DATE '2026-02-27' ELSE DATE '2026-02-28' END AS due_on
            FROM crm_customer
            WHERE extract(month FROM since_on) * 100 + extract(day FROM since_on)
                    IN (227, 228, 229)
                AND since_on < DATE '2026-01-01'
                AND merged_into_id IS NULL AND erased_at IS NULL) found""",
    "reorder": """
        SELECT customer_id, min(due_on) || ':' || min(product_id) AS occurrence,
            min(due_on) AS due_on, jsonb_build_object('products', jsonb_agg(
                jsonb_build_object('id', product_id, 'last', last_on, 'due', due_on,
                    'days', days, 'n', intervals))) AS why
        FROM loyalty_nextpurchase
        WHERE due_on BETWEEN DATE '2026-02-27' AND DATE '2026-02-28'
        GROUP BY customer_id""",
}

COPY = """
CREATE TEMPORARY TABLE least AS SELECT * FROM messaging_message
WHERE kind = %s AND state = 'planned'
"""
# The same from a table: what is left is to write.
LIMIT_OF_COPY = """
INSERT INTO messaging_message ({columns}) SELECT {columns} FROM least
ON CONFLICT (kind, customer_id, occurrence, user_id, address)
    WHERE NOT (state = 'superseded') DO NOTHING
"""
WRITTEN = """
SELECT message.kind, message.customer_id, message.occurrence, message.why::text,
    message.language, message.due_on, item.product_id, item.last_on, item.due_on
FROM messaging_message message
LEFT JOIN loyalty_reminderitem item ON item.message_id = message.id
WHERE message.state = 'planned'
"""
# A scan of the whole of one of them, or of an index of it, grows with the shop.
GREAT = re.compile(
    r"(?:Seq Scan|Index (?:Only )?Scan using \w+) on (crm_\w+|messaging_message|"
    r"surveys_turn|surveys_invitation|loyalty_nextpurchase)\b(?!.*\n +Index Cond)"
)


@dataclass
class Figures:
    """Of one kind; seconds. `reads_all`: tables that its plan reads as a whole."""

    kind: str
    customers: int
    due: int
    moved: int
    limit: float
    first: float
    second: float
    reads_all: str


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="script/bench sweep")
    parser.add_argument("--customers", type=int, default=250_000)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--kinds", default="")
    options = parser.parse_args(arguments)
    customers = 1_000_000 if options.full else options.customers
    wanted = options.kinds.split(",") if options.kinds else []
    found: list[Figures] = []
    for factor in (1, 2):
        with own_database("sweep"):
            found += measure(customers, customers * factor, wanted)
        tell(found)
    return 0


def measure(lively: int, customers: int, wanted: list[str]) -> list[Figures]:
    """`lively` of them have days and habits; the rest is only many."""
    fill(lively, customers)
    print(f"upkeep of {customers:,} customers: {timed(bring_up_to_date):.1f} s")
    names = [kind.name for kind in kinds.swept_kinds()]
    return [one(name, customers) for name in names if not wanted or name in wanted]


def one(name: str, customers: int) -> Figures:
    with CaptureQueriesContext(connection) as asked:
        sweep(name)
    least, moved = messages(), count_moved()
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS least")
        cursor.execute(COPY, [name])
        cursor.execute("ANALYZE messaging_message")
    forget()
    reads_all = plan_of(name, [query["sql"] for query in asked.captured_queries])
    limits, firsts, seconds = [], [], []
    for _ in range(ROUNDS):
        limits.append(timed(lambda: limit(name)))
        assert messages() == least, (name, len(messages()), len(least))
        forget()
        firsts.append(timed(lambda: sweep(name)))
        assert messages() == least
        seconds.append(timed(lambda: sweep(name)))
        assert messages() == least
        forget()
    return Figures(
        kind=name,
        customers=customers,
        due=len({row[:3] for row in least}),
        moved=moved,
        limit=median(limits),
        first=median(firsts),
        second=median(seconds),
        reads_all=reads_all,
    )


def limit(name: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        if name in DUE:
            least = LIMIT_AND_ITEMS if name == "reorder" else LIMIT
            cursor.execute(least.format(due=DUE[name]), {"kind": name})
            return
        cursor.execute(
            "SELECT string_agg(attname, ', ') FROM pg_attribute"
            " WHERE attrelid = 'messaging_message'::regclass AND attnum > 0"
            " AND NOT attisdropped AND attname <> 'id'"
        )
        cursor.execute(LIMIT_OF_COPY.format(columns=cursor.fetchone()[0]))


def sweep(name: str) -> None:
    planning.sweep(now=NOW, kinds=[name])


def plan_of(name: str, statements: list[str]) -> str:
    """Keep the plan of the statement that planned; the great tables it reads whole."""
    planned = [one for one in statements if "INSERT INTO messaging_message" in one]
    if not planned:
        return ""
    plans.keep("sweep", name, planned[0])
    text = (plans.ROOT / "sweep" / f"{name}.txt").read_text(encoding="utf-8")
    return ", ".join(sorted(set(GREAT.findall(text))))


def messages() -> set[tuple[object, ...]]:
    """Each message with why it was planned, and what was noted with it."""
    with connection.cursor() as cursor:
        cursor.execute(WRITTEN)
        return set(cursor.fetchall())


def count_moved() -> int:
    """How many go on a later day than the one on which they are due, days off apart."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM messaging_message WHERE state = 'planned'"
            " AND not_before > due_on + interval '38 hours'"
        )
        return int(cursor.fetchone()[0])


def forget() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM loyalty_reminderitem")
        cursor.execute("DELETE FROM messaging_message WHERE state = 'planned'")
        cursor.execute("DELETE FROM messaging_sweep")
        cursor.execute("VACUUM ANALYZE messaging_message, loyalty_reminderitem")
        cursor.execute("CHECKPOINT")


def timed(work) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def tell(found: list[Figures]) -> None:
    print(
        f"\n{'kind':<18} {'customers':>10} {'due':>8} {'moved':>7} {'limit':>8}"
        f" {'sweep':>8} {'x limit':>8} {'again/1st':>9}  reads all of"
    )
    for one in found:
        ratio = f"{one.first / one.limit:8.2f}" if one.due else f"{'':>8}"
        print(
            f"{one.kind:<18} {one.customers:>10,} {one.due:>8,} {one.moved:>7,}"
            f" {one.limit:7.2f}s {one.first:7.2f}s {ratio}"
            f" {one.second / one.first:9.2f}  {one.reads_all or '-'}"
        )
    for customers in dict.fromkeys(one.customers for one in found):
        of_all = [one for one in found if one.customers == customers]
        limits, firsts = (
            sum(getattr(one, name) for one in of_all) for name in ("limit", "first")
        )
        again = sum(one.second for one in of_all) / firsts
        print(
            f"all kinds, {customers:,} customers: {firsts / limits:.2f} x limit,"
            f" again {again:.2f} of the first"
        )
    print("targets: sweep <= 1.5 x limit; again <= 0.4 x first; twice <= 1.1 x")
