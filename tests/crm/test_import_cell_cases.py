"""Files that went wrong elsewhere: each is read as its README says is right.

They lie beside the project, and are none of it.
"""

import os
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from crm.models import Customer, Order, OrderLine
from crm.services.imports.state_words import guess_state
from tests.crm.importing import refusals, take_customers, take_orders

pytestmark = pytest.mark.django_db

CASES = Path(
    os.environ.get("PERENNIAL_CASES")
    or Path(__file__).resolve().parents[3] / "shared" / "cases"
)
SHOPIFY = {
    **{"order_id": "Name", "customer_id": "Email", "ordered_at": "Created at"},
    **{"sku": "Lineitem sku", "product": "Lineitem name", "currency": "Currency"},
    **{"quantity": "Lineitem quantity", "unit_price": "Lineitem price"},
}
WOOCOMMERCE = {
    **{
        "order_id": "Order Number",
        "status": "Order Status",
        "email": "Email (Billing)",
    },
    **{"ordered_at": "Order Date", "customer_id": "Email (Billing)", "sku": "SKU"},
    **{"product": "Name", "quantity": "Quantity", "unit_price": "Item Cost"},
}
WORDS = ("Completed", "Cancelled", "Refunded", "Failed")


def case(name):
    path = CASES / name
    if not path.exists():
        pytest.skip(f"no {name} beside the project; see PERENNIAL_CASES")
    return path


def buy(name, **options):
    return take_orders(case(name), create_customers=True, **options)


def ids():
    return set(Customer.objects.values_list("external_id", flat=True))


def greeted():
    return dict(Customer.objects.values_list("external_id", "greeting_name"))


def test_a_mended_line_leaves_the_order_whole(tmp_path):
    """01: the price with a thousands mark is now read at once."""
    buy("01-mended-rejects-delete-lines/80_part.csv")

    assert Order.objects.get().total == Decimal(1239)
    assert OrderLine.objects.count() == 3


def test_a_line_that_comes_alone_is_told_before_it_takes_the_others_away():
    """01: rejects of an earlier version hold one line of an order of three."""
    buy("01-mended-rejects-delete-lines/80_part.csv")

    report = buy("01-mended-rejects-delete-lines/80b.csv", dry_run=True)

    assert (report.updated, report.notes) == (1, {"lines_removed": 2})
    assert OrderLine.objects.count() == 3


def test_a_price_with_a_sign_of_another_currency_keeps_the_whole_order_out(tmp_path):
    """01: both lines are in the rejects, and mended they are the order."""
    rejects = tmp_path / "rejects.csv"
    first = buy("01-mended-rejects-delete-lines/91_lineid.csv", rejects=rejects)
    assert refusals(first) == {"price_other_currency": 1, "order_incomplete": 1}
    assert not Order.objects.exists()
    rejects.write_text(rejects.read_text().replace("$9.00", "9.00"))

    second = take_orders(rejects, create_customers=True)
    alone = buy("01-mended-rejects-delete-lines/91b_lineid.csv", dry_run=True)

    assert (second.created, Order.objects.get().total) == (2, Decimal(33))
    assert alone.notes == {"lines_removed": 1}


def test_rejects_come_back_without_their_apostrophes():
    """02"""
    report = take_customers(case("02-rejects-apostrophe/69b.csv"))

    customer = Customer.objects.get()
    assert refusals(report) == {}
    assert (customer.family_name, customer.heard_from) == ("@cy", "")
    assert customer.phone_text == "+47 21 23 45 67"


def test_what_begins_like_a_formula_goes_through_the_rejects_unchanged(tmp_path):
    """02: with --strict, so that a bad telephone number keeps its row out."""
    rejects = tmp_path / "rejects.csv"
    path = case("02-rejects-apostrophe/69_reject_roundtrip.csv")
    first = take_customers(path, strict=True, rejects=rejects)
    assert refusals(first) == {"phone_invalid": 1}
    mended = rejects.read_text().replace(" yy", "")
    rejects.write_text(mended)
    assert "'@cy,'+47 21 23 45 67,'-" in mended

    second = take_customers(rejects, strict=True)

    assert refusals(second) == {}
    assert list(
        Customer.objects.order_by("external_id").values_list(
            "given_name", "family_name", "heard_from", "phone_e164"
        )
    ) == [
        ("-Ana", "Berg", "web", "+4721234567"),
        ("Ben", "Holt", "=web", "+4721234567"),
        ("", "@cy", "", "+4721234567"),
    ]


