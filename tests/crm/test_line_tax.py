"""The tax of an order's line: by file, preset and API, in exports, in the database."""

from decimal import Decimal as D
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from crm.models import OrderLine
from crm.services import orders
from crm.services.orders import OrderLineInput
from tests.crm.export_shapes import STORIES
from tests.crm.exporting import content, exported, lines_of
from tests.crm.importing import buy, counts, file_of, refusals, take_orders
from tests.factories import NOW, CustomerFactory
from web.errors import InvalidValue

pytestmark = pytest.mark.django_db
HEADER = "order_id,customer_id,ordered_at,sku,quantity,unit_price,line_tax"
BOTH = f"{HEADER},line_tax_added"


def taxes():
    rows = OrderLine.objects.order_by("order__external_id", "pk")
    return list(rows.values_list("tax", flat=True))


def test_a_file_says_what_of_a_price_is_tax_or_that_it_comes_on_top(tmp_path):
    rows = (
        "1,C-1,2026-01-01,TEA,1,119,19.00,",
        "1,C-1,2026-01-01,CUP,1,100,,19",
        "1,C-1,2026-01-01,BAG,1,50,,",
        "1,C-1,2026-01-01,BOX,1,50,,no idea",
        # A return: many programs write its tax without a sign.
        "2,C-1,2026-01-02,TEA,-1,119,19,",
    )

    assert buy(tmp_path, *rows, header=BOTH).refused == 0
    assert taxes() == [19, 0, None, None, -19]
    assert counts(buy(tmp_path, *rows, header=BOTH)) == (0, 0, 5)


def test_a_tax_that_is_not_named_stays_with_the_price_it_is_part_of(tmp_path):
    head = HEADER.removesuffix(",line_tax")
    buy(tmp_path, "1,C-1,2026-01-01,TEA,1,119,19", header=HEADER)

    assert counts(buy(tmp_path, "1,C-1,2026-01-01,TEA,1,119", header=head)) == (0, 0, 1)
    assert taxes() == [19]
    buy(tmp_path, "1,C-1,2026-01-01,TEA,1,10", header=head)
    assert taxes() == [None]
    buy(tmp_path, "1,C-1,2026-01-01,TEA,1,10,1.50", header=HEADER)
    assert taxes() == [D("1.5")]


@pytest.mark.parametrize(
    ("tax", "why"),
    [("119", "tax_no_part"), ("-19", "tax_no_part"), ("abc", "line_tax_invalid")],
)
def test_what_cannot_be_the_tax_of_a_price_is_refused(tmp_path, tax, why):
    report = buy(tmp_path, f"1,C-1,2026-01-01,TEA,1,119,{tax}", header=HEADER)

    assert refusals(report) == {why: 1}


def test_shops_say_in_their_files_of_which_lines_none_is_tax(tmp_path):
    shopify, _, _ = STORIES["shopify-orders"]
    head, *lines = shopify.splitlines()
    at = head.split(",").index("Lineitem taxable")
    cells = [line.split(",") for line in lines]
    for row, said in zip(cells, ("true", "false"), strict=True):
        row[at] = said
    path = file_of(tmp_path, "\n".join([head, *map(",".join, cells)]))
    call_command(
        "import_orders", str(path), "--preset", "shopify-orders",
        "--create-customers", stderr=StringIO(),
    )  # fmt: skip
    assert taxes() == [None, 0]

    woo = "Order Number,Order Status,Order Date,Email (Billing),SKU,Name,Quantity,"
    woo += "Order Line Total,Order Line Tax\n1,Completed,2026-05-03 10:12,a@x.example,"
    path = file_of(tmp_path, f"{woo}TEA,Tea,1,100.00,19.00\n")
    call_command(
        "import_orders", str(path), "--preset", "woocommerce-orders",
        "--create-customers", stderr=StringIO(),
    )  # fmt: skip
    assert OrderLine.objects.get(amount=100).tax == 0


def record(tax, quantity=1):
    line = OrderLineInput("TEA", D(quantity), D(119), tax=tax)
    return orders.record_order(
        now=NOW, customer=CustomerFactory(), order_id="A", ordered_at=NOW, lines=[line]
    )


def test_the_service_takes_a_part_of_the_price_alone_and_an_export_brings_it_back(
    tmp_path,
):
    for wrong in (D(119), D(-1), D("1.00001")):
        with pytest.raises(InvalidValue) as refused:
            record(wrong)
        assert refused.value.fields == {"lines.0.tax": "number_out_of_range"}
    record(D(19))
    [line] = lines_of(content(exported("orders")))
    assert line["line_tax"] == "19.00"

    again = take_orders(file_of(tmp_path, content(exported("orders"))))
    assert (again.created, again.updated, again.refused) == (0, 0, 0)
    OrderLine.objects.update(tax=None)
    take_orders(file_of(tmp_path, ",".join(line) + "\n" + ",".join(line.values())))
    assert taxes() == [19]


def test_the_database_refuses_a_tax_that_is_no_part_of_the_amount():
    record(D(19))

    with pytest.raises(IntegrityError, match="tax_is_part"), transaction.atomic():
        OrderLine.objects.update(tax=119)
