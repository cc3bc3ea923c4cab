"""W1: customers and order lines from files, against a bare COPY and bulk_create.

    script/bench import [--scale 0.1] [--sizes 1,2,4] [--rounds 3] [--no-bulk]
    script/bench import --scale 5 --sizes 0.25,0.5,1 --rounds 1 --first-only

Scale 1 is 200,000 customers and 1,000,000 order lines; one row in 200 is bad. All
contenders fill the product's own tables with all their constraints and indexes, in a
database that this run makes and drops. The floor does less than the work: a COPY of
rows that are clean already, ids and all. Upkeep is a line of its own: what the first
sweep does after the import, working out when each customer buys each product again.
The contenders take turns, round after round; figures are the medians. Read the ratios,
not the seconds, and on a busy machine those of the processor: the time of Python and
of the database together, without the start of the commands.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from django.db import connection
from django.utils import timezone

from benchmarks.database import own_database, url
from benchmarks.import_by_hand import import_by_hand
from benchmarks.import_files import write_files
from benchmarks.processor import Cost, cost_of
from loyalty.models import NextPurchase, StaleCustomer
from loyalty.services import next_purchases

ROOT = Path(__file__).resolve().parent.parent
TABLES = ("crm_product", "crm_customer", "crm_order", "crm_orderline")
COMMANDS = ("import_customers", "import_orders")


@dataclass(frozen=True)
class Turn:
    """One round. `memory`: the most of each command, in KiB."""

    rows: int
    floor: Cost
    first: Cost
    memory: tuple[int, int]
    again: Cost | None = None
    upkeep: Cost | None = None
    by_hand: Cost | None = None


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="script/bench import")
    parser.add_argument("--scale", type=float, default=0.1)
    parser.add_argument("--sizes", default="1,2,4")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--no-bulk", action="store_true")
    parser.add_argument("--first-only", action="store_true")
    options = parser.parse_args(arguments)
    sizes = [float(size) for size in options.sizes.split(",")]
    found: list[list[Turn]] = []
    with tempfile.TemporaryDirectory() as place, own_database("import"):
        folder = Path(place)
        starts = start_of_commands(folder)
        for size in sizes:
            files = write_files(folder, options.scale * size)
            bench = Bench(
                folder,
                files,
                starts,
                first_only=options.first_only,
                by_hand=not (options.no_bulk or options.first_only or found),
            )
            found.append([bench.turn() for _ in range(options.rounds)])
            tell(found)
    return 0


def start_of_commands(folder: Path) -> list[Cost]:
    """What each command takes for a file of one row: the second time, when all that it
    reads is at hand."""
    files = write_files(folder, 1 / 200_000)
    for name, path in zip(COMMANDS, files, strict=True):
        command(name, path)
    return [
        command(name, path).cost for name, path in zip(COMMANDS, files, strict=True)
    ]


@dataclass(frozen=True)
class Run:
    """Of one command: `clock` of its cost is what it says itself."""

    report: dict
    memory: int
    cost: Cost


def command(name: str, path: Path) -> Run:
    """Run the command as people do."""
    found: list[tuple[dict, int]] = []
    cost = cost_of(lambda: found.append(_command(name, path)))
    [(report, memory)] = found
    return Run(report, memory, Cost(report["seconds"], cost.processor))


def _command(name: str, path: Path) -> tuple[dict, int]:
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), name, str(path), "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "DATABASE_URL": url()},
        cwd=ROOT,
    )
    output, errors = process.stdout.read(), process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(errors.decode())
    return json.loads(output.splitlines()[-1]), usage.ru_maxrss


@dataclass(frozen=True)
class Bench:
    """Files of one size, and who takes part."""

    folder: Path
    files: tuple[Path, Path]
    starts: list[Cost]
    first_only: bool
    by_hand: bool

    def turn(self) -> Turn:
        empty()
        first, runs = self._import()
        memory = runs[0].memory, runs[1].memory
        expected = checksum()
        again = upkeep = hand = None
        if not self.first_only:
            again, more = self._import()
            assert all(
                run.report["created"] + run.report["updated"] == 0 for run in more
            ), more
            assert checksum() == expected
            upkeep = cost_of_upkeep()
        for table in TABLES:
            copy_out(table, self.folder / table)
        empty()
        floor = sum((self._copy_in(table) for table in TABLES), Cost())
        assert checksum() == expected
        if self.by_hand:
            empty()
            hand = cost_of(lambda: import_by_hand(*self.files))
            assert checksum() == expected, (checksum(), expected)
        rows = sum(run.report["read"] for run in runs)
        return Turn(rows, floor, first, memory, again, upkeep, hand)

    def _import(self) -> tuple[Cost, list[Run]]:
        """Both files. Of the starts only the processor counts: the clock of a command
        begins later."""
        runs = [command(*each) for each in zip(COMMANDS, self.files, strict=True)]
        costs = [
            run.cost - Cost(0, start.processor)
            for run, start in zip(runs, self.starts, strict=True)
        ]
        for name, run, cost in zip(COMMANDS, runs, costs, strict=True):
            print(
                f"{name}: {run.report['read']:,} rows, {cost.clock:.1f} s,"
                f" {cost.processor:.1f} s of the processor, {run.memory / 1024:.0f} MB",
                flush=True,
            )
        return sum(costs, Cost()), runs

    def _copy_in(self, table: str) -> Cost:
        return cost_of(lambda: copy_in(table, self.folder / table))


def tell(found: list[list[Turn]]) -> None:
    print(
        f"\n{'rows':>10} {'':>9} {'floor':>8} {'first':>8} {'x floor':>8} {'rows/s':>8}"
        f" {'again/1st':>9} {'x bulk':>7} {'upkeep x':>8} {'memory':>12}"
    )
    for turns in found:
        memory = [max(turn.memory[at] for turn in turns) / 1024 for at in (0, 1)]
        for name in ("clock", "processor"):
            floor, first = middle(turns, "floor", name), middle(turns, "first", name)
            print(
                f"{turns[0].rows:>10,} {name:>9} {floor:7.2f}s {first:7.2f}s"
                f" {first / floor:8.2f} {turns[0].rows / first:8,.0f}"
                f" {ratio(middle(turns, 'again', name), first):>9}"
                f" {ratio(first, middle(turns, 'by_hand', name)):>7}"
                f" {ratio(middle(turns, 'upkeep', name), floor):>8}"
                f" {memory[0]:4.0f} + {memory[1]:3.0f} MB",
                flush=True,
            )
    for small, large in zip(found, found[1:], strict=False):
        told = [
            f"first {growth(small, large, 'first', name):.2f} x,"
            f" floor {growth(small, large, 'floor', name):.2f} x by the {name}"
            for name in ("clock", "processor")
        ]
        times = large[0].rows / small[0].rows
        print(f"{times:.1f} x the rows: {'; '.join(told)}", flush=True)
    print(
        "targets: first <= 2.0 x floor and <= 0.35 x bulk; again <= 0.5 x first;"
        " twice the rows <= 2.15 x; memory < 300 MB; upkeep <= 0.6 x floor",
        flush=True,
    )


def middle(turns: list[Turn], what: str, name: str) -> float | None:
    if getattr(turns[0], what) is None:
        return None
    return statistics.median(getattr(getattr(turn, what), name) for turn in turns)


def ratio(one: float | None, other: float | None) -> str:
    return f"{one / other:.2f}" if one and other else "-"


def growth(small: list[Turn], large: list[Turn], what: str, name: str) -> float:
    return middle(large, what, name) / middle(small, what, name)


# --- The tables ----------------------------------------------------------------------


def empty() -> None:
    with connection.cursor() as cursor:
        # Append-only tables refuse TRUNCATE, and this database is ours alone.
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(f"TRUNCATE {', '.join(TABLES)} RESTART IDENTITY CASCADE")
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("CHECKPOINT")


def checksum() -> list[tuple]:
    """Counts and order-free sums of what matters, whatever ids the rows got.

    The planner must know how many rows there are: with the figures of the tables when
    they were empty, the sums take hours.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(f"ANALYZE {', '.join(TABLES)}")
        cursor.execute(
            """SELECT count(*), sum(hashtextextended(concat_ws('|', external_id,
                given_name, family_name, sort_name, search_text, email_norm, country,
                language, birth_month, birth_day, since_on, first_order_on,
                last_order_on), 0)::numeric) FROM crm_customer"""
        )
        customers = cursor.fetchall()
        cursor.execute(
            """SELECT count(*), sum(hashtextextended(concat_ws('|', o.external_id,
                c.external_id, p.sku, o.ordered_at, o.total, l.line_key, l.quantity,
                l.unit_price, l.amount, l.nature, o.nature, o.state), 0)::numeric)
            FROM crm_orderline l JOIN crm_order o ON o.id = l.order_id
            JOIN crm_customer c ON c.id = l.customer_id
            JOIN crm_product p ON p.id = l.product_id"""
        )
        return customers + cursor.fetchall()


def copy_out(table: str, path: Path) -> None:
    with connection.cursor() as cursor, path.open("wb") as file:
        order = "" if table == "crm_product" else " ORDER BY id"
        source = f"(SELECT * FROM {table}{order})"
        # The run that made the row is not copied along.
        with cursor.copy(f"COPY {source} TO STDOUT") as copy:
            for block in copy:
                file.write(block)


def copy_in(table: str, path: Path) -> None:
    with connection.cursor() as cursor, path.open("rb") as file:
        cursor.execute("SET statement_timeout = 0")
        with cursor.copy(f"COPY {table} FROM STDIN") as copy:
            while block := file.read(1 << 17):
                copy.write(block)


def cost_of_upkeep() -> Cost:
    """Next purchases worked out after an import, which marked its customers."""
    # As autovacuum would have by the time of the first sweep.
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE crm_orderline, crm_product, loyalty_stalecustomer")
    marked = StaleCustomer.objects.count()
    processed: list[int] = []
    cost = cost_of(
        lambda: processed.append(
            next_purchases.process_pending(now=timezone.now(), seconds=3600)
        )
    )
    assert marked > 0
    assert processed == [marked]
    print(f"{NextPurchase.objects.count():,} pairs expected", flush=True)
    return cost
