"""Programmes: what orders earn beside their import, and the member's page among many.

    script/bench programmes [--lines 50000] [--members 20000] [--pages 200]
        [--lots 0] [--full]

`--full` is 400,000 order lines and 1,000,000 members (5 GB), in databases of this run's
own.
The orders are those of `bench_import`, imported by the product while a programme of
points is on. What is compared is the time of the processor, of this process and of its
session of the database; the clock also counts what else the machine does. Then a punch
card is switched on for the same orders, and all are looked at once more, which has to
find nothing. The page is asked for through every middleware, of members with a ledger
of twenty lines and more; then what ran out unused is counted there. `--lots`: so many
parts of balances come by file, half as many people, and the same file once more.
"""

import argparse
import tempfile
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from pathlib import Path
from statistics import median, quantiles

from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone

from benchmarks import members_shop, plans
from benchmarks.database import own_database
from benchmarks.import_files import CUSTOMERS, LINES, START, write_files
from benchmarks.plans import Took
from crm.services.imports.runner import import_customers, import_file, import_orders
from crm.services.imports.running import Options
from insights.services import breakage
from loyalty.choices import EarnEvent, ProgrammeKind, Unit
from loyalty.models import Entry, Membership, Programme, StaleMember
from loyalty.selectors import programme_sums
from loyalty.services import member_links
from loyalty.services.programmes import orders, programmes, rules
from loyalty.services.programmes.balance_import import BALANCES

MOST_EARNING, MOST_PAGE = 0.5, 0.015
_POINTS = {"units": Decimal(1), "measure": "money", "per": Decimal(1)}
_STAMPS = {"units": Decimal(1), "measure": "visit"}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="script/bench programmes")
    parser.add_argument("--lines", type=int, default=50_000)
    parser.add_argument("--members", type=int, default=20_000)
    parser.add_argument("--pages", type=int, default=200)
    parser.add_argument("--lots", type=int, default=0)
    parser.add_argument("--full", action="store_true")
    options = parser.parse_args(arguments)
    lines = 400_000 if options.full else options.lines
    members = 1_000_000 if options.full else options.members
    missed = False
    if lines:
        with own_database("earning"):
            missed |= earn(lines)
    if options.lots:
        with own_database("lots"):
            import_lots(options.lots)
    if members:
        with own_database("members"):
            missed |= open_pages(members, options.pages)
    return int(missed)


# --- Earning -------------------------------------------------------------------------


def earn(lines: int) -> bool:
    """Import, and earn; whether that took longer than it may."""
    now = timezone.now()
    points = made(ProgrammeKind.POINTS, Unit.POINTS, _POINTS)
    programmes.switch_on(points, since=START.date(), now=now)
    with tempfile.TemporaryDirectory() as folder:
        customers, sold = write_files(Path(folder), lines / LINES)
        import_customers(customers, Options(), now=now, progress=_silent)
        imported = once(
            lambda: import_orders(sold, Options(), now=now, progress=_silent)
        )
    # As autovacuum would have by the time of the first tick.
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    assert StaleMember.objects.exists()
    print(f"{lines:,} order lines of {round(CUSTOMERS * lines / LINES):,} customers")
    _tell("import of the orders", imported)
    earned = once(lambda: orders.process_pending(now=now, seconds=3600))
    assert Membership.objects.exists()
    assert not StaleMember.objects.exists()
    _tell(f"earning, {Entry.objects.count():,} entries", earned)
    card = made(ProgrammeKind.PUNCH_CARD, Unit.STAMPS, _STAMPS)
    programmes.switch_on(card, since=START.date(), now=now)
    _tell(
        "a punch card as well",
        once(lambda: orders.process_pending(now=now, seconds=3600)),
    )
    before = Entry.objects.count()
    programmes_marked = list(Membership.objects.values_list("customer", flat=True))
    orders.mark(programmes_marked, now=now)
    _tell(
        "all looked at again",
        once(lambda: orders.process_pending(now=now, seconds=3600)),
    )
    assert Entry.objects.count() == before
    _tell("all balances recomputed", once(_check))
    ratio = earned.processor / imported.processor
    print(
        f"earning / import: {ratio:.2f} of the processor,"
        f" {earned.clock / imported.clock:.2f} by the clock (target {MOST_EARNING})"
    )
    return ratio > MOST_EARNING


