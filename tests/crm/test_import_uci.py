"""A wholesaler's real traits: returns, cancellations, postage, gifts, missing ids.

The same rules are proved on a made-up file, on a real small one and, by hand, on the
whole: `manage.py import_orders online_retail_uci.csv.gz --create-customers --map ...`.
"""

import csv
import os
import random
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from crm.models import Customer, Order, OrderLine, Product
from crm.services.imports import orders
from tests.crm.importing import (
    UCI_RULES,
    counted_purchases,
    file_of,
    physical_rows,
    refusals,
    stored_lines,
    take_orders,
)

pytestmark = pytest.mark.django_db

DATA = Path(
    os.environ.get("PERENNIAL_DATA")
    or Path(__file__).resolve().parents[3] / "shared" / "data"
)
MAPPING = {
    "order_id": "invoice_no",
    "sku": "stock_code",
    "product": "description",
    "ordered_at": "invoice_date",
}
HEADER = (
    "invoice_no stock_code description quantity invoice_date unit_price customer_id"
    " country"
)
CODES = (
    "POST DOT C2 M m D S B PADS CRUK AMAZONFEE DCGSSGIRL DCGSSBOY DCGS0003 DCGS0004"
    " DCGS0055 DCGS0057 DCGS0066P DCGS0067 DCGS0068 DCGS0069 DCGS0070 DCGS0071 DCGS0072"
    " DCGS0073 DCGS0074 DCGS0076 gift_0001_10 gift_0001_20 gift_0001_30 gift_0001_40"
    " gift_0001_50"
)  # fmt: skip


def traits(seed):
    """Rows of 300 invoices with everything that the real file has."""
    chance = random.Random(seed)
    at = datetime(2010, 12, 1, 8, 26)
    rows = []
    for number in range(300):
        at += timedelta(minutes=chance.randint(1, 2_000))
        kind = chance.random()
        prefix = "C" if kind < 0.12 else ""
        customer = "" if kind > 0.8 else str(12_346 + chance.randrange(40))
        for line in range(chance.randint(1, 9)):
            code = (
                chance.choice(CODES.split())
                if chance.random() < 0.05
                else f"{chance.randrange(10_000, 10_050)}A"
            )
            quantity = -chance.randint(1, 9) if prefix else chance.randint(1, 40)
            price = (
                "0"
                if chance.random() < 0.02
                else f"{chance.randint(1, 2000) / 100:.2f}"
            )
            if not customer and chance.random() < 0.1:
                quantity, price = -quantity, "0"
            stamp = at + timedelta(minutes=line == 3)
            rows.append(
                [f"{prefix}{536_365 + number}", code, f"THING {code}", str(quantity)]
                + [f"{stamp:%Y-%m-%d %H:%M:%S}", price, customer, "United Kingdom"]
            )
    # One invoice stands in two places, as 542806 does.
    rows.append(
        [*rows[0][:1], "99999", "LATE", "1", *rows[0][4:5], "1.5", *rows[0][6:]]
    )
    return rows


def text_of(rows):
    return "\n".join(",".join(row) for row in [HEADER.split(), *rows]) + "\n"


def counted_by_hand(rows):
    """The published rule, read off the rows without any of our code."""
    good = [
        row for row in rows
        if row[6] and row[0][0] != "C" and int(row[3]) > 0 and Decimal(row[5]) > 0
    ]  # fmt: skip
    money = sum((int(row[3]) * Decimal(row[5]) for row in good), Decimal(0))
    return (
        len(good),
        len({row[6] for row in good}),
        len({row[0] for row in good}),
        money,
    )


def take(path, **options):
    return take_orders(
        path, mapping=MAPPING, create_customers=True, rules=UCI_RULES, **options
    )


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_figures_of_a_file_with_all_traits_are_those_counted_by_hand(
    tmp_path, monkeypatch, seed
):
    monkeypatch.setattr(orders, "SLICE_LINES", 250)
    rows = traits(seed)
    report = take(file_of(tmp_path, text_of(rows)))

    assert counted_purchases() == counted_by_hand(rows)
    assert report.read == len(rows) == report.accepted + report.refused
    assert refusals(report) == {"customer_missing": sum(not row[6] for row in rows)}
    assert OrderLine.objects.count() == report.accepted


def test_no_code_of_the_33_is_a_product_that_runs_out(tmp_path):
    codes = [*CODES.split(), "BANK CHARGES"]
    assert len(codes) == 33
    rest = ["", "1", "2011-01-04 10:00:00", "1.0", "12346", "EIRE"]
    take(file_of(tmp_path, text_of([["1", code, *rest] for code in codes])))

    assert not Product.objects.filter(nature="product").exists()
    assert not OrderLine.objects.filter(nature="purchase").exists()
    assert Customer.objects.get().country == "IE"


def test_cancellations_never_count_and_keep_what_they_gave_back(tmp_path):
    rows = traits(4)
    take(file_of(tmp_path, text_of(rows)))

    notes = Order.objects.filter(external_id__startswith="C")
    assert notes.exists()
    assert set(notes.values_list("nature", flat=True)) == {"return"}
    assert not OrderLine.objects.filter(order__in=notes, nature="purchase").exists()
    assert all(order.total <= 0 for order in notes)


def test_twice_is_once_and_the_order_of_the_rows_between_orders_is_no_matter(tmp_path):
    rows = traits(5)
    path = file_of(tmp_path, text_of(rows))
    take(path)
    before = physical_rows()
    take(path)
    assert physical_rows() == before

    groups = {}
    for row in rows:
        groups.setdefault(row[0], []).append(row)
    shuffled = [row for key in sorted(groups, reverse=True) for row in groups[key]]
    take(file_of(tmp_path, text_of(shuffled), name="other.csv"), source="other")

    stored = stored_lines()
    first = [row[1:] for row in stored if row[0] == "main"]
    other = [row[1:] for row in stored if row[0] == "other"]
    assert first == other


@pytest.mark.slow
def test_the_real_small_file_gives_the_figures_counted_by_hand():
    path = DATA / "online_retail_uci_small.csv"
    if not path.exists():
        pytest.skip("online_retail_uci_small.csv is not here (set PERENNIAL_DATA)")
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))[1:]

    report = take(path)

    assert counted_purchases() == counted_by_hand(rows)
    assert report.refused == sum(not row[6] for row in rows)