def test_ids_and_numbers_lose_the_apostrophe_of_spreadsheets():
    """03"""
    take_customers(
        case("03-shopify-apostrophe/01_shopify_customers.csv"),
        mapping={
            **{"external_id": "Customer ID", "given_name": "First Name"},
            **{"family_name": "Last Name", "email": "Email", "tags": "Tags"},
            **{"phone": "Phone", "country": "Default Address Country Code"},
        },
    )

    noa = Customer.objects.get(external_id="6990011220011")
    assert noa.phone_e164 == "+972541230011"
    assert set(noa.tags.values_list("name", flat=True)) == {"VIP", "wholesale"}
    assert ids() == {"6990011220011", "6990011220012"}


def test_days_and_numbers_lose_the_apostrophe_of_spreadsheets():
    """03"""
    report = take_customers(
        case("03-shopify-apostrophe/01b_hubspot_phone_apostrophe.csv")
    )

    ola, mara, ian = Customer.objects.order_by("external_id")
    assert not report.notes
    assert ola.phone_e164 == "+4721234567"
    assert (mara.birth_year, mara.birth_month, mara.birth_day) == (1990, 5, 2)
    assert str(ian.since_on) == "2022-03-04"


def test_telephone_numbers_are_read_as_people_write_them():
    """03: one that a spreadsheet cut is left out, and its person comes in."""
    report = take_customers(case("03-shopify-apostrophe/11_phones.csv"))

    found = dict(Customer.objects.values_list("external_id", "phone_e164"))
    assert len(found) == 19
    israeli = {
        "P1",
        "P2",
        "P3",
        "P5",
        "P6",
        "P7",
        "P9",
        "P14",
        "P16",
        "P17",
        "P18",
        "P19",
    }
    assert {one for one in found if found[one] == "+972541234567"} == israeli
    assert (found["P4"], found["P13"]) == ("", "")
    assert found["P15"] == "+14155550100"
    assert dict(report.notes) == {"phone_invalid": 1, "phone_second": 1}


@pytest.mark.parametrize(
    ("file", "mapping"),
    [
        (
            "61_klaviyo.csv",
            {"external_id": "Klaviyo ID", "phone": "Phone Number", "email": "Email"},
        ),
        (
            "65_square.csv",
            {"external_id": "Square Customer ID", "phone": "Phone Number"},
        ),
    ],
)
def test_other_programs_write_apostrophes_too(file, mapping):
    """03"""
    report = take_customers(case(f"03-shopify-apostrophe/{file}"), mapping=mapping)

    assert refusals(report) == {}
    assert set(report.notes) <= {"opted_out"}
    phones = Customer.objects.values_list("phone_e164", flat=True)
    assert all(phone.startswith("+1415555010") for phone in phones)


def test_shopify_orders_are_read_with_their_offsets():
    """05"""
    report = buy("05-shopify-orders-date/02_shopify_orders.csv", mapping=SHOPIFY)

    assert refusals(report) == {}
    first = Order.objects.get(external_id="#2001")
    assert first.ordered_at == datetime(2026, 9, 3, 14, 14, tzinfo=UTC)
    assert first.total == Decimal(36)
    assert first.lines.filter(product__sku="Filter papers").exists()


def test_times_are_read_or_refused_in_words():
    """05"""
    report = buy("05-shopify-orders-date/89_times.csv")

    assert refusals(report) == {
        **{"date_is_number": 1, "date_invalid": 1},
        **{"date_ambiguous": 1, "date_short_year": 1},
    }
    moments = dict(Order.objects.values_list("external_id", "ordered_at"))
    utc = datetime(2026, 9, 3, 10, 15, tzinfo=UTC)
    assert {one for one in moments if moments[one] == utc} == {
        *("TM4", "TM5", "TM6", "TM7", "TM8")
    }
    assert moments["TM3"] == datetime(2026, 9, 3, 14, 15, tzinfo=UTC)
    assert moments["TM14"] == datetime(2026, 9, 3, 8, 15, tzinfo=UTC)


