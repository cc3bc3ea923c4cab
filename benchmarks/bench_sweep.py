"""W2: one sweep of every kind over everybody, beside the least SQL that plans the same.

    script/bench sweep [--customers 250000] [--full] [--kinds anniversary,reorder]

Customers with three order lines each on average, in a database of this run's own; what
kinds maintain is worked out by the real upkeep. Every kind that is swept is on, as it
suggests itself, so that most rest on days off: one of the two days on which mail is due
is a Saturday. The limit (`sweep_limit`) writes the same rows: messages, why they were
planned, reminder items and runs are compared. What a kind does once a day is done
before the rounds and has a column of its own. The plan of each kind is kept in
var/bench/sweep, and what it reads as a whole is named. `--full`: 1,000,000 customers,
and twice as many with the same number due. Times are of the processor, in this process
and in its session of the database, and by the clock; read the ratios.
"""

import argparse
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from operator import attrgetter
from statistics import median

from django.db import connection
from django.test.utils import CaptureQueriesContext

from benchmarks import plans, sweep_limit
from benchmarks.database import own_database
from benchmarks.plans import Took
from benchmarks.sweep_occasions import TO_EVERYBODY, add, expect_reorders
from benchmarks.sweep_shop import NOW, bring_up_to_date, fill
from messaging import kinds
from messaging.services import planning
from messaging.sql.planning import MOST_AT_ONCE

ROUNDS = 3
# So many rows are written once: it takes a minute, and differs little.
MANY = 150_000
MOST_OF_LIMIT, MOST_AGAIN = 1.5, 0.4
WRITTEN = """
SELECT count(DISTINCT id), coalesce(sum(hashtextextended(found::text, 0)), 0)
FROM (
    SELECT message.kind, message.customer_id, message.occurrence, message.why - 'run',
        message.language, message.due_on, item.product_id, item.last_on, item.due_on,
        run.occurrence AS began, run.version_id, run.step
    FROM messaging_message message
    LEFT JOIN loyalty_reminderitem item ON item.message_id = message.id
    LEFT JOIN messaging_run run ON run.id = message.run_id
    WHERE message.state = 'planned'
) found, LATERAL (SELECT found.kind || found.customer_id || found.occurrence AS id) one
"""
# A scan of the whole of one of them, or of an index of it, grows with the shop.
GREAT = re.compile(
    r"(?:Seq Scan|Index (?:Only )?Scan using \w+) on (crm_(?!product|business)\w+|"
    r"messaging_(?:message|run|consent)|surveys_(?:scheduledask|invitation|response|askrequest)|"
    r"support_(?:conversation|mail)|loyalty_(?:nextpurchase|silence|entry|lot|membership)"
    r")\b(?!.*never executed)(?!.*\n +Index Cond)"
)
# A bitmap of all rows of a partial index.
BITMAP = re.compile(
    r"Bitmap Index Scan on (\w+)\b(?!.*never executed)(?!.*\n +Index Cond)"
)


@dataclass
class Figures:
    """Of one kind. `reads_all`: great tables that its plan reads as a whole; `once`:
    its first sweep of the day."""

    kind: str
    customers: int
    due: int
    moved: int
    reads_all: str
    once: Took
    limits: list[Took] = field(default_factory=list)
    firsts: list[Took] = field(default_factory=list)
    seconds: list[Took] = field(default_factory=list)

    def processor(self, name: str) -> float:
        """The median of these rounds; 0 where there was none."""
        rounds = [one.processor for one in getattr(self, name)]
        return median(rounds) if rounds else 0.0

    def clock(self, name: str) -> float:
        """The same by the clock."""
        rounds = [one.clock for one in getattr(self, name)]
        return median(rounds) if rounds else 0.0


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
    add(lively)
    spent = once(bring_up_to_date)
    expect_reorders()
    print(f"upkeep of {customers:,} customers: {spent.processor:.1f} s", flush=True)
    names = [kind.name for kind in kinds.swept_kinds()]
    if customers > lively:
        names = [name for name in names if name not in TO_EVERYBODY]
    return [one(name, customers) for name in names if not wanted or name in wanted]


def one(name: str, customers: int) -> Figures:
    """Each round: the limit, a sweep, and a second one that finds nothing new."""
    with CaptureQueriesContext(connection) as asked:
        spent = once(lambda: sweep(name))
    least = written()
    found = Figures(name, customers, least[0], count_moved(), "", spent)
    sweep_limit.keep_rows(name)
    forget(found.due)
    found.reads_all = plan_of(name, [query["sql"] for query in asked.captured_queries])
    for _ in range(ROUNDS if found.due < MANY else 1):
        if found.due:
            found.limits.append(once(lambda: sweep_limit.write(name)))
            assert written() == least, (name, written(), least)
            forget(found.due)
        found.firsts.append(once(lambda: sweep(name)))
        assert written() == least, (name, written(), least)
        found.seconds.append(once(lambda: sweep(name)))
        assert written() == least, (name, written(), least)
        forget(found.due)
    print(line(found), flush=True)
    return found


