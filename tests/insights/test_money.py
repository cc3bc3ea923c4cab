"""What customers of before bring now: sums, figures, and the people behind them."""

from datetime import UTC, date, datetime
from decimal import Decimal as D
from urllib.parse import urljoin

import pytest
from django.test import Client

from crm.models import CoreMark, Customer, Order, Segment
from crm.rules.choices import OrderNature, OrderState
from crm.services import order_sums, subscriptions
from crm.signals import orders_changed
from insights import money_words
from insights.metrics.measures import Measure
from insights.metrics.spans import Pair, add_months, ends, last_end
from insights.models import (
    Definition,
    MoneyEnd,
    MoneyMark,
    MoneyPeriod,
    SpendCurve,
    StaleCustomer,
)
from insights.selectors import money
from insights.services import counting
from insights.services import money as services
from tests.committed import uncommitted_rows
from tests.factories import CustomerFactory, UserFactory
from tests.insights.conftest import sums_in_whole, sums_of_money
from tests.pages import read

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
THEN, LATER = date(2024, 5, 10), date(2025, 6, 10)
END = date(2026, 1, 1)


def order(customer, on, total, currency="GBP", **more):
    number = f"O-{Order.objects.count()}"
    return Order.objects.create(
        external_id=number,
        number=number,
        customer=customer,
        ordered_at=datetime(on.year, on.month, on.day, 12, tzinfo=UTC),
        ordered_on=on,
        currency=currency,
        total=D(total),
        **more,
    )


def test_shop_without_orders_and_one_too_young_say_so(db):
    client = Client()
    client.force_login(UserFactory(role="manager"))
    assert (
        "No orders are counted yet" in client.get("/insights/money/").content.decode()
    )

    for person in CustomerFactory.create_batch(35):
        order(person, date(2025, 3, 3), 10)
        order(person, date(2026, 1, 3), 10)
    services.count(now=NOW)

    figures = {one.key: one for one in money.currencies()[0].figures}
    assert figures["net-retention"].value is None
    assert "far enough back" in figures["net-retention"].sentence


def test_negative_revenue_is_no_figure(db):
    for person in CustomerFactory.create_batch(35):
        order(person, date(2023, 1, 3), -10, nature=OrderNature.RETURN.value)
        order(person, THEN, -10, nature=OrderNature.RETURN.value)
        order(person, LATER, -10, nature=OrderNature.RETURN.value)
    order(person, date(2026, 1, 3), -1, nature=OrderNature.RETURN.value)
    services.count(now=NOW)

    for figure in money.currencies()[0].figures:
        assert figure.value is None, figure.key


def test_who_gave_back_more_brings_nothing_and_a_list_is_of_its_currency(db, client):
    pounds, euros = CustomerFactory.create_batch(2)
    order(pounds, THEN, 100)
    order(pounds, LATER, 50)
    order(pounds, LATER, -80, nature=OrderNature.RETURN.value)
    order(pounds, date(2026, 1, 10), 5)
    for day in (THEN, LATER):
        order(euros, day, 40, currency="EUR")
    services.count(now=NOW)
    client.force_login(UserFactory(role="owner"))

    row = MoneyPeriod.objects.get(
        currency="GBP", end__basis="orders", end__months=12, end__ends_on=END
    )

    assert (row.people, row.lost_people, row.lost, row.revenue) == (1, 1, 100, -30)
    for group in ("then", "lost"):
        listed = read(client.get(money.people_url(row, group)))
        assert listed.count('<th scope="row">') == 1, group


def test_contracts_are_compared_by_what_is_in_force(db):
    for at, person in enumerate(CustomerFactory.create_batch(36)):
        row, _new = subscriptions.start(
            customer=person, plan="P", value=D(10), started_on=THEN, now=NOW
        )
        if at < 3:
            subscriptions.cancel(row, on=date(2025, 12, 31), now=NOW)
        elif at < 9:
            subscriptions.change(row, on=date(2025, 3, 1), value=D(4), now=NOW)
        elif at < 12:
            subscriptions.change(row, on=date(2026, 1, 1), value=D(99), now=NOW)
        elif at < 32:
            subscriptions.change(row, on=date(2025, 3, 1), value=D(13), now=NOW)
    assert StaleCustomer.objects.exists()
    services.count(now=NOW)

    one = next(one for one in money.currencies() if one.row.basis == "contract")

    row = one.row
    assert (row.people, row.more_people, row.less_people) == (36, 20, 6)
    assert (row.lost_people, row.same_people) == (3, 7)
    assert (row.start, row.expansion, row.contraction, row.lost) == (360, 60, 36, 30)
    assert money.net(row).value == pytest.approx(354 / 360)
    assert "a month" in one.figures[0].sentence
    client = Client()
    client.force_login(UserFactory(role="owner"))
    lost = next(made for made in one.figures if made.key == "lost")
    listed = client.get(lost.people_url).content.decode()
    assert listed.count('<th scope="row">') == 3


