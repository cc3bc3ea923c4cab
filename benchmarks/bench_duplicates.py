"""W8: likely pairs of everybody, and those of one person, beside a bare scan.

    script/bench duplicates [--scale 0.05] [--full] [--people 200]

1,000,000 customers at `--full` (the same as `--scale 1`), in a database of this run's
own: one in forty is a second record of somebody, half of these with the same address;
others share a number, and many a birthday or a company. The whole list is found by the
service that beat calls; one person's as a form asks while somebody types. The floor is
one pass over the same columns of all customers, in the same run. The plans of one
person, and of each step of the list, are kept in var/bench/duplicates.
"""

import argparse
from functools import partial
from statistics import median, quantiles

from django.utils import timezone

from benchmarks import people_shop, plans
from benchmarks.database import own_database
from benchmarks.plans import Took
from crm.models import Customer, LikelyPair
from crm.services import duplicates
from crm.sql import duplicates as sql

FOLDER = "duplicates"
MOST_LIST, MOST_ONE = 60, 0.030
FLOOR = (
    "SELECT count(email_norm), count(phone_e164), count(sort_name),"
    " count(organisation), count(birth_day) FROM crm_customer"
    " WHERE merged_into_id IS NULL AND erased_at IS NULL"
)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="script/bench duplicates")
    parser.add_argument("--scale", type=float, default=0.05)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--people", type=int, default=200)
    options = parser.parse_args(arguments)
    customers = int(people_shop.CUSTOMERS * (1 if options.full else options.scale))
    with own_database(FOLDER):
        people_shop.fill(customers, now=timezone.now(), statements=people_shop.PEOPLE)
        floor = plans.took(lambda: plans.run(FLOOR), times=3, warm_up=1)
        first, again = plans.took(search, times=2)
        tell_list(customers, floor, first, again)
        tell_one(of_some(customers, options.people))
        keep_plans()
    return 0


def search() -> None:
    duplicates.refresh(now=timezone.now())


def of_some(customers: int, number: int) -> list[Took]:
    """Of records all over the table, every second one of them a second record."""
    step = max(1, customers // number)
    ids = [f"C{n + (40 - n % 40) * (n // step % 2)}" for n in range(1, customers, step)]
    people = Customer.objects.filter(external_id__in=ids)
    duplicates.lookalikes(people[0])
    return [
        took
        for person in people
        for took in plans.took(partial(duplicates.lookalikes, person), times=1)
    ]


def keep_plans() -> None:
    person = Customer.objects.get(external_id="C40")
    plans.keep(FOLDER, "one", sql.OF_ONE, duplicates.facts_of(person))
    for number, step in enumerate(sql.STEPS, start=1):
        plans.keep(FOLDER, f"list-{number:02}", step, {"now": timezone.now()})


def tell_list(customers: int, floor: list[Took], first: Took, again: Took) -> None:
    bare = median(one.processor for one in floor)
    print(f"{customers:,} customers, {LikelyPair.objects.count():,} pairs")
    print(f"{'floor':>8}: {1000 * bare:9.1f} ms of the processor")
    for name, took in (("list", first), ("again", again)):
        print(
            f"{name:>8}: {took.clock:7.1f} s, {took.processor:7.1f} s of the processor,"
            f" {took.processor / bare:7.1f} x floor"
            f"{'  missed' if took.processor > MOST_LIST else ''}"
        )


def tell_one(found: list[Took]) -> None:
    for what in ("clock", "processor"):
        each = sorted(1000 * getattr(one, what) for one in found)
        late = quantiles(each, n=20)[-1]
        print(
            f"one person, {what}: median {median(each):.1f} ms, 95 of 100 within"
            f" {late:.1f} ms, all within {each[-1]:.1f} ms"
        )
    print(f"targets: list < {MOST_LIST} s, one person < {1000 * MOST_ONE:.0f} ms")
