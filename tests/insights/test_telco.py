"""Contracts of a real kind of shop: churn of customers and of revenue, by the file."""

from datetime import UTC, date, datetime

import duckdb
import pytest

from crm.services.imports.options import Options
from crm.services.imports.runner import import_subscriptions
from insights.choices import Basis
from insights.models import Definition, MoneyPeriod
from insights.selectors import churn, money
from insights.services import money as services
from tests.crm.importing import take_customers
from tests.insights.test_real_data import DATA

FILE = DATA / "telco_churn_ibm.csv"
# The file is taken for one of this day. A contract began its tenure before it, and
# whoever left did so on it.
SEEN = date(2019, 12, 31)
NOW = datetime(2020, 1, 2, 12, tzinfo=UTC)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not FILE.exists(), reason="no telco file (PERENNIAL_DATA)"),
]
# All of a month's start; those of them who left; the same of what they pay a month,
# of those who were there three months before.
BY_FILE = """
SELECT count(*) FILTER (tenure > 0), count(*) FILTER (tenure > 0 AND Churn),
    sum(pays) FILTER (tenure > 2), sum(pays) FILTER (tenure > 2 AND Churn)
FROM (SELECT *, MonthlyCharges::DECIMAL(10, 2) AS pays FROM read_csv(?))
"""


def take_in():
    take_customers(FILE, mapping={"external_id": "customerID"}, source="telco")
    told = Options(source="telco", as_of=SEEN.isoformat(), defaults={"currency": "USD"})
    return import_subscriptions(FILE, told, now=NOW, progress=lambda *_: None)


def test_churn_of_customers_and_of_revenue_is_that_of_the_file(db):
    report = take_in()
    Definition.objects.update(by_contract=True, by_orders=False)
    services.count(now=NOW)
    start, left, paid, gone = duckdb.execute(BY_FILE, [str(FILE)]).fetchone()
    assert (report.created, report.refused) == (7043, 0)
    assert left > 1_000

    december = churn.by_month(Basis.CONTRACT, SEEN)[-1]

    assert (december.counts.start, december.counts.lost) == (start, left)
    assert december.measure.value == pytest.approx(left / start)
    found = MoneyPeriod.objects.select_related("end").get(
        end__basis="contract", end__months=3, end__ends_on=date(2020, 1, 1)
    )
    assert (found.start, found.lost, found.expansion) == (paid, gone, 0)
    assert money.gross(found).value == pytest.approx(float(1 - gone / paid))
