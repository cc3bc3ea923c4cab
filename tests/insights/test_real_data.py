"""A real wholesaler: what is kept equals what DuckDB reckons from the file alone."""

import gzip
import os
from dataclasses import astuple
from datetime import date
from pathlib import Path

import pytest

from crm.models import Business, CoreMark
from crm.rules.choices import ProductNature
from crm.selectors import product_rules
from crm.services import order_sums
from crm.services.product_rules import switch_on
from insights.choices import Basis
from insights.metrics import periods
from insights.metrics.spans import Pair
from insights.models import Buyer, Definition, MoneyPeriod, SpendCurve
from insights.selectors import again, spans
from insights.selectors.definition import gap_counts
from insights.services import money
from tests.crm.importing import UCI_RULES, take_orders
from tests.crm.test_import_uci import MAPPING
from tests.insights.conftest import NOW, kept_cohorts
from tests.insights.peer import Peer

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


def check_money(peer):
    """Twelve and three months of every span that is kept, and the curve of the few."""
    stored = list(MoneyPeriod.objects.select_related("end"))
    assert len(stored) >= 8
    for row in stored:
        assert peer.money(Pair(row.ends_on, row.months)) == (
            row.people,
            row.start,
            row.expansion,
            row.contraction,
            row.lost,
            row.revenue,
            row.earlier_revenue,
            row.buyers,
            row.earlier_buyers,
        )
    people, everything, few = peer.best()
    curve, core = SpendCurve.objects.get(), CoreMark.objects.get()
    assert sum(curve.people) == core.of_people == people
    assert sum(curve.sums) == everything
    assert core.people == few


def test_days_spells_rates_cohorts_gaps_and_money_are_those_of_the_file(db, tmp_path):
    Business.objects.update(time_zone="Europe/London")
    switch_on("main", UCI_RULES, now=NOW)
    plain = tmp_path / "uci.csv"
    plain.write_bytes(gzip.decompress(FILE.read_bytes()))
    take_orders(plain, mapping=MAPPING, create_customers=True)
    Definition.objects.update(days=60)
    order_sums.mark_core(now=NOW)
    money.count(now=NOW)
    rules = product_rules("main")
    peer = Peer(
        plain, lambda sku: rules.nature_of(sku) is ProductNature.PRODUCT, days=60
    )

    expected = peer.days()
    assert dict(Buyer.objects.values_list("customer__external_id", "days")) == expected
    for unit, count in (("month", 15), ("quarter", 6), ("year", 3)):
        shown = periods.until(periods.containing(LAST, unit), count)
        for period, found in zip(
            shown, spans.over_time(Basis.ORDERS, shown), strict=True
        ):
            assert astuple(found) == peer.span(period)
    odd = periods.Period(date(2011, 2, 11), date(2011, 9, 3))
    assert astuple(spans.counted(Basis.ORDERS, odd)) == peer.span(odd)
    assert kept_cohorts() == peer.cohorts()
    came_again = sum(len(days) > 1 for days in expected.values())
    row = Definition.objects.get()
    rate = again.repeat_rate(row, LAST, again.buyers(row, LAST))
    assert (rate.count, rate.base) == (came_again, len(expected))
    assert gap_counts() == peer.gaps()
    check_money(peer)
