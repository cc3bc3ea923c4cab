"""Files of well-known programs are recognised by their header, in several versions."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from crm.models import Order
from crm.rules.choices import OrderState
from crm.services.imports.customers import FIELDS as CUSTOMER_FIELDS
from crm.services.imports.orders import FIELDS as ORDER_FIELDS
from crm.services.imports.presets import BY_NAME, PRESETS, recognised
from crm.services.imports.product_columns import FIELDS as PRODUCT_FIELDS
from crm.services.imports.subscriptions import FIELDS as SUBSCRIPTIONS
from tests.crm.export_shapes import HEADERS, STORIES
from tests.crm.importing import file_of

SHAPES = [(name, header) for name, headers in HEADERS.items() for header in headers]
FIELDS = {
    "customers": CUSTOMER_FIELDS,
    "orders": ORDER_FIELDS,
    "products": PRODUCT_FIELDS,
    "subscriptions": SUBSCRIPTIONS,
}


def test_every_preset_has_a_shape():
    assert set(HEADERS) == set(BY_NAME)


@pytest.mark.parametrize(("name", "header"), SHAPES)
def test_every_shape_is_recognised_as_what_it_is(name, header):
    preset = recognised(header.split(","))

    assert preset is not None
    assert preset.name == name


@pytest.mark.parametrize(("name", "header"), SHAPES)
def test_order_and_case_of_the_columns_do_not_matter(name, header):
    columns = [column.upper() for column in reversed(header.split(","))]

    assert recognised(columns).name == name


@pytest.mark.parametrize(("name", "header"), SHAPES)
def test_a_preset_maps_columns_that_are_there_to_fields_that_are_known(name, header):
    columns = header.split(",")
    mapping = BY_NAME[name].mapping(columns)

    assert set(mapping.values()) <= set(columns)
    assert all(FIELDS[BY_NAME[name].kind].knows(field) for field in mapping)
    assert len(set(mapping.values())) == len(mapping)


@pytest.mark.parametrize(
    ("name", "header"), [one for one in SHAPES if BY_NAME[one[0]].kind == "orders"]
)
def test_a_preset_of_orders_has_all_that_orders_need(name, header):
    mapping = BY_NAME[name].mapping(header.split(","))
    needed = {"order_id", "customer_id", "ordered_at", "quantity", "sku"}

    assert needed <= set(mapping)
    assert len({"unit_price", "line_total"} & set(mapping)) == 1


def test_every_word_for_a_state_leads_to_one_of_ours():
    states = {state.value for state in OrderState}
    for preset in PRESETS:
        words = preset.options.get("value_map", {}).get("status", {})
        assert set(words.values()) <= states


@pytest.mark.parametrize(
    "header", ["name,email,since", "external_id,name,email", "Name,Email,Phone",
               "First Name,Last Name,Email,Phone Number"]
)  # fmt: skip
def test_a_plain_file_is_nobodys_export(header):
    assert recognised(header.split(",")) is None


@pytest.mark.django_db
def test_the_command_line_takes_a_preset(tmp_path):
    content, _, _ = STORIES["woocommerce-orders"]
    path = file_of(tmp_path, content)

    call_command(
        "import_orders", str(path), "--preset", "woocommerce-orders",
        "--create-customers", stderr=StringIO(),
    )  # fmt: skip

    order = Order.objects.get()
    assert (order.external_id, order.state, order.lines.count()) == (
        "5001",
        "delivered",
        2,
    )


@pytest.mark.django_db
def test_a_file_of_another_shape_is_told_so(tmp_path):
    path = file_of(tmp_path, "order_id,customer_id\n1,2\n")

    with pytest.raises(CommandError, match="not those of WooCommerce orders"):
        call_command("import_orders", str(path), "--preset", "woocommerce-orders")


def test_of_two_columns_with_one_name_the_first_counts():
    header = ["Record ID", "First Name", "Last Name", "Email", "EMAIL"]

    assert BY_NAME["hubspot-contacts"].mapping(header)["email"] == "Email"


def test_of_two_programs_the_one_that_asks_for_more_is_meant():
    header = ["First Name", "Last Name", "Email", "Record ID", "Create Date"]
    assert recognised(header).name == "hubspot-contacts"

    header += ["Total Spent", "Total Orders", "Accepts Marketing"]

    assert recognised(header).name == "shopify-customers"
