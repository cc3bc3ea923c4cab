"""A real wholesaler: what is kept equals what is reckoned from the file alone."""

import csv
import gzip
import os
from collections import Counter, defaultdict
from datetime import date, timedelta
from pathlib import Path

import pytest

from crm.models import Business
from crm.rules.choices import ProductNature
from crm.selectors import product_rules
from crm.services.product_rules import switch_on
from insights.choices import Basis
from insights.metrics import periods
from insights.models import Buyer, Definition
from insights.selectors import cohorts, spans
from insights.services import counting
from tests.crm.importing import UCI_RULES, take_orders
from tests.crm.test_import_uci import MAPPING
from tests.insights.conftest import NOW, cohorts_of, gaps, kept_cohorts, spells_of

DATA = Path(
    os.environ.get("PERENNIAL_DATA")
    or Path(__file__).resolve().parents[3] / "shared" / "data"
)
FILE = DATA / "online_retail_uci.csv.gz"
LAST = date(2011, 12, 9)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not FILE.exists(),
        reason="online_retail_uci.csv.gz is not here (PERENNIAL_DATA)",
    ),
]


def days_of_the_file():
    """Customer to the days on which they bought something and kept it."""
    rules = product_rules("main")
    bought, kept, back = defaultdict(set), Counter(), set()
    with gzip.open(FILE, "rt", newline="") as file:
        for line in csv.DictReader(file):
            who, sku = line["customer_id"], line["stock_code"].upper()
            quantity, price = int(line["quantity"]), float(line["unit_price"])
            if (
                not who
                or rules.nature_of(sku) is not ProductNature.PRODUCT
                or price <= 0
            ):
                continue
            day = date.fromisoformat(line["invoice_date"][:10])
            kept[who, day, sku] += quantity
            if quantity > 0:
                bought[who].add(day)
            else:
                back.add((who, day))
    something = {(who, day) for (who, day, _), n in kept.items() if n > 0}
    found = {
        who: {day for day in days if (who, day) not in back or (who, day) in something}
        for who, days in bought.items()
    }
    return {who: sorted(days) for who, days in found.items() if days}


def counts_by_hand(spells, period):
    """start, kept, new, back, end of (number, starts_on, ends_on), one by one."""
    a, b = period.starts_on, period.ends_on
    start = [one for one in spells if one[1] < a <= one[2]]
    end = [one for one in spells if one[1] < b <= one[2]]
    came = [one for one in end if one[1] >= a]
    return (
        len(start),
        len([one for one in start if one[2] >= b]),
        len([one for one in came if one[0] == 1]),
        len([one for one in came if one[0] > 1]),
        len(end),
    )


def test_days_spells_rates_cohorts_and_gaps_are_those_of_the_file(db, tmp_path):
    Business.objects.update(time_zone="Europe/London")
    switch_on("main", UCI_RULES, now=NOW)
    plain = tmp_path / "uci.csv"
    plain.write_bytes(gzip.decompress(FILE.read_bytes()))
    take_orders(plain, mapping=MAPPING, create_customers=True)
    Definition.objects.update(days=60)
    counting.count_all()
    expected = days_of_the_file()

    rows = Buyer.objects.values_list("customer__external_id", "days")
    assert dict(rows) == expected

    spells = [
        (number, first, last)
        for days in expected.values()
        for number, (first, last) in enumerate(spells_of(days, within=60), start=1)
    ]
    for unit, count in (("month", 15), ("quarter", 6), ("year", 3)):
        shown = periods.until(periods.containing(LAST, unit), count)
        for period, found in zip(
            shown, spans.over_time(Basis.ORDERS, shown), strict=True
        ):
            by_hand = counts_by_hand(spells, period)
            assert (
                found.start,
                found.kept,
                found.new,
                found.back,
                found.end,
            ) == by_hand
            assert found == spans.counted(Basis.ORDERS, period)
    odd = periods.Period(date(2011, 2, 11), date(2011, 9, 3))
    found = spans.counted(Basis.ORDERS, odd)
    assert (found.start, found.kept, found.new, found.back, found.end) == (
        counts_by_hand(spells, odd)
    )
    assert kept_cohorts() == cohorts_of(expected.values())
    again = sum(len(days) > 1 for days in expected.values())
    rate = cohorts.repeat_rate(Definition.objects.get(), LAST)
    assert (rate.count, rate.base) == (again, len(expected))
    middle = cohorts.between_orders(
        Counter(gap for days in expected.values() for gap in gaps(days))
    )
    assert middle.base == sum(len(days) - 1 for days in expected.values())
    assert 0 < middle.value < timedelta(days=60).days
