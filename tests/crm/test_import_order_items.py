"""Exports of WooCommerce with all items of an order in one cell."""

import csv
import io
import json

import pytest

from crm.models import Customer, Order, OrderLine
from crm.services.imports.drafts import with_preset
from crm.services.imports.options import Options
from crm.services.imports.order_items import unfold
from crm.services.imports.preview import describe
from tests.crm.importing import file_of, refusals, take_orders

pytestmark = pytest.mark.django_db

MUG = "id:12|name:Mug|product_id:3|sku:M1|quantity:2|subtotal:24.00|total:20.00|meta:"
TEA = "id:13|name:Tea: green|red; mixed|sku:|quantity:1|total:4.50|meta:size=L;bag=yes"
# Of the orders: number, items of the first, items of the second.
BASE = ["order_id", "date", "status", "billing_email"]
ONE_CELL = [
    [*BASE, "line_items", "order_notes"],
    ["1001", "2026-05-01 10:00:00", "completed", "a@example.org", f"{MUG};{TEA}", "x"],
    ["1002", "2026-05-02 10:00:00", "processing", "b@example.org", MUG, ""],
]
COLUMN_EACH = [
    [*BASE, "line_item_1", "line_item_2"],
    ["1001", "2026-05-01 10:00:00", "completed", "a@example.org", MUG, TEA],
    ["1002", "2026-05-02 10:00:00", "processing", "b@example.org", MUG, ""],
]
JSON = [
    [*BASE, "line_items"],
    [
        *("1001", "2026-05-01 10:00:00", "completed", "a@example.org"),
        json.dumps(
            [
                {"id": 12, "name": "Mug", "sku": "M1", "quantity": 2, "total": "20.00"},
                {"name": "Tea: green|red; mixed", "sku": None, "quantity": 1}
                | {"total": 4.5, "id": 13},
            ]
        ),
    ],
    [
        *("1002", "2026-05-02 10:00:00", "processing", "b@example.org"),
        json.dumps(
            [{"id": 12, "name": "Mug", "sku": "M1", "quantity": 2, "total": 20.00}]
        ),
    ],
]


def written(rows, delimiter=","):
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue()


def take(path, **options):
    preset = with_preset(path, Options(), "woocommerce-items")
    return take_orders(
        path,
        create_customers=True,
        mapping=preset.mapping,
        value_map=preset.value_map,
        **options,
    )


@pytest.mark.parametrize("rows", [ONE_CELL, COLUMN_EACH, JSON])
@pytest.mark.parametrize("delimiter", [",", ";"])
def test_each_item_is_a_line(rows, delimiter, tmp_path):
    path = file_of(tmp_path, "\ufeff" + written(rows, delimiter))

    shown = describe(path, Options())
    report = take(path)

    assert shown.header[-6:] == (
        *("item_id", "item_sku", "item_name", "item_quantity", "item_total"),
        "item_total_tax",
    )
    assert "Each item of an order is a line of its own here." in shown.notes
    assert (report.read, report.created, report.refused) == (3, 3, 0)
    lines = OrderLine.objects.order_by("order__external_id", "line_key")
    assert list(
        lines.values_list(
            "order__external_id", "line_key", "product__sku", "quantity", "amount"
        )
    ) == [
        ("1001", "12", "M1", 2, 20),
        ("1001", "13", "Tea: green|red; mixed", 1, 4.5),
        ("1002", "12", "M1", 2, 20),
    ]
    states = Order.objects.order_by("external_id").values_list("state", flat=True)
    assert list(states) == ["delivered", "placed"]
    assert Customer.objects.count() == 2
    again = take(path)
    assert (again.created, again.updated) == (0, 0)


def test_an_order_without_items_is_refused_and_its_row_comes_back(tmp_path):
    rows = [*ONE_CELL, ["1003", "2026-05-03 10:00:00", "completed", "c@example.org"]]
    rejects = tmp_path / "rejects.csv"

    report = take(file_of(tmp_path, written(rows)), rejects=rejects)

    assert refusals(report) == {"sku_missing": 1}
    header, [*order, _, _, _, _, _, _] = csv.reader(rejects.read_text().splitlines())
    mended = written([header, [*order, "", "", "Cup", "1", "3.00", ""]])
    assert take(file_of(tmp_path, mended, "mended.csv")).created == 1
    assert Order.objects.get(external_id="1003").total == 3


@pytest.mark.parametrize(
    "text",
    [
        # Other columns of that name, cells that hold something else, an open quote.
        "name,line_items\nAna,id:1|name:Mug|quantity:1\n",
        "order_id,line_items\n1,two mugs\n",
        'order_id,line_items\n1,"id:1|name:Mug|quantity:1\n',
        "order_id,items\n1,id:1|name:Mug|quantity:1\n",
    ],
)
def test_another_text_is_read_as_it_is(text, tmp_path):
    assert not unfold(file_of(tmp_path, text), tmp_path / "items")
