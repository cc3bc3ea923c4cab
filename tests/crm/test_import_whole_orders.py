"""An order goes in as a whole: refused lines, mended and imported again, take no other
line away."""

import csv
import io

import pytest
from django.core.management import call_command

from crm.models import Order, OrderLine
from crm.services.imports import orders
from tests.crm.importing import (
    ORDER_HEADER,
    counts,
    file_of,
    refusals,
    stored_lines,
    take_orders,
)

pytestmark = pytest.mark.django_db

WITH_IDS = "order_id,customer_id,ordered_at,sku,quantity,unit_price,line_id\n"
ID_LATE = "sku,quantity,unit_price,customer_id,ordered_at,order_id\n"


def take(path, **options):
    return take_orders(path, create_customers=True, **options)


def skus(order_id):
    lines = OrderLine.objects.filter(order__external_id=order_id)
    return sorted(lines.values_list("product__sku", flat=True))


def mended(rejects, mend):
    """The rejects as a person saves them, each row as `mend` gives it back."""
    header, *rows = csv.reader(io.StringIO(rejects.read_text()))
    text = io.StringIO()
    csv.writer(text).writerows([header, *map(mend, rows)])
    rejects.write_text(text.getvalue())
    return rejects


@pytest.mark.parametrize(
    ("header", "lines", "bad", "good"),
    [
        # A bad line first, in the middle, last; by line ids; a bad time; a bad buyer.
        (ORDER_HEADER, ["P1,C9,2026-05-01,A,2,x", "P1,C9,2026-05-01,B,1,9"], "x", "3"),
        (ORDER_HEADER, ["P1,C9,2026-05-01,A,2,3", "P1,C9,2026-05-01,B,1,x",
                        "P1,C9,2026-05-01,C,1,4"], "x", "9"),
        (ORDER_HEADER, ["P1,C9,2026-05-01,A,2,3", "P1,C9,2026-05-01,B,1,x"], "x", "9"),
        (WITH_IDS, ["P1,C9,2026-05-01,A,2,3,L1", "P1,C9,2026-05-01,B,1,$9,L2"],
         "$9", "9"),
        (ORDER_HEADER, ["P1,C9,1/5/26,A,2,3", "P1,C9,2026-05-01,B,1,9"],
         "1/5/26", "2026-05-01"),
        (ORDER_HEADER, ["P1,C9,2026-05-01,A,2,3", "P1,C8,2026-05-01,B,1,9"],
         "C8", "C9"),
        # Lines apart in the file, and some of them after another order.
        (ORDER_HEADER, ["P1,C9,2026-05-01,A,2,3", "P2,C9,2026-05-01,Z,1,1",
                        "P1,C9,2026-05-01,B,1,x"], "x", "9"),
        # No order id on the lines that go on.
        (ORDER_HEADER, ["P1,C9,2026-05-01,A,2,3", ",C9,2026-05-01,B,1,9"], "", "P1"),
        # An odd quote.
        (ORDER_HEADER, ["P1,C9,2026-05-01,A,2,3", 'P1,C9,2026-05-01,"B"B,1,9'],
         "BB", "B"),
    ],
)  # fmt: skip
def test_mended_rejects_give_what_the_mended_file_gives(
    tmp_path, header, lines, bad, good
):
    def mend(row):
        return [good if cell == bad else cell for cell in row]

    whole = list(csv.reader(line.replace('"B"B', "BB") for line in lines))
    text = header + "".join(",".join(mend(row)) + "\n" for row in whole)
    take(file_of(tmp_path, text, name="good.csv"), source="good")
    rejects = tmp_path / "rejects.csv"
    take(file_of(tmp_path, header + "\n".join(lines) + "\n"), rejects=rejects)

    report = take(mended(rejects, mend))

    stored = stored_lines()
    assert report.refused == 0
    assert len(stored) == 2 * len(lines)
    assert [row[1:] for row in stored if row[0] == "main"] == [
        row[1:] for row in stored if row[0] == "good"
    ]


@pytest.mark.parametrize(
    ("header", "lines", "why"),
    [
        # A comma too many behind the order id, and before it; a cell too few.
        (
            ORDER_HEADER,
            ["P1,C9,2026-05-01,A,2,3", "P1,C9,2026-05-01,B, red,1,9"],
            "columns",
        ),
        (ID_LATE, ["A,2,3,C9,2026-05-01,P1", "B, red,1,9,C9,2026-05-01,P1"], "columns"),
        (
            ORDER_HEADER,
            ["P1,C9,2026-05-01,A,2,3", "P1,C9,2026-05-01,B,1"],
            "price_missing",
        ),
        (
            ORDER_HEADER,
            ["P1,C9,2026-05-01,B,1", "P1,C9,2026-05-01,A,2,3"],
            "price_missing",
        ),
    ],
)
def test_an_order_with_a_row_of_odd_cells_is_not_whole(tmp_path, header, lines, why):
    lines = [*lines, "P2,C9,2026-05-01,A,2,3"] if header != ID_LATE else lines

    report = take(file_of(tmp_path, header + "\n".join(lines) + "\n"))

    assert refusals(report) == {why: 1, "order_incomplete": 1}
    assert not Order.objects.filter(external_id="P1").exists()
    assert Order.objects.count() == (header != ID_LATE)


