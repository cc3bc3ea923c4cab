"""Two periods or two groups side by side: the differences and their doubt."""

from datetime import date

import pytest
from django.test import Client

from crm.models import Product
from insights.choices import Basis, Metric
from insights.comparison import _between, compare
from insights.figures import Unit, figure
from insights.metrics.difference import difference, of_repeated
from insights.metrics.intervals import share
from insights.metrics.measures import Measure, Why, without
from insights.metrics.movement import Both, Share
from insights.models import Buyer, Definition
from insights.services import marks
from tests.factories import CustomerFactory, UserFactory
from tests.insights.conftest import NOW
from tests.insights.test_retention import spells_in_bulk
from tests.pages import read
from web.rules.movement import Moved


def of(measure, **more):
    return figure("f", "F", measure, Unit.PERCENT, sentence="", how="", **more)


def test_a_difference_has_the_interval_of_newcombe():
    """56 of 70 against 48 of 80: his example, 0.2 with 0.0524 to 0.3339."""
    apart = difference(share(48, 80), share(56, 70))

    assert apart.value == pytest.approx(0.2)
    assert (apart.low, apart.high) == pytest.approx((0.0524, 0.3339), abs=1e-4)


def test_beside_what_has_no_figure_nothing_is_apart():
    """All 40 left: a rate of those who stayed is not said."""
    sides = ([of(without(Why.EVERYBODY_LEFT))], [of(share(30, 40))])
    known = {"f": of_repeated(Share(0, 40), Share(30, 40), Both())}

    [row] = compare(("A", "B"), *sides, overlap=False, known=known).rows

    assert known["f"].value == pytest.approx(0.75)
    assert row.verdict == "Not enough to compare."


def test_what_differs_is_said_only_where_that_is_known():
    few, many, fewer = share(3, 9), share(90, 100), share(50, 100)

    def decision(first, second, *, overlap=False, **more):
        [row] = compare(
            ("A", "B"), [of(first)], [of(second, **more)], overlap=overlap
        ).rows
        return row.apart, row.verdict

    minus = "\N{MINUS SIGN}40 points"
    assert decision(many, fewer) == (minus, "Lower, beyond chance.")
    assert decision(fewer, share(51, 100))[1] == "Not beyond chance."
    assert decision(many, fewer, overlap=True) == (minus, "")
    assert decision(few, many) == ("", "Not enough to compare.")
    assert decision(many, fewer, is_over=False) == ("", "Not over: not compared.")
    assert decision(Measure(1.0), Measure(2.0)) == ("+100 points", "")


def test_retention_stands_side_by_side_by_period_country_and_product(db):
    until = date(2027, 1, 1)
    spells_in_bulk(
        "orders",
        (30, date(2024, 1, 1), until, 1),
        (10, date(2024, 1, 1), date(2025, 5, 1), 1),
    )
    buy_of = Product.objects.create(sku="Beans-1", name="Beans")
    client = Client()
    client.force_login(UserFactory(role="manager"))
    page = "/insights/retention/?unit=quarter&at=2025-04-01"

    def compared(query):
        return client.get(page + query).context["compared"]

    times = compared("&than=2025-01-01")
    assert (times.first, times.second) == ("Q1 2025", "Q2 2025")
    rate, _start, kept, *_rest = times.rows
    assert (rate.first.count, rate.second.count) == (40, 30)
    assert (kept.first.people, kept.second.people) == (40, 30)
    assert read(client.get(kept.second.people_url)).count("data-person") == 30
    groups = compared("&by=country&value=DE")
    assert (groups.first, groups.second) == ("Everybody", "Germany")
    assert groups.note
    assert compared("&by=product&value=beans-1").second == buy_of.name
    gone = client.get(page + "&by=product&value=nothing")
    assert "No product has the code “nothing”." in read(gone)
    assert compared("") is None
    csv = client.get(page + "&than=2025-01-01&as=csv").content.decode()
    assert "Retention: Q2 2025" in csv


def opened(client, figure):
    """How many stand in the list behind a figure."""
    return read(client.get(figure.people_url)).count("data-person")


def test_churn_stands_side_by_side_by_time_and_by_group(db):
    until = date(2027, 1, 1)
    spells_in_bulk(
        "contract",
        (60, date(2024, 1, 1), until, 1),
        (30, date(2024, 1, 1), date(2025, 2, 10), 1),
        (10, date(2024, 1, 1), date(2025, 5, 10), 1),
        (30, date(2025, 2, 1), until, 1),
    )
    Definition.objects.update(by_contract=True, by_orders=False)
    client, manager = Client(), UserFactory(role="manager")
    client.force_login(manager)
    marks.make(
        metric=Metric.CHURN, basis=Basis.CONTRACT, month=date(2025, 4, 1), months=3,
        words="Wrote", by=manager, now=NOW,
    )  # fmt: skip
    page = "/insights/churn/?basis=contract&unit=quarter&at=2025-04-01"

    context = client.get(page + "&than=2025-01-01").context
    found, [mark] = context["compared"], context["marks"]

    assert (found.first, found.second) == ("Q1 2025", "Q2 2025")
    left = found.rows[0]
    assert (left.first.count, left.first.base) == (30, 100)
    assert (left.second.count, left.second.base) == (10, 100)
    assert left.apart == "\N{MINUS SIGN}20 points"
    # The 70 who stand on both sides are one cluster each: 10 of them left then.
    sides = Share(30, 100), Share(10, 100)
    apart = of_repeated(*sides, Both(70, 0, 0, 10))
    assert left.doubt == _between(apart, left.first)
    assert left.doubt != _between(of_repeated(*sides, Both()), left.first)
    assert left.verdict == "Lower, beyond chance."
    assert found.moved == {mark.key: mark.moved} == {mark.key: Moved.DOWN}
    assert [opened(client, one) for one in (left.first, left.second)] == [30, 10]
    group = client.get(page + "&by=country&value=DE").context["compared"]
    assert (group.first, group.second) == ("Everybody", "Germany")
    assert group.note
    assert client.get(page).context["compared"] is None
    csv = client.get(page + "&than=2025-01-01&as=csv").content.decode()
    assert "Left in this time: Q2 2025" in csv


def test_two_cohorts_stand_side_by_side(db):
    Definition.objects.update(days=60)
    for month, people, back in ((1, 40, 20), (4, 31, 3)):
        Buyer.objects.bulk_create(
            Buyer(
                customer=one,
                days=[date(2025, month, 5)] + [date(2025, month + 3, 9)] * (at < back),
            )
            for at, one in enumerate(CustomerFactory.create_batch(people))
        )
    spells_in_bulk("orders", (1, date(2025, 1, 5), date(2026, 3, 1), 1))
    client = Client()
    client.force_login(UserFactory(role="manager"))

    page = client.get("/insights/cohorts/?at=2025-04-01&than=2025-01-01")

    found = page.context["compared"]
    assert (found.first, found.second) == ("Q1 2025", "Q2 2025")
    size, next_quarter, *_rest = found.rows
    assert (size.first.people, size.second.people) == (40, 31)
    assert next_quarter.first.title == "1 quarter later"
    assert (next_quarter.first.count, next_quarter.second.count) == (20, 3)
    assert next_quarter.verdict == "Lower, beyond chance."
    assert next_quarter.doubt
    sides = (next_quarter.first, next_quarter.second)
    assert [opened(client, one) for one in sides] == [20, 3]
    # Of the line's mean too: both cohorts, a quarter after their first.
    mean = page.context["table"].means[1]
    assert read(client.get(mean.url)).count("data-person") == 23