@pytest.fixture(scope="module")
def shop(django_db_setup, django_db_blocker):
    """40 bring more, 10 less, 10 nothing, 5 are new; one buys in euros."""
    with uncommitted_rows(django_db_blocker):
        people = CustomerFactory.create_batch(66)
        for at, person in enumerate(people[:60]):
            order(person, THEN, 100)
            if at < 40:
                order(person, LATER, 150)
            elif at < 50:
                order(person, LATER, 80)
                order(person, LATER, -30, nature=OrderNature.RETURN.value)
        order(people[59], LATER, 999, state=OrderState.CANCELLED.value)
        for person in people[60:65]:
            order(person, LATER, 10)
        order(people[65], LATER, 70, currency="EUR")
        # The first order, long ago: history reaches back far enough.
        order(people[60], date(2023, 1, 5), 1)
        order(people[60], date(2026, 1, 10), 5)
        order(people[61], date(2031, 1, 10), 5)
        order_sums.count([person.pk for person in people])
        order_sums.mark_core(now=NOW)
        services.count(now=NOW)
        yield people


def test_sums_tell_who_brings_more_less_and_nothing(shop):
    row = MoneyPeriod.objects.get(
        currency="GBP", end__basis="orders", end__months=12, end__ends_on=END
    )

    assert (row.people, row.more_people, row.less_people) == (60, 40, 10)
    assert (row.lost_people, row.same_people) == (10, 0)
    assert (row.start, row.expansion) == (6000, 2000)
    assert (row.contraction, row.lost) == (500, 1000)
    assert (row.revenue, row.earlier_revenue) == (6550, 6510)
    assert (row.buyers, row.earlier_buyers, row.is_whole) == (55, 51, True)
    assert services.renew_ends(now=NOW) == 0


def test_figures_are_of_one_currency_and_in_words(shop):
    pounds, euros = money.currencies()

    shown = {one.key: one for one in pounds.figures}
    assert (pounds.currency, euros.currency) == ("GBP", "EUR")
    assert shown["net-retention"].value == pytest.approx(6500 / 6000)
    assert "net negative churn" in shown["net-retention"].sentence
    assert shown["gross-retention"].value == pytest.approx(0.75)
    assert shown["gross-retention"].high < 1
    assert shown["earlier-share"].value == pytest.approx(6510 / 6550)
    assert shown["core"].people == CoreMark.objects.get(currency="GBP").people
    assert all(one.value is None for one in euros.figures if one.key != "core")


@pytest.mark.parametrize("role", ["owner", "analyst"])
def test_each_figure_opens_as_many_people_as_it_says(shop, role):
    client = Client()
    client.force_login(UserFactory(role=role))

    for figure in money.currencies()[0].figures:
        html, url = "", figure.people_url
        while url:
            page = client.get(urljoin("/insights/money/people/", url))
            html += page.content.decode()
            url = page.context["more_url"]
        assert html.count('<th scope="row">') == figure.people, figure.key
        assert ("Name hidden" in html) == (role == "analyst")


def test_page_shows_every_figure_with_its_file(shop):
    client = Client()
    client.force_login(UserFactory(role="manager"))

    page = client.get("/insights/money/")
    html = page.content.decode()
    rows = client.get("/insights/money/?as=csv").content.decode().splitlines()

    for figure in money.currencies()[0].figures:
        assert figure.title in html
        assert any(row.startswith(f"{figure.key},") for row in rows)
    assert client.get("/insights/money/?as=xlsx").content[:2] == b"PK"
    assert client.get("/insights/money/people/?of=x&to=2").status_code == 200
    assert "£6,000.00" in html
    assert "What the best customers brought" in html


def test_changed_orders_are_counted_by_the_next_ticks(shop):
    order(shop[0], LATER, 1000)
    orders_changed.send(None, ids=[], customer_ids=[shop[0].pk], now=NOW)
    assert StaleCustomer.objects.exists()

    counting.keep_up(now=NOW, seconds=30)
    services.keep_up(now=NOW)

    row = MoneyPeriod.objects.get(
        currency="GBP", end__basis="orders", end__months=12, end__ends_on=END
    )
    assert row.expansion == 3000
    assert not MoneyMark.objects.exists()


