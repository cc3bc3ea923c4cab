"""W1: customers and order lines from files, against a bare COPY and bulk_create.

    script/bench import [--scale 0.1] [--sizes 1,2,4] [--rounds 3] [--no-bulk]
    script/bench import --scale 5 --sizes 1 --memory    (one import each, no more)

Scale 1 is 200,000 customers and 1,000,000 order lines; one row in 200 is bad. All
contenders fill the product's own tables with all their constraints and indexes, in a
database that this run makes and drops. The floor does less than the work: a COPY of
rows that are clean already, ids and all. Upkeep is a line of its own: what the first
sweep does after the import, working out when each customer buys each product again.
The contenders take turns, round after round; figures are the medians. Read the ratios,
not the seconds.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

from django.db import connection
from django.utils import timezone

from benchmarks.database import own_database, url
from benchmarks.import_by_hand import import_by_hand
from benchmarks.import_files import write_files
from loyalty.models import NextPurchase, StaleCustomer
from loyalty.services import next_purchases

ROOT = Path(__file__).resolve().parent.parent
TABLES = ("crm_product", "crm_customer", "crm_order", "crm_orderline")


@dataclass
class Figures:
    rows: int
    floor: float
    first: float
    again: float
    memory: int
    upkeep: float
    expectations: int
    by_hand: float | None = None


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="script/bench import")
    parser.add_argument("--scale", type=float, default=0.1)
    parser.add_argument("--sizes", default="1,2,4")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--no-bulk", action="store_true")
    parser.add_argument("--memory", action="store_true")
    options = parser.parse_args(arguments)
    sizes = [int(size) for size in options.sizes.split(",")]
    found = []
    with tempfile.TemporaryDirectory() as folder, own_database("import"):
        for size in sizes:
            files = write_files(Path(folder), options.scale * size)
            if options.memory:
                tell_memory(files)
                continue
            by_hand = not options.no_bulk and size == sizes[0]
            found.append(
                measure(files, Path(folder), rounds=options.rounds, by_hand=by_hand)
            )
            tell(found)
    return 0


def tell_memory(files: tuple[Path, Path]) -> None:
    """Import each file once: rows, seconds and the most memory of its process."""
    for name, path in zip(("import_customers", "import_orders"), files, strict=True):
        report, memory = command(name, path)
        print(
            f"{name}: {report['read']:,} rows in {report['seconds']:.0f} s,"
            f" {memory / 1024:.0f} MB",
            flush=True,
        )


def measure(
    files: tuple[Path, Path], folder: Path, *, rounds: int, by_hand: bool
) -> Figures:
    taken = [take_turns(files, folder, by_hand=by_hand) for _ in range(rounds)]
    middle = {
        name: statistics.median(getattr(one, name) for one in taken)
        for name in ("floor", "first", "again", "upkeep")
    }
    return replace(
        taken[0],
        **middle,
        memory=max(one.memory for one in taken),
        by_hand=statistics.median(one.by_hand for one in taken) if by_hand else None,
    )


def take_turns(files: tuple[Path, Path], folder: Path, *, by_hand: bool) -> Figures:
    customers, orders = files
    empty()
    first = [command("import_customers", customers), command("import_orders", orders)]
    expected = checksum()
    again = [command("import_customers", customers), command("import_orders", orders)]
    assert all(run["created"] + run["updated"] == 0 for run, _ in again), again
    assert checksum() == expected
    upkeep, expectations = time_upkeep()
    for table in TABLES:
        copy_out(table, folder / table)
    floor = 0.0
    empty()
    for table in TABLES:
        floor += copy_in(table, folder / table)
    assert checksum() == expected
    hand = None
    if by_hand:
        empty()
        hand = timed(lambda: import_by_hand(customers, orders))
        assert checksum() == expected, (checksum(), expected)
    return Figures(
        rows=sum(run["read"] for run, _ in first),
        floor=floor,
        first=sum(run["seconds"] for run, _ in first),
        again=sum(run["seconds"] for run, _ in again),
        memory=max(memory for _, memory in first + again),
        upkeep=upkeep,
        expectations=expectations,
        by_hand=hand,
    )


def command(name: str, path: Path) -> tuple[dict, int]:
    """Run the command as people do; its report, and its peak memory in KiB."""
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


def tell(found: list[Figures]) -> None:
    print(
        f"\n{'rows':>10} {'floor':>8} {'first':>8} {'x floor':>8} {'rows/s':>9}"
        f" {'again':>8} {'again/1st':>9} {'bulk':>8} {'x bulk':>7} {'memory':>8}"
        f" {'upkeep':>8} {'x floor':>8} {'pairs':>8}"
    )
    for one in found:
        hand = f"{one.by_hand:7.1f}s" if one.by_hand else "       -"
        ratio = f"{one.first / one.by_hand:7.2f}" if one.by_hand else "      -"
        print(
            f"{one.rows:>10,} {one.floor:7.2f}s {one.first:7.2f}s"
            f" {one.first / one.floor:8.2f} {one.rows / one.first:9,.0f}"
            f" {one.again:7.2f}s {one.again / one.first:9.2f} {hand} {ratio}"
            f" {one.memory / 1024:5.0f} MB {one.upkeep:7.2f}s"
            f" {one.upkeep / one.floor:8.2f} {one.expectations:>8,}"
        )
    for small, large in zip(found, found[1:], strict=False):
        growth = large.first / small.first
        print(f"{large.rows / small.rows:.1f} x the rows: {growth:.2f} x the time")
    print(
        "targets: first <= 2.0 x floor and <= 0.35 x bulk; again <= 0.5 x first;"
        " twice the rows <= 2.15 x; memory < 300 MB; upkeep <= 0.6 x floor"
    )


# --- The tables ----------------------------------------------------------------------


def empty() -> None:
    with connection.cursor() as cursor:
        # Append-only tables refuse TRUNCATE, and this database is ours alone.
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(f"TRUNCATE {', '.join(TABLES)} RESTART IDENTITY CASCADE")
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("CHECKPOINT")


def checksum() -> list[tuple]:
    """Counts and order-free sums of what matters, whatever ids the rows got."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
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


def copy_in(table: str, path: Path) -> float:
    def run() -> None:
        with connection.cursor() as cursor, path.open("rb") as file:
            cursor.execute("SET statement_timeout = 0")
            with cursor.copy(f"COPY {table} FROM STDIN") as copy:
                while block := file.read(1 << 17):
                    copy.write(block)

    return timed(run)


def time_upkeep() -> tuple[float, int]:
    """The drain of next purchases after an import, which marked its customers itself.

    How long it took, and how many pairs of customer and product it found a day for.
    """
    # As autovacuum would have by the time of the first sweep.
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE crm_orderline, crm_product, loyalty_stalecustomer")
    marked = StaleCustomer.objects.count()
    drained = 0

    def run() -> None:
        nonlocal drained
        drained = next_purchases.drain(now=timezone.now(), seconds=3600)

    took = timed(run)
    assert drained == marked > 0, (drained, marked)
    return took, NextPurchase.objects.count()


def timed(work) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
