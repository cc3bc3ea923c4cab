"""manage.py report: the tables, and the same as one object."""

import json
from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command

from tests.factories import (
    CustomerFactory,
    OrderFactory,
    OrderLineFactory,
    ProductFactory,
)

CUTOFF = date(2026, 6, 1)


@pytest.fixture
def regulars(db):
    """31 customers who buy beans monthly; all but one keep to it."""
    beans = ProductFactory(name="Beans")
    for number in range(31):
        customer = CustomerFactory()
        for days in (-100, -70, -40, -10, 60 if number == 0 else 20):
            order = OrderFactory(
                customer=customer, ordered_on=CUTOFF + timedelta(days), source="shop"
            )
            OrderLineFactory(order=order, product=beans)


def report(capsys, *options):
    call_command("report", "reorder-backtest", "--cutoff", "2026-06-01", *options)
    return capsys.readouterr().out


def line(text, start):
    return next(row.split() for row in text.splitlines() if row.startswith(start))


def test_the_tables_show_both_rules_on_the_same_pairs(regulars, capsys):
    output = report(capsys)

    assert output.startswith("31 pairs of a customer and a product with 4 or more")
    # expected, of, hits, right ± margin, days off; twice.
    both = ["31", "31", "30", "96.8", "%", "±6.3"]
    own = [*both, "0.0", *both, "1.0"]
    assert line(output, "every pair")[2:] == [*own, "+0.0", "±0.0"]
    assert line(output, "Beans")[1:4] == ["31", "31", "30"]
    assert line(output, "3  ")[1:4] == ["31", "31", "30"]


def test_too_little_for_a_percentage_is_reported(regulars, capsys):
    output = report(capsys, "--fewest", "5")

    assert output.startswith("0 pairs")
    assert line(output, "every pair")[2:] == ["0", "0", "0", "-", "-"] * 2 + ["-"]
    assert "'-' with fewer than 30 pairs or 10 customers: not enough" in output


def test_the_same_as_one_object(regulars, capsys):
    output = json.loads(report(capsys, "--json"))

    assert output["cutoff"] == "2026-06-01"
    assert (output["tolerance"], output["pairs"]) == (7, 31)
    assert output["every"]["plain"]["hits"] == 30
    assert output["every"]["shipped"]["coverage"] == 100
    assert [row["name"] for row in output["by_product"]] == ["Beans"]


def test_the_tolerance_and_the_source_are_heeded(regulars, capsys):
    wide = json.loads(report(capsys, "--json", "--tolerance", "40"))
    other = json.loads(report(capsys, "--json", "--source", "elsewhere"))

    assert wide["every"]["plain"]["hits"] == 31
    assert other["pairs"] == 0


def test_a_report_that_does_not_exist_is_refused():
    with pytest.raises(CommandError, match="invalid choice"):
        call_command("report", "tea-leaves")


def test_a_cutoff_is_required(db):
    with pytest.raises(CommandError, match="--cutoff"):
        call_command("report", "reorder-backtest")