def test_next_month_opens_its_spans_and_closes_those_of_too_long_ago(shop, monkeypatch):
    monkeypatch.setattr(services, "AT_ONCE", 1)
    order(shop[0], date(2026, 4, 2), 7)
    counting.process_pending()
    later = datetime(2026, 4, 15, 12, tzinfo=UTC)
    assert MoneyEnd.objects.filter(ends_on__gt=END).count() == 0

    assert services.renew_ends(now=later, seconds=0) == 1  # the rest next time
    assert services.renew_ends(now=later) > 0

    newest = MoneyPeriod.objects.filter(end__ends_on=date(2026, 4, 1))
    assert {row.months for row in newest.select_related("end")} == {3, 12}
    assert sums_of_money() == sums_in_whole()
    Order.objects.all().delete()
    counting.count_all()
    assert services.renew_ends(now=later) == MoneyEnd.objects.count() == 0


def test_as_much_as_then_is_told_as_what_it_is():
    """What one spends more makes up for another; or nothing moved at all."""
    for expansion, contraction in ((D(20), D(20)), (D(0),) * 2):
        row = MoneyPeriod(
            end=MoneyEnd(basis="orders", months=12, ends_on=END), currency="EUR",
            people=40, start=D(100), expansion=expansion,
            contraction=contraction, lost=D(0), revenue=D(100),
            earlier_revenue=D(100), more_people=1, less_people=1, lost_people=0,
        )  # fmt: skip
        said = money_words.sentence("net-retention", row, Measure(1.0, base=40))
        assert "bring as much now" in said
        assert "does not" not in said


def test_nothing_is_shown_before_everybody_was_counted_once(shop):
    MoneyEnd.objects.all().delete()
    Definition.objects.update(counted_at=None)

    assert services.renew_ends(now=NOW) == 0
    assert money.currencies() == []


def test_curve_is_of_all_with_revenue(shop):
    curve = SpendCurve.objects.get(currency="GBP")

    assert sum(curve.people) == 65
    assert sum(curve.sums) == sum(
        Order.objects.filter(currency="GBP")
        .exclude(state=OrderState.CANCELLED.value)
        .values_list("total", flat=True)
    )


def test_spans_end_with_months_that_are_over():
    assert last_end(date(2025, 12, 9), date(2026, 1, 15)) == date(2025, 12, 1)
    assert last_end(date(2031, 1, 1), date(2026, 1, 15)) == date(2026, 1, 1)
    assert add_months(date(2026, 1, 31), -13) == date(2024, 12, 1)
    pairs = ends(date(2025, 2, 2), date(2025, 12, 9), date(2026, 1, 1), 12)
    assert [pair.ends_on.month for pair in pairs] == [4, 7, 10, 12]
    assert Pair(date(2026, 1, 1), 12).starts_on == date(2024, 1, 1)


def test_segment_stands_beside_everybody(shop):
    condition = {"field": "orders.core", "is": "yes", "values": []}
    segment = Segment.objects.create(
        name="Best",
        conditions={"match": "all", "parts": [condition]},
        created_at=NOW,
        updated_at=NOW,
    )
    client = Client()
    client.force_login(UserFactory(role="analyst"))

    page = client.get(f"/insights/money/?by=segment&value={segment.pk}")

    compared = page.context["compared"]
    assert (compared.first, compared.second) == ("Everybody", "Best")
    net = next(row for row in compared.rows if row.first.key == "net-retention")
    assert 0 < net.second.people < net.first.people == 60
    assert compared.note
    listed = client.get(net.second.people_url).content.decode()
    assert listed.count('<th scope="row">') == min(net.second.people, 50)
    earlier = client.get("/insights/money/?months=3&than=2025-10-01")
    assert earlier.context["compared"].first == "1 July 2025 to 30 September 2025"


def test_people_of_a_source_with_a_sign_of_percent_have_a_page(shop):
    client = Client()
    client.force_login(UserFactory(role="manager"))
    Customer.objects.filter(pk=shop[0].pk).update(heard_from="50% off")
    address = (
        "/insights/money/people/?of={}&by=source&value=50%25+off"
        "&currency=GBP&to=2026-01-01"
    )

    for group in ("then", "core"):
        page = read(client.get(address.format(group)), "</h1>")
        assert page.count('<th scope="row">') == 1, group
