"""Contracts of a real kind of shop: churn of customers and of revenue, by the file."""

from datetime import UTC, date, datetime

import duckdb
import pytest

from crm.models import Customer, Subscription, SubscriptionChange
from insights.choices import Basis
from insights.metrics.periods import add_months
from insights.models import Definition, MoneyPeriod
from insights.selectors import churn, money
from insights.services import money as services
from tests.factories import CustomerFactory
from tests.insights.test_real_data import DATA

FILE = DATA / "telco_churn_ibm.csv"
# All are looked at on one day. A contract began its tenure before it; whoever left did
# so in the month before.
SEEN, LEFT = date(2020, 1, 1), date(2019, 12, 15)
NOW = datetime(2020, 1, 2, 12, tzinfo=UTC)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not FILE.exists(), reason="no telco file (PERENNIAL_DATA)"),
]
# All of a month's start; those of them who left; the same of what they pay a month,
# of those who were there three months before.
BY_FILE = """
SELECT count(*) FILTER (tenure > 1), count(*) FILTER (tenure > 1 AND Churn),
    sum(pays) FILTER (tenure > 3), sum(pays) FILTER (tenure > 3 AND Churn)
FROM (SELECT *, MonthlyCharges::DECIMAL(10, 2) AS pays FROM read_csv(?))
"""


@pytest.fixture
def rows(db):
    """Id, months of tenure, what they pay a month, whether they left."""
    query = (
        "SELECT customerID, tenure, MonthlyCharges::DECIMAL(10, 2), Churn"
        " FROM read_csv(?) ORDER BY 1"
    )
    return duckdb.execute(query, [str(FILE)]).fetchall()


def take_in(rows):
    people = Customer.objects.bulk_create(
        CustomerFactory.build_batch(len(rows), source="telco")
    )
    contracts = Subscription.objects.bulk_create(
        Subscription(
            source="telco",
            external_id=name,
            customer=person,
            plan="Phone",
            currency="USD",
            value=pays,
            state="cancelled" if left and tenure else "active",
            started_on=add_months(SEEN, -tenure),
            cancelled_on=LEFT if left and tenure else None,
            created_at=NOW,
            updated_at=NOW,
        )
        for person, (name, tenure, pays, left) in zip(people, rows, strict=True)
    )
    SubscriptionChange.objects.bulk_create(
        SubscriptionChange(
            subscription=one,
            customer_id=one.customer_id,
            kind=kind,
            happened_on=day,
            happened_at=NOW,
            plan=one.plan,
            value=value,
        )
        for one in contracts
        for kind, day, value in (
            ("started", one.started_on, one.value),
            ("cancelled", one.cancelled_on, 0),
        )
        if day
    )


def test_churn_of_customers_and_of_revenue_is_that_of_the_file(rows):
    take_in(rows)
    Definition.objects.update(by_contract=True, by_orders=False)
    services.count(now=NOW)
    start, left, paid, gone = duckdb.execute(BY_FILE, [str(FILE)]).fetchone()
    assert len(rows) == 7043
    assert left > 1_000

    december = churn.by_month(Basis.CONTRACT, date(2019, 12, 31))[-1]

    assert (december.counts.start, december.counts.lost) == (start, left)
    assert december.measure.value == pytest.approx(left / start)
    found = MoneyPeriod.objects.select_related("end").get(
        end__basis="contract", end__months=3, end__ends_on=SEEN
    )
    assert (found.start, found.lost, found.expansion) == (paid, gone, 0)
    assert money.gross(found).value == pytest.approx(float(1 - gone / paid))
