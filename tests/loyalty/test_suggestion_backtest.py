"""What goes with an order, asked on a day of the past."""

import json
from datetime import date, timedelta

import pytest
from django.core.management import call_command

from loyalty.rules.suggestion_backtest import Offer, backtest
from tests.factories import (
    CustomerFactory,
    OrderFactory,
    OrderLineFactory,
    ProductFactory,
)

DAY = timedelta(days=1)
CUTOFF = date(2026, 3, 1)


def offer(number, *, hits):
    bought = frozenset({1} if hits else set())
    return Offer(number, (1,), (2,), bought)


def test_both_are_counted_on_the_same_people_and_the_gain_has_its_margin():
    offers = [offer(number, hits=number < 10) for number in range(40)]

    found = backtest(offers, cutoff=CUTOFF, within=60, last_on=CUTOFF + 59 * DAY)

    assert (found.rule.suggested, found.rule.bought, found.rule.percent) == (40, 10, 25)
    assert (found.popular.bought, found.gain) == (0, 25)
    assert found.gain_margin95 == pytest.approx(13.6, abs=0.1)


def test_where_the_orders_end_too_soon_nothing_is_counted():
    offers = [offer(number, hits=True) for number in range(40)]

    found = backtest(offers, cutoff=CUTOFF, within=60, last_on=CUTOFF + 58 * DAY)

    assert (found.is_whole, found.rule.suggested) == (False, 0)


def test_of_few_no_share_is_said():
    found = backtest(
        [offer(1, hits=True)], cutoff=CUTOFF, within=60, last_on=CUTOFF + 60 * DAY
    )

    assert (found.rule.bought, found.rule.percent, found.gain) == (1, None, None)


def basket(on, *products, customer=None):
    order = OrderFactory(customer=customer or CustomerFactory(), ordered_on=on)
    for product in products:
        OrderLineFactory(order=order, product=product)
    return order.customer


def report(capsys, *options):
    call_command("report", "suggestion-backtest", "--cutoff", "2026-03-01", *options)
    return capsys.readouterr().out


def test_the_report_suggests_what_was_known_and_looks_at_what_came(db, capsys):
    """25 had coffee and filters long ago, 100 others a pen, which is the most popular;
    40 with coffee alone shortly before the day, of whom ten bought filters later.
    After the day 30 buy coffee with a mug: that is not known on it."""
    coffee, filters, pen, mug = (ProductFactory() for _ in range(4))
    for _ in range(25):
        basket(CUTOFF - 200 * DAY, coffee, filters)
    for _ in range(100):
        basket(CUTOFF - 200 * DAY, pen)
    lately = [basket(CUTOFF - 10 * DAY, coffee) for _ in range(40)]
    for customer in lately[:10]:
        basket(CUTOFF + 5 * DAY, filters, customer=customer)
    for _ in range(30):
        basket(CUTOFF + 60 * DAY, coffee, mug)

    found = json.loads(report(capsys, "--json"))

    assert found["rule"] | {"margin95": 0} == {
        "customers": 40, "suggested": 40, "bought": 10, "margin95": 0,
    }  # fmt: skip
    assert (found["popular"]["bought"], found["gain"]) == (0, 25.0)
    assert "10 of 40 (25.0 % ±" in report(capsys)
    assert "not known yet" in report(capsys, "--within", "90")
