"""A real wholesaler's money: the stored sums equal those reckoned from the file."""

import csv
import os
from collections import defaultdict
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

from crm.models import Business, CoreMark
from crm.services import order_sums
from insights.metrics.spans import Pair
from insights.models import MoneyPeriod, SpendCurve
from insights.services import money
from tests.crm.importing import take_orders
from tests.crm.test_import_uci import MAPPING
from tests.insights.conftest import NOW

DATA = Path(
    os.environ.get("PERENNIAL_DATA")
    or Path(__file__).resolve().parents[3] / "shared" / "data"
)
FILE = DATA / "online_retail_uci_small.csv"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not FILE.exists(), reason="no UCI file (PERENNIAL_DATA)"),
]
PENNY = Decimal("0.01")


def amounts():
    """(customer, day, amount) of each line of somebody, by the file alone."""
    with FILE.open(newline="") as file:
        for line in csv.DictReader(file):
            price = Decimal(line["unit_price"])
            if line["customer_id"]:
                amount = (int(line["quantity"]) * price).quantize(PENNY, ROUND_HALF_UP)
                day = date.fromisoformat(line["invoice_date"][:10])
                yield line["customer_id"], day, amount


def by_hand(rows, starts_on, middle, ends_on):
    """people, start, expansion, contraction, lost of two neighbouring spans."""
    was, now = defaultdict(Decimal), defaultdict(Decimal)
    for who, day, amount in rows:
        if starts_on <= day < middle:
            was[who] += amount
        elif middle <= day < ends_on:
            now[who] += amount
    pairs = [(had, max(now[who], 0)) for who, had in was.items() if had > 0]
    return (
        len(pairs),
        sum(had for had, _ in pairs),
        sum(has - had for had, has in pairs if has > had),
        sum(had - has for had, has in pairs if 0 < has < had),
        sum(had for had, has in pairs if not has),
    )


def test_sums_and_the_few_who_bring_most_are_those_of_the_file(db):
    Business.objects.update(time_zone="Europe/London")
    take_orders(FILE, mapping=MAPPING, create_customers=True)
    order_sums.mark_core(now=NOW)
    money.count(now=NOW)
    rows = list(amounts())
    stored = list(MoneyPeriod.objects.select_related("end").filter(end__months=3))

    for row in stored:
        pair = Pair(row.ends_on, row.months)
        assert by_hand(rows, pair.starts_on, pair.middle, pair.ends_on) == (
            row.people,
            row.start,
            row.expansion,
            row.contraction,
            row.lost,
        )
    assert len(stored) >= 4
    newest = next(row for row in stored if row.ends_on == date(2011, 12, 1))
    assert newest.people > 100

    sums = defaultdict(Decimal)
    for who, _day, amount in rows:
        sums[who] += amount
    best = sorted((amount for amount in sums.values() if amount > 0), reverse=True)
    curve, core = SpendCurve.objects.get(), CoreMark.objects.get()
    assert sum(curve.people) == core.of_people == len(best)
    assert sum(curve.sums) == sum(best)
    few, brought = 0, Decimal(0)
    while brought < sum(best) * Decimal("0.8"):
        brought += best[few]
        few += 1
    assert core.people == few
