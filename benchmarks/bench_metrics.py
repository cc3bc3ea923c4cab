"""W5: figures read from their sums, whole pages, and all sums made again.

    script/bench metrics [--scale 0.02] [--full] [--growth] [--rounds 20]

1,000,000 customers with 5,000,000 order lines at `--full` (the same as `--scale 1`), in
a database of this run's own. Figures are read as the pages read them; pages are asked
for through every middleware, beside an empty page for staff of the same run. What it
takes to make all sums again stands beside a bare scan that sums up the orders, and
beside DuckDB; `--growth` does all of it at a quarter, a half and the whole.
"""

import argparse
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import Any

from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone

from benchmarks import peer_duckdb, people_shop, plans
from benchmarks.database import own_database
from benchmarks.plans import Took
from crm import selectors as crm
from crm.models import Segment, User
from crm.services import order_sums
from insights.choices import Basis
from insights.metrics import periods
from insights.metrics.spans import YEAR, Pair
from insights.models import Definition, MoneyPeriod
from insights.selectors import money, spans
from insights.selectors.definition import definition, horizon
from insights.selectors.spenders import spenders
from insights.services import counting, kept_answers
from insights.services import money as money_services
from surveys.services import cells

FLOOR_SCAN = (
    "SELECT customer_id, currency, date_trunc('month', ordered_on), sum(total)"
    " FROM crm_order WHERE state <> 'cancelled' GROUP BY 1, 2, 3"
)
EMPTY_PAGE = "/drafts/"
PAGES = (
    *("/insights/", "/insights/retention/", "/insights/cohorts/", "/insights/churn/"),
    *("/insights/money/", "/insights/signals/", "/insights/scores/"),
    *("/insights/where-from/", "/insights/save-list/", "/insights/definition/"),
)
# Of two segments that are among the dearest to find: who brings most, and who came
# back without a word.
SEGMENTS = ("core", "quiet_repeaters")
BY_SEGMENT = (
    *("/insights/retention/?by=segment", "/insights/retention/?{group}"),
    *("/insights/retention/?{groups}", "/insights/churn/?{groups}"),
    *("/insights/cohorts/?{group}", "/insights/cohorts/?{groups}"),
    *("/insights/signals/?{groups}", "/insights/signals/?{group}&than={than}"),
    *("/insights/money/?{groups}", "/insights/where-from/?{groups}"),
    *("/insights/scores/?by=segment", "/insights/scores/?segment={segment}"),
)
MOST_READ, MOST_ABOVE, MOST_LIST, MOST_TIMES = 0.010, 0.025, 1.5, 2.5
PEOPLE = 50


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="script/bench metrics")
    parser.add_argument("--scale", type=float, default=0.02)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--growth", action="store_true")
    options = parser.parse_args(arguments)
    whole = int(people_shop.CUSTOMERS * (1 if options.full else options.scale))
    for part in (4, 2, 1) if options.growth else (1,):
        with own_database("metrics"):
            people_shop.fill(
                whole // part,
                now=timezone.now(),
                statements=(
                    *people_shop.PEOPLE,
                    *people_shop.TRADE,
                    *people_shop.ANSWERS,
                ),
            )
            print(people_shop.sizes())
            make_sums()
            read_figures(options.rounds)
            open_pages(options.rounds)
    return 0


def make_sums() -> None:
    """All of them, once, beside the scan and beside DuckDB, which reads the same tables
    and leaves the same rows.

    Ours are kept in slices that commit, by triggers that keep the sums right at each.
    """
    now = timezone.now()
    order_sums.mark_core(now=now)
    scan = f"SELECT count(*) FROM ({FLOOR_SCAN}) x"
    print("\nof the processor, here and in the server of the database")
    _tell_whole("bare scan of the orders", lambda: plans.run(scan))
    rival = peer_duckdb.attached()
    customers = _tell_whole("customers", counting.count_all)
    their_customers = _by_rival(
        "customers", rival, peer_duckdb.customers, peer_duckdb.keep_customers
    )
    Definition.objects.filter(counted_at=None).update(counted_at=now)
    cells.keep_up(now=now)
    money = _tell_whole("spans of money", lambda: money_services.renew_ends(now=now))
    their_money = _by_rival(
        "spans of money", rival, peer_duckdb.spans_of_money, peer_duckdb.keep_money
    )
    other = peer_duckdb.differences(peer_duckdb.CUSTOMERS + peer_duckdb.MONEY)
    assert not other, f"{other} rows of DuckDB are not ours."
    money_services.keep_up(now=now)
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA rival CASCADE")
        cursor.execute("VACUUM ANALYZE")
    again = _tell_whole("customers once more", counting.count_all)
    _tell_whole("kept for an hour", lambda: kept_answers.keep_up(now=now))
    print(
        f"\nx DuckDB attached that leaves the same rows (target {MOST_TIMES}), and that"
        " only works them out"
    )
    for name, took, theirs in (
        ("customers", customers, their_customers),
        ("once more, unchanged", again, their_customers),
        ("spans of money", money, their_money),
    ):
        missed = "  missed" if took / theirs[1] > MOST_TIMES else ""
        print(f"{name:>23} {took / theirs[1]:8.2f} {took / theirs[0]:16.2f} {missed}")