def sweep(name: str) -> None:
    """As often as ticks would, until nobody is left for another statement."""
    while True:
        counts = planning.sweep(now=NOW, kinds=[name])[name]
        assert not counts.get("failed"), name
        if counts["planned"] < MOST_AT_ONCE:
            return


def plan_of(name: str, statements: list[str]) -> str:
    """Keep the plan of the statement that planned; the great tables it reads whole."""
    planned = [one for one in statements if "INSERT INTO messaging_message" in one]
    if not planned:
        return ""
    plans.keep("sweep", name, planned[0])
    text = (plans.ROOT / "sweep" / f"{name}.txt").read_text(encoding="utf-8")
    return ", ".join(sorted({*GREAT.findall(text), *BITMAP.findall(text)}))


def written() -> tuple[int, int]:
    """How many messages, and a sum over each with why it was planned, and what was
    noted with it."""
    with connection.cursor() as cursor:
        cursor.execute(WRITTEN)
        people, rows = cursor.fetchone()
    return int(people), int(rows)


def count_moved() -> int:
    """How many go on a later day than the one on which they are due, days off apart."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM messaging_message WHERE state = 'planned'"
            " AND not_before > due_on + interval '38 hours'"
        )
        return int(cursor.fetchone()[0])


def forget(rows: int) -> None:
    """All that was planned, and the last look; not that there was a sweep today."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE messaging_sweep SET swept_through = NULL, looked_at = NULL,"
            " looked_version = NULL, looked_until = NULL"
        )
        if rows:
            cursor.execute("DELETE FROM loyalty_reminderitem")
            cursor.execute("DELETE FROM messaging_message WHERE state = 'planned'")
            cursor.execute("DELETE FROM messaging_run")
            cursor.execute(
                "VACUUM ANALYZE messaging_message, messaging_run, loyalty_reminderitem"
            )
            cursor.execute("CHECKPOINT")


def once(work: Callable[[], object]) -> Took:
    return plans.took(work, times=1)[0]


def line(one: Figures) -> str:
    limit, first, second = map(one.processor, ("limits", "firsts", "seconds"))
    ratio = f"{first / limit:8.2f}" if limit else f"{'':>8}"
    by_clock = f"{one.clock('firsts') / one.clock('limits'):8.2f}" if limit else ""
    return (
        f"{one.kind:<25} {one.customers:>10,} {one.due:>9,} {one.moved:>8,}"
        f" {limit:8.3f} {first:8.3f} {ratio} {by_clock:>8} {second:8.3f}"
        f" {second / first:6.2f} {one.once.processor:8.2f}  {one.reads_all or '-'}"
    )


def tell(found: list[Figures]) -> None:
    print(
        f"\n{'kind':<25} {'customers':>10} {'due':>9} {'moved':>8} {'limit':>8}"
        f" {'sweep':>8} {'x limit':>8} {'by clock':>8} {'again':>8} {'/ 1st':>6}"
        f" {'of a day':>8}  reads all of"
    )
    for one in sorted(found, key=attrgetter("customers", "kind")):
        print(line(one))
    for customers in dict.fromkeys(one.customers for one in found):
        of_all = [one for one in found if one.customers == customers]
        _sum(f"all kinds, {customers:,} customers", of_all)
        of_some = [one for one in of_all if one.kind not in TO_EVERYBODY]
        _sum(f"without those to everybody, {customers:,} customers", of_some)
    print(
        f"targets: sweep <= {MOST_OF_LIMIT} x limit; again <= {MOST_AGAIN} x first;"
        " twice <= 1.1 x"
    )


def _sum(words: str, found: list[Figures]) -> None:
    """Kinds with nobody due have no limit, and count on the other side all the same."""
    limit, first, second = (
        sum(one.processor(name) for one in found)
        for name in ("limits", "firsts", "seconds")
    )
    clock = [sum(one.clock(name) for one in found) for name in ("limits", "firsts")]
    if limit:
        print(
            f"{words}: {sum(one.due for one in found):,} due, {first:.1f} s,"
            f" {first / limit:.2f} x limit ({clock[1] / clock[0]:.2f} by the clock),"
            f" again {second / first:.2f} of the first"
        )
