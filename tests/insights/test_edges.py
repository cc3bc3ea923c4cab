"""Shops of which there is not enough to say: every figure says so, and none is 0, NaN
or above 100 %."""

from datetime import UTC, date, datetime, time, timedelta
from math import isfinite

import pytest

from crm.models import Customer, Order, OrderLine, Product
from crm.services import order_sums
from insights.choices import Basis
from insights.figures import Unit
from insights.models import Definition
from insights.reports import Ask, report
from insights.selectors.definition import horizon
from insights.selectors.second_order import curve
from insights.services import money
from tests.factories import CustomerFactory, UserFactory
from tests.insights.conftest import NOW
from tests.pages import read

TODAY = NOW.date()
LAST_YEAR, LAST_MONTH = date(2025, 2, 5), date(2026, 2, 5)
REPORTS = (
    *("overview", "retention", "churn", "repeat", "cohorts", "money", "origins"),
    "signals",
)
# The one rate that may be above 1: what the same people bring now of what they brought.
MAY_EXCEED = {"net-retention"}
DAYS = 200


def trade(people, day, amount=9):
    """An order of each of these people on a day; below nothing: given back."""
    product, _ = Product.objects.get_or_create(sku="BEANS", name="Beans")
    nature = ("sale", "purchase") if amount > 0 else ("return", "return")
    rows = Order.objects.bulk_create(
        Order(
            customer=one, external_id=f"{one.pk}/{day}/{amount}", number="1",
            nature=nature[0], state="placed", currency="EUR", total=amount,
            ordered_at=datetime.combine(day, time(12), UTC), ordered_on=day,
        )
        for one in people
    )  # fmt: skip
    OrderLine.objects.bulk_create(
        OrderLine(
            order=row, line_key="1", customer_id=row.customer_id, product=product,
            ordered_on=day, quantity=1 if amount > 0 else -1, unit_price=abs(amount),
            amount=amount, nature=nature[1],
        )
        for row in rows
    )  # fmt: skip


def of(count):
    return CustomerFactory.create_batch(count)


def nobody():
    pass


def somebody():
    trade(of(1), LAST_YEAR)


def all_left():
    trade(of(31), date(2024, 1, 5))
    trade(of(1), LAST_MONTH)


def all_new():
    trade(of(31), LAST_MONTH)


def all_returned():
    people = of(31)
    trade(people, LAST_YEAR)
    trade(people, LAST_YEAR, -9)


def days_to_come():
    people = of(31)
    trade(people, LAST_MONTH)
    trade(people, TODAY + timedelta(30))


def paid_back_more():
    people = of(31)
    for day in (LAST_YEAR, LAST_MONTH):
        trade(people, day)
        trade(people, day + timedelta(3), -20)


def one_of_few_gone():
    people = of(35)
    for day in (date(2023, 2, 5), date(2024, 2, 5)):
        trade(people, day)
    trade(people[1:], LAST_YEAR)
    trade(people[1:], LAST_MONTH)


SHOPS = (
    nobody,
    somebody,
    all_left,
    all_new,
    all_returned,
    days_to_come,
    paid_back_more,
    one_of_few_gone,
)


@pytest.fixture(params=SHOPS, ids=lambda shop: shop.__name__)
def shop(request, db):
    Definition.objects.update(days=DAYS)
    request.param()
    order_sums.count(list(Customer.objects.values_list("pk", flat=True)))
    money.count(now=NOW)
    order_sums.mark_core(now=NOW)
    return request.param


def told():
    ask = Ask(now=NOW, today=TODAY)
    return [one for name in REPORTS for one in report(name, ask).figures]


def test_no_figure_is_nought_or_nothing_or_more_than_all(shop, client):
    found = told()

    for one in found:
        assert one.sentence or one.value is not None, one
        if one.value is None:
            assert one.shown == "–" or " of " in one.shown, one
            continue
        ends = [end for end in (one.low, one.high) if end is not None]
        assert all(isfinite(end) for end in (one.value, *ends)), one
        if one.unit is Unit.PERCENT:
            assert one.base >= 30 or one.key in MAY_EXCEED, one
            assert one.value >= 0, one
            assert one.value <= 1 or one.key in MAY_EXCEED, one
            # Nor does its doubt reach where no share can be.
            assert all(end >= 0 for end in ends), one
            assert all(end <= 1 for end in ends) or one.key in MAY_EXCEED, one
        if one.unit in (Unit.PERCENT, Unit.RATIO) and not one.value:
            assert one.base >= 30, one  # of many none: a figure
            assert one.high is None or one.high > 0, one
    rates = {one.key: one.value for one in found if one.unit is Unit.PERCENT}
    if shop in (nobody, somebody, all_new, all_returned, days_to_come):
        assert rates.get("retention") is None
        assert rates.get("churn") is None
    if shop in (nobody, somebody, all_returned, paid_back_more):
        assert rates.get("net-retention") is None
        assert rates.get("earlier-share") is None
    row = Definition.objects.get()
    known = horizon(row, Basis.ORDERS, today=TODAY)
    assert known is None or known <= TODAY
    if known is None:
        return
    drawn = curve(row, known)
    client.force_login(UserFactory(role="owner"))
    came_back = read(client.get(drawn.figure.people_url))
    assert came_back.count("data-person") == drawn.figure.people
    if shop is days_to_come:
        # What is dated in days to come has not happened: they are still waited for.
        assert drawn.figure.value is None
        assert drawn.chart is None
        assert "not over" in drawn.figure.sentence
    assert drawn.figure.value is None or 0 < drawn.figure.value <= 1