def test_a_refused_line_takes_nothing_from_an_order_that_stands(tmp_path):
    good = "P1,C9,2026-05-01,A,2,3\nP1,C9,2026-05-01,B,1,9\n"
    take(file_of(tmp_path, ORDER_HEADER + good))

    report = take(file_of(tmp_path, ORDER_HEADER + good.replace("B,1", "B,0")))

    assert skus("P1") == ["A", "B"]
    assert counts(report) == (0, 0, 0)
    assert refusals(report) == {"quantity_zero": 1, "order_incomplete": 1}


def test_every_line_is_refused_for_its_own_reason_where_it_has_one(tmp_path):
    lines = [f"P1,C9,2026-05-01,{rest}" for rest in ("A,2,x", "B,0,1", "C,1,1")]
    rejects = tmp_path / "rejects.csv"
    take(file_of(tmp_path, ORDER_HEADER + "\n".join(lines) + "\n"), rejects=rejects)

    assert [row.split(",")[:2] for row in rejects.read_text().splitlines()[1:]] == [
        ["2", "price_invalid"],
        ["3", "quantity_zero"],
        ["4", "order_incomplete"],
    ]


def test_the_rest_of_a_slice_is_as_if_the_refused_order_were_not_there(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(orders, "SLICE_LINES", 5)
    good = [f"O{n // 3:02},C{n % 3},2026-05-01,S{n},1,2" for n in range(60)]
    good = [line.replace(f"C{n % 3}", "C1") for n, line in enumerate(good)]
    bad = [
        line.replace(",1,2", ",0,2") if n % 12 == 7 else line
        for n, line in enumerate(good)
    ]
    take(file_of(tmp_path, ORDER_HEADER + "\n".join(bad) + "\n"))

    whole = {f"O{n:02}" for n in range(20)} - {
        f"O{n // 3:02}" for n in range(7, 60, 12)
    }
    assert set(Order.objects.values_list("external_id", flat=True)) == whole
    assert all(len(skus(order_id)) == 3 for order_id in whole)
    assert all(order.total == 6 for order in Order.objects.all())


def test_an_order_of_too_many_lines_fills_no_memory_and_goes_nowhere(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(orders, "MOST_LINES_OF_AN_ORDER", 3)
    lines = [f"P1,C9,2026-05-01,S{n},1,1" for n in range(9)]

    report = take(file_of(tmp_path, ORDER_HEADER + "\n".join(lines) + "\n"))

    assert refusals(report) == {"order_too_many_lines": 6, "order_incomplete": 3}
    assert not Order.objects.exists()


@pytest.mark.parametrize("dry", [True, False])
def test_lines_that_the_file_no_longer_has_are_counted_and_named(tmp_path, dry):
    take(file_of(tmp_path, ORDER_HEADER + "P1,C9,2026-05-01,A,2,3\n" * 3))
    path = file_of(tmp_path, ORDER_HEADER + "P1,C9,2026-05-01,A,2,3\n")
    err = io.StringIO()

    report = take(path, dry_run=True)
    call_command("import_orders", str(path), dry_run=dry, stderr=err)

    assert report.notes == {"lines_removed": 2}
    assert report.as_json()["notes"] == {
        "lines_removed": {"rows": 2, "examples": ["P1"]}
    }
    assert "2  lines taken away, because the file has their orders" in err.getvalue()
    assert OrderLine.objects.count() == (3 if dry else 1)


def test_a_row_with_odd_quotes_stands_in_the_rejects_as_it_was(tmp_path):
    rejects = tmp_path / "rejects.csv"
    text = 'external_id,given_name,heard_from\nC1,Dana,web\nC2,"Be"n,web\nC3,"A"x,y\n'
    call_command(
        "import_customers", str(file_of(tmp_path, text)), rejects=rejects,
        stderr=io.StringIO(),
    )  # fmt: skip

    rows = list(csv.reader(io.StringIO(rejects.read_text())))[1:]
    assert [row[:2] + row[3:] for row in rows] == [
        ["3", "quoting", "C2", "Ben", "web"],
        ["4", "quoting", "C3", "Ax", "y"],
    ]