def _check() -> None:
    assert programme_sums.wrong_balances() == []


def made(kind: ProgrammeKind, unit: Unit, rule: dict[str, object]) -> Programme:
    """A programme that is not on yet."""
    programme = programmes.create(
        kind=kind,
        unit=unit,
        values={"name": kind.value, "expiry": "year_end", "expires_after": 1},
        now=START,
    )
    rules.add(programme, event=EarnEvent.ORDER, values=rule, now=START)
    return programme


def once(work: Callable[[], object]) -> Took:
    """It may take longer than a page."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
    return plans.took(work, times=1)[0]


def _silent(done: int, total: int | None) -> None:
    pass


def _tell(name: str, took: Took) -> None:
    print(
        f"{name:>32}: {took.processor:8.1f} s of the processor,"
        f" {took.clock:8.1f} s by the clock",
        flush=True,
    )


# --- Balances by file ----------------------------------------------------------------


def import_lots(lots: int) -> None:
    """Two parts for each person, and the same file again, which changes nothing."""
    now = timezone.now()
    made(ProgrammeKind.POINTS, Unit.POINTS, _POINTS)
    with tempfile.TemporaryDirectory() as folder:
        customers, _sold = write_files(Path(folder), lots / 2 / CUSTOMERS)
        import_customers(customers, Options(), now=now, progress=_silent)
        file = Path(folder) / "lots.csv"
        rows = (f"C{n // 2:07},{10 + n % 90},2027-12-31,L{n}" for n in range(lots))
        file.write_text("\n".join(["member,points,expires,lot", *rows, ""]))
        for name in (f"import of {lots:,} lots", "the same file again"):
            _tell(
                name,
                once(
                    lambda: import_file(
                        BALANCES, file, Options(), now=now, progress=_silent
                    )
                ),
            )
    print(f"{Entry.objects.count():,} entries")


# --- The page ------------------------------------------------------------------------


def open_pages(members: int, pages: int) -> bool:
    """Fill, and ask for the pages of members all over; whether they took too long."""
    now = timezone.now()
    took = plans.timed(lambda: members_shop.fill(members, now=now))
    print(f"\n{members_shop.sizes()}; made in {took:.0f} s")
    client = Client(headers={"host": settings.ALLOWED_HOSTS[0]})
    found = [
        plans.took(partial(look, client, person), times=1)[0]
        for person in sample(members, pages + 5)
    ][5:]
    late = _percentile([one.processor for one in found]) > MOST_PAGE
    for name, what in (("of the processor", "processor"), ("by the clock", "clock")):
        values = [getattr(one, what) for one in found]
        print(
            f"member's page, {pages} of them, {name}: median"
            f" {1000 * median(values):.1f} ms, 95 of 100"
            f" {1000 * _percentile(values):.1f} ms (target {1000 * MOST_PAGE:.0f} ms)"
        )
    for programme in Programme.objects.all():
        counted = once(partial(breakage.count, programme, now=now))
        _tell(f"what ran out of {programme.name}", counted)
    return late


def sample(members: int, count: int) -> list[int]:
    """Customers of every part of the table, whose ledgers are of every length."""
    rows = Membership.objects.filter(
        pk__in=[1 + number * members // count for number in range(count)]
    )
    return list(rows.values_list("customer", flat=True))


def look(client: Client, person: int) -> None:
    answer = client.get(f"/m/{member_links.token_of(person)}/")
    assert answer.status_code == 200, answer.status_code


def _percentile(values: list[float]) -> float:
    return quantiles(values, n=20)[-1]
