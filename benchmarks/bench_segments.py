"""W7: each shipped segment counted and shown, beside a bare scan of the customers.

    script/bench segments [--scale 0.05] [--full] [--rounds 5] [--pages 20]

1,000,000 customers with 5,000,000 order lines at `--full` (the same as `--scale 1`), in
a database of this run's own. Counted with the statement that the pages use. The first
page is the customer list, asked for through every middleware as a browser does, beside
the list without a segment. The floors are of the same run: how long it takes to count
the live customers, and that list. The plans are kept in var/bench/segments.
"""

import argparse
from dataclasses import dataclass
from statistics import median

from django.conf import settings
from django.test import Client
from django.utils import timezone

from benchmarks import people_shop, plans
from benchmarks.database import own_database
from benchmarks.plans import Took
from crm import segment_people, selectors
from crm.models import Segment, User
from crm.segments import filters_of
from desk.sql import lists

FLOOR_COUNT = (
    "SELECT count(*) FROM crm_customer"
    " WHERE merged_into_id IS NULL AND erased_at IS NULL"
)
PAGE = 51
FOLDER = "segments"
MOST_COUNT, MOST_PAGE = 1.0, 0.050


@dataclass(frozen=True)
class Figures:
    name: str
    people: int
    count: list[Took]
    query: list[Took]
    page: list[Took]

    @property
    def is_late(self) -> bool:
        """By what the processor needed: the clock also counts what else is at work."""
        return (
            _median(self.count, "processor") > MOST_COUNT
            or _median(self.query, "processor") > MOST_PAGE
        )


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="script/bench segments")
    parser.add_argument("--scale", type=float, default=0.05)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pages", type=int, default=20)
    options = parser.parse_args(arguments)
    scale = 1 if options.full else options.scale
    customers = int(people_shop.CUSTOMERS * scale)
    with own_database(FOLDER):
        made = plans.timed(lambda: fill(customers))
        print(f"{people_shop.sizes()}; made in {made:.0f} s")
        asking = Asking(options.rounds, options.pages)
        tell([asking.floor(), *(asking.figures(row) for row in shipped())])
    return 0


def fill(customers: int) -> None:
    people_shop.fill(
        customers,
        now=timezone.now(),
        statements=(*people_shop.PEOPLE, *people_shop.TRADE, *people_shop.ANSWERS),
    )


def shipped() -> list[Segment]:
    return list(Segment.objects.exclude(shipped=""))


class Asking:
    """Asks as a colleague at the desk, so and so many times."""

    def __init__(self, rounds: int, pages: int) -> None:
        self.rounds, self.pages = rounds, pages
        self.today = selectors.business().day(timezone.now())
        self.client = Client(headers={"host": settings.ALLOWED_HOSTS[0]})
        user = User.objects.create(
            email="bench@shop.example", name="Bench", role="owner"
        )
        self.client.force_login(user)

    def floor(self) -> Figures:
        plans.keep(FOLDER, "floor.count", FLOOR_COUNT)
        [(people,)] = plans.run(FLOOR_COUNT)
        count = plans.took(lambda: plans.run(FLOOR_COUNT), times=self.rounds, warm_up=1)
        return self._figures("floor", int(str(people)), count, {})

    def figures(self, row: Segment) -> Figures:
        def counting() -> int:
            return segment_people.count(row, today=self.today)

        people = counting()
        assert people, f"Nobody is in {row}: it measures nothing."
        compiled = segment_people.compiled(row, today=self.today)
        plans.keep(FOLDER, f"{row.shipped}.count", compiled)
        count = plans.took(counting, times=self.rounds, warm_up=1)
        return self._figures(row.shipped, people, count, {"segment": str(row.pk)})

    def _figures(
        self, name: str, people: int, count: list[Took], wanted: dict[str, str]
    ) -> Figures:
        query = lists.by_name_query(
            filters_of(wanted), lists.Cut(PAGE), today=self.today
        )
        plans.keep(FOLDER, f"{name}.page", query)
        asked = plans.took(lambda: plans.run(query), times=self.pages, warm_up=1)
        page = plans.took(lambda: self.look(wanted), times=self.pages, warm_up=1)
        return Figures(name, people, count, asked, page)

    def look(self, wanted: dict[str, str]) -> None:
        answer = self.client.get("/customers/", wanted)
        assert answer.status_code == 200, answer.status_code


def tell(found: list[Figures]) -> None:
    print(
        f"\n{'segment':>16} {'people':>9} | {'count':>8} {'cpu':>8} {'x floor':>7}"
        f" | {'query':>8} {'cpu':>8} | {'page':>8} {'cpu':>8} {'x floor':>7}"
    )
    for one in found:
        print(
            f"{one.name:>16} {one.people:>9,} | {_both(one.count)}"
            f" {_times(one.count, found[0].count):7.2f} | {_both(one.query)}"
            f" | {_both(one.page)} {_times(one.page, found[0].page):7.2f}"
            f"{'  missed' if one.is_late else ''}"
        )
    print("ms, medians: by the clock, and of the processor; ratios by the processor")
    print(f"targets: count < {MOST_COUNT:.0f} s, query of the page < 50 ms")
    print(f"plans: {plans.ROOT / FOLDER}")


def _both(found: list[Took]) -> str:
    clock, processor = _median(found, "clock"), _median(found, "processor")
    return f"{1000 * clock:8.1f} {1000 * processor:8.1f}"


def _times(found: list[Took], floor: list[Took]) -> float:
    return _median(found, "processor") / _median(floor, "processor")


def _median(found: list[Took], what: str) -> float:
    return median(getattr(one, what) for one in found)
