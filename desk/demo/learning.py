"""What the shop decided to count, and what it did about those who left."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from crm.models import Job, User
from crm.services import jobs
from insights.choices import Basis, Metric
from insights.metrics.periods import add_months
from insights.models import Definition
from insights.services import marks, money, spend
from insights.services.definition import decide
from insights.services.recount import RECOUNT
from insights.services.spend import SpendInput

# Coffee lasts for a month or two: who has bought nothing for four is gone.
DAYS = 120


def _spent(now: datetime) -> Iterator[SpendInput]:
    """What the shop paid a month for being found, in the year and a half behind it."""
    for back in range(1, 19):
        month = add_months(now.date(), -back)
        yield SpendInput("search", month, Decimal(90), "GBP")
        yield SpendInput("newspaper", month, Decimal(140), "GBP")


def learn(owner: User, *, now: datetime) -> None:
    """Decide, count everybody, and mark what was done half a year ago."""
    row = Definition.objects.get(pk=1)
    decide(
        by_orders=True,
        days=DAYS,
        by_contract=row.by_contract,
        churn_target=row.churn_target,
        version=row.version,
        by=owner,
        now=now,
    )
    while jobs.work(now=now, seconds=60).is_unfinished:
        pass
    money.keep_up(now=now)
    spend.put(list(_spent(now)), by=owner, now=now)
    jobs.mark_seen(Job.objects.get(kind=RECOUNT.name), by=owner, now=now)
    marks.make(
        metric=Metric.CHURN,
        basis=Basis.ORDERS,
        month=add_months(now.date(), -4),
        months=3,
        words="Wrote to everybody who had bought nothing for two months",
        by=owner,
        now=now,
    )
