"""Two periods or two groups side by side: the differences and their doubt."""

from datetime import date

import pytest
from django.test import Client

from crm.models import Product
from insights.comparison import compare
from insights.figures import Unit, figure
from insights.metrics.difference import difference
from insights.metrics.intervals import share
from insights.metrics.measures import Measure
from tests.factories import UserFactory
from tests.insights.test_retention import spells_in_bulk
from tests.pages import read


def of(measure, **more):
    return figure("f", "F", measure, Unit.PERCENT, sentence="", how="", **more)


def test_a_difference_has_the_interval_of_newcombe():
    """56 of 70 against 48 of 80: his example, 0.2 with 0.0524 to 0.3339."""
    apart = difference(share(48, 80), share(56, 70))

    assert apart.value == pytest.approx(0.2)
    assert (apart.low, apart.high) == pytest.approx((0.0524, 0.3339), abs=1e-4)


def test_what_differs_is_said_only_where_that_is_known():
    few, many, fewer = share(3, 9), share(90, 100), share(50, 100)

    def verdict(first, second, *, overlap=False, **more):
        [row] = compare(
            ("A", "B"), [of(first)], [of(second, **more)], overlap=overlap
        ).rows
        return row.apart, row.verdict

    minus = "\N{MINUS SIGN}40 points"
    assert verdict(many, fewer) == (minus, "Lower, beyond chance.")
    assert verdict(fewer, share(51, 100))[1] == "Not beyond chance."
    assert verdict(many, fewer, overlap=True) == (minus, "")
    assert verdict(few, many) == ("", "Not enough to compare.")
    assert verdict(many, fewer, is_over=False) == ("", "Not over: not compared.")
    assert verdict(Measure(1.0), Measure(2.0)) == ("+100 points", "")


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