def _by_rival(
    name: str,
    rival: Any,
    work_out: Callable[[Any], None],
    keep: Callable[[Any], None],
) -> tuple[float, float]:
    """Seconds to work the rows out, and to have them in the database."""
    worked_out = _tell_whole(f"{name}, DuckDB", lambda: work_out(rival))
    kept = _tell_whole("and its rows kept", lambda: keep(rival))
    return worked_out, worked_out + kept


def _tell_whole(name: str, work: Callable[[], object]) -> float:
    took = plans.took_whole(work)
    print(f"{name:>23} {took.processor:8.2f} s, by the clock {took.clock:8.2f} s")
    return took.processor


def read_figures(rounds: int) -> None:
    """What stands in the sums, and the list of people that is counted when asked."""
    today = crm.business().day(timezone.now())
    known = horizon(definition(), Basis.ORDERS, today=today)
    assert known, "Nothing is counted: this measures nothing."
    shown = periods.until(periods.last_over(known, "month"), 24)
    print(f"\nread (target {1000 * MOST_READ:.0f} ms), median of {rounds}")
    rows = MoneyPeriod.objects.select_related("end").filter(end__months=YEAR)
    _tell("money", lambda: list(rows.all()), rounds, MOST_READ)
    _tell("money in words", money.currencies, rounds, None)
    over_time = partial(spans.over_time, Basis.ORDERS, shown)
    _tell("retention, 24 months", over_time, rounds, MOST_READ)
    _tell("people of a figure", _people, min(rounds, 3), MOST_LIST)


def _people() -> None:
    [one, *_] = money.currencies()
    pair = Pair(one.row.ends_on, one.row.months)
    spenders(pair, Basis.ORDERS, one.currency, "lost", after=None, most=PEOPLE)


def open_pages(rounds: int) -> None:
    """Whole pages beside an empty one; then those by segment, which have no sums."""
    client = Client(headers={"host": settings.ALLOWED_HOSTS[0]})
    client.force_login(
        User.objects.create(email="bench@shop.example", name="Bench", role="owner")
    )

    def look(address: str) -> None:
        answer = client.get(address)
        assert answer.status_code == 200, (address, answer.status_code)

    print(f"\npages (target {1000 * MOST_ABOVE:.0f} ms above {EMPTY_PAGE})")
    floor = _tell(EMPTY_PAGE, partial(look, EMPTY_PAGE), rounds, None)
    for address in PAGES:
        _tell(address, partial(look, address), rounds, floor + MOST_ABOVE)
    print(f"\nby segment, counted live (target {MOST_LIST} s)")
    for shape in BY_SEGMENT:
        address = shape.format(**_segments())
        _tell(shape.removeprefix("/insights"), partial(look, address), 2, MOST_LIST)


def _segments() -> dict[str, str]:
    """What the addresses of two segments name."""
    today = crm.business().day(timezone.now())
    known = horizon(definition(), Basis.ORDERS, today=today)
    assert known, "Nothing is counted: this measures nothing."
    quarter = periods.last_over(known, "quarter")
    first, second = (Segment.objects.get(shipped=name).pk for name in SEGMENTS)
    group = f"by=segment&value={first}"
    return {
        "segment": str(first),
        "group": group,
        "groups": f"{group}&other={second}",
        "than": periods.before(quarter, 4).starts_on.isoformat(),
    }


def _tell(
    name: str, work: Callable[[], object], rounds: int, most: float | None
) -> float:
    found: list[Took] = plans.took(work, times=rounds, warm_up=1)
    clock = median(one.clock for one in found)
    needed = median(one.processor for one in found)
    missed = "  missed" if most is not None and needed > most else ""
    print(f"{name:>31} {1000 * clock:8.1f} ms, cpu {1000 * needed:8.1f} ms{missed}")
    return needed