def test_an_empty_currency_is_that_of_the_order():
    """06, and 07: one address in two spellings is one customer."""
    report = buy(
        "06-shopify-empty-currency/02b_shopify_orders_iso.csv", mapping=SHOPIFY
    )

    assert refusals(report) == {}
    assert set(Order.objects.values_list("currency", "total")) == {
        *(("USD", Decimal(36)), ("USD", Decimal(25)))
    }
    assert ids() == {"noa@example.org"}


def test_a_point_is_a_thousands_mark_where_the_comma_is_the_decimal_one():
    """11"""
    report = buy("11-decimal-comma-thousands/68_comma_qty.csv", numbers="comma")

    assert refusals(report) == {"price_invalid": 1}
    assert dict(Order.objects.values_list("external_id", "total")) == {
        "Q1": Decimal(12_500), "Q2": Decimal(2_598), "Q3": Decimal(2_598),
    }  # fmt: skip


def test_numbers_of_both_worlds_are_told_apart_or_refused():
    """11: without a said mark, 1.234 alone is refused."""
    report = buy("11-decimal-comma-thousands/12b_decimal_comma.csv")

    assert refusals(report) == {"price_ambiguous": 1}
    prices = dict(OrderLine.objects.values_list("order__external_id", "unit_price"))
    assert prices["B1"] == prices["B5"] == Decimal("1234.5")


def test_ids_that_a_spreadsheet_cut_are_refused():
    """12, and 14: a word for nothing is no id."""
    people = take_customers(case("12-scientific-ids/09_sci_customers.csv"))
    orders = buy("12-scientific-ids/09b_sci_orders.csv")

    assert refusals(people) == {"external_id_scientific": 2, "external_id_missing": 2}
    assert refusals(orders) == {"order_scientific": 3}
    assert not Order.objects.exists()


def test_guests_are_not_one_customer():
    """13"""
    report = buy("13-guests-pooled/09c_guest.csv")

    assert refusals(report) == {"customer_guest": 4, "customer_missing": 1}
    assert not Customer.objects.exists()


def test_nobody_is_greeted_by_a_word_for_nothing():
    """14"""
    report = take_customers(case("14-placeholders-as-names/13_names.csv"))

    names = greeted()
    assert refusals(report) == {}
    assert names["NM8"] == names["NM12"] == names["NM15"] == ""
    assert names["NM14"] == "Ana"
    assert not any(name.endswith(",") for name in names.values())


def test_names_keep_the_order_of_their_script():
    """15 and 16: 王小明 leads with the family; one mailbox of two records is told."""
    report = take_customers(case("15-han-names-in-To/20_anniv.csv"))

    names = greeted()
    assert refusals(report) == {}
    assert (names["Z6"], names["Z9"], names["Z17"]) == ("王小明", "", "Ana")
    assert report.notes["address_shared"] == 2
    assert report.notes["time_zone_unknown"] == report.notes["language_unknown"] == 1


def test_one_mailbox_of_two_records_is_told():
    """16"""
    report = take_customers(case("16-one-mailbox-two-records/10b_same_email.csv"))

    assert dict(report.notes) == {"address_shared": 2}


def test_words_of_woocommerce_are_mapped_and_goods_without_a_code_have_a_name():
    """20"""
    report = buy(
        "20-woo-status-and-sku/64_woo_orders.csv",
        mapping=WOOCOMMERCE,
        value_map={"status": {word: guess_state(word).value for word in WORDS}},
    )

    assert refusals(report) == {}
    assert dict(Order.objects.values_list("external_id", "state")) == {
        **{"5001": "delivered", "5002": "cancelled"},
        **{"5003": "cancelled", "5004": "cancelled"},
    }
    assert OrderLine.objects.get(product__sku="Gift card").amount == 12


def test_amounts_are_read_with_their_signs_and_unknown_words_are_refused():
    """20"""
    report = buy("20-woo-status-and-sku/12_amounts.csv")

    assert refusals(report) == {"status_unknown": 5}
    amounts = dict(OrderLine.objects.values_list("order__external_id", "amount"))
    assert amounts["A1"] == amounts["A13"] == Decimal("1234.50")
    assert amounts["A10"] == amounts["A16"] == Decimal(-12)
    assert (amounts["A12"], amounts["A3"]) == (Decimal("0.50"), Decimal(12))
