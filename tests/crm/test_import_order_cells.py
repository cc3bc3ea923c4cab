"""What the cells of orders mean: guests, goods without a code, words of other shops."""

from datetime import date

import pytest

from crm.errors import FileUnusable
from crm.models import Customer, Order, OrderLine, Product
from crm.services.imports.options import Options
from crm.services.imports.reasons import in_words, note_in_words
from tests.crm.importing import (
    ORDER_HEADER,
    buy,
    file_of,
    people,
    refusals,
    take_customers,
)
from tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db


# --- Guests and goods without a code -------------------------------------------------

GUEST_HEADER = "order_id,customer_id,email,ordered_at,sku,quantity,unit_price"


@pytest.mark.parametrize("source", ["main", "elsewhere"])
def test_a_buyer_named_by_address_is_whoever_has_it(tmp_path, source):
    """Shopify: customers by number in one file, buyers by address in another."""
    ana = CustomerFactory(source=source, external_id="7001", email="Ana@example.org")
    CustomerFactory.create_batch(2, email="office@example.org")
    by_id = CustomerFactory(external_id="bo@example.org", email="other@example.org")
    CustomerFactory(email="bo@example.org")

    report = buy(
        tmp_path,
        "O1,ana@example.org,2026-05-01,TEA,1,1",
        "O2,office@example.org,2026-05-01,TEA,1,1",
        "O3,bo@example.org,2026-05-01,TEA,1,1",
        "O4,ANA@example.org,2026-05-02,TEA,1,1",
        create_customers=False,
    )

    assert refusals(report) == {"customer_unknown": 1}
    assert dict(Order.objects.values_list("external_id", "customer")) == {
        "O1": ana.pk,
        "O3": by_id.pk,
        "O4": ana.pk,
    }


@pytest.mark.parametrize("word", ["0", "guest", "Guest", "anonymous"])
def test_guests_are_not_pooled_in_one_customer(tmp_path, word):
    report = buy(tmp_path, f"O1,{word},2026-05-01,TEA,1,1")

    assert refusals(report) == {"customer_guest": 1}
    assert "--guests people" in in_words("customer_guest")


def test_guests_are_people_by_their_address_where_that_is_wanted(tmp_path):
    report = buy(
        tmp_path,
        "O1,0,Ana@Example.org,2026-05-01,TEA,1,1",
        "O2,guest,ana@example.org,2026-05-02,TEA,1,1",
        "O3,,bo@example.org,2026-05-02,TEA,1,1",
        "O4,0,,2026-05-02,TEA,1,1",
        "O5,C5,other@example.org,2026-05-02,TEA,1,1",
        header=GUEST_HEADER,
        guests="people",
    )

    assert refusals(report) == {"guest_without_address": 1}
    assert dict(Order.objects.values_list("external_id", "customer__external_id")) == {
        **{"O1": "ana@example.org", "O2": "ana@example.org"},
        **{"O3": "bo@example.org", "O5": "C5"},
    }
    assert Customer.objects.get(external_id="bo@example.org").email == "bo@example.org"


def test_an_order_of_nobody_is_kept_under_a_record_of_its_own(tmp_path):
    rows = (
        "O1,0,ana@example.org,2026-05-01,TEA,1,1",
        "O2,guest,,2026-05-02,TEA,1,1",
        "O2,guest,,2026-05-02,MUG,2,1",
        "O3,,,2026-05-02,TEA,1,1",
        "O4,,not an address,2026-05-02,TEA,1,1",
    )
    wanted = {"header": GUEST_HEADER, "guests": "orders"}
    report = buy(tmp_path, *rows, **wanted)

    assert refusals(report) == {"guest_without_address": 1}
    assert dict(Order.objects.values_list("external_id", "customer__external_id")) == {
        **{"O1": "ana@example.org", "O2": "guest:O2", "O3": "guest:O3"},
    }
    assert Order.objects.get(external_id="O2").lines.count() == 2
    alone = Customer.objects.get(external_id="guest:O2")
    assert (alone.email, alone.given_name, alone.family_name) == ("", "", "")
    assert alone.first_order_on == date(2026, 5, 2)
    again = buy(tmp_path, *rows, **wanted)
    assert (again.created, again.updated, Customer.objects.count()) == (0, 0, 3)


def test_rows_that_lack_cells_go_in_and_are_named(tmp_path):
    path = file_of(tmp_path, "external_id,name,email,phone\nC1,Ana\nC2,Bo,,\nC3\n\n")
    report = take_customers(path)

    assert (report.created, report.refused) == (3, 0)
    assert report.notes.as_json() == {
        "cells_lacking": {"rows": 2, "examples": ["2", "4"]}
    }
    assert "fewer cells" in note_in_words("cells_lacking")


def test_a_customer_whose_id_is_0_is_one(tmp_path):
    people(tmp_path, "external_id,name", "0,Zero")

    assert buy(tmp_path, "O1,0,2026-05-01,TEA,1,1").accepted == 1


def test_a_line_without_a_code_goes_by_the_name_of_its_product(tmp_path):
    header = "order_id,customer_id,ordered_at,sku,product,quantity,unit_price"
    report = buy(
        tmp_path,
        "O1,C1,2026-05-01,,Gift card,1,12",
        "O2,C1,2026-05-02,N/A,Gift card,1,12",
        "O3,C1,2026-05-02,,Mug,1,12",
        "O4,C1,2026-05-02,,,1,12",
        f"O5,C1,2026-05-02,,{'long ' * 40}one,1,12",
        f"O6,C1,2026-05-02,,{'long ' * 40}two,1,12",
        header=header,
    )

    assert refusals(report) == {"sku_missing": 1}
    assert Product.objects.get(sku="Gift card").name == "Gift card"
    assert Product.objects.count() == 4


def test_a_file_may_have_no_codes_at_all(tmp_path):
    header = "order_id,customer_id,ordered_at,product,quantity,unit_price"

    assert buy(tmp_path, "O1,C1,2026-05-01,Mug,1,1", header=header).accepted == 1


# --- An empty cell of a later line is the order's own --------------------------------


def test_what_only_the_first_line_of_an_order_says_holds_for_all(tmp_path):
    header = (
        "order_id,customer_id,ordered_at,sku,quantity,unit_price,currency,status,"
        "delivered_at"
    )
    report = buy(
        tmp_path,
        "O1,C1,2026-05-01 10:00,TEA,1,1,USD,delivered,2026-05-04",
        "O1,,,CUP,1,2,,,",
        "O1,N/A,-,JAR,1,3,n/a,NULL,--",
        header=header,
    )

    order = Order.objects.get()
    assert report.accepted == 3
    assert (order.currency, order.total, order.state) == ("USD", 6, "delivered")


# --- Words of another shop -----------------------------------------------------------

STATUS_HEADER = ORDER_HEADER.strip() + ",status"


def test_an_unknown_state_is_refused_with_its_word_and_the_cure(tmp_path, capsys):
    rejects = tmp_path / "rejects.csv"
    buy(
        tmp_path,
        "O1,C1,2026-05-01,TEA,1,1,Completed",
        header=STATUS_HEADER,
        rejects=rejects,
    )

    text = rejects.read_text()
    assert "“Completed” is none of placed, delivered and cancelled" in text
    assert "--value “status:Completed=delivered”" in text
    assert not Order.objects.exists()


def test_their_words_are_read_as_ours(tmp_path):
    words = {"  COMPLETED": "delivered", "On hold": "placed", "Fehler": "cancelled"}
    report = buy(
        tmp_path,
        "O1,C1,2026-05-01,TEA,1,1,Completed",
        "O2,C1,2026-05-01,TEA,1,1,on  HOLD",
        "O3,C1,2026-05-01,TEA,1,1,fehler",
        "O4,C1,2026-05-01,TEA,1,1,paid",
        header=STATUS_HEADER,
        value_map={"status": words},
    )

    assert refusals(report) == {"status_unknown": 1}
    assert dict(Order.objects.values_list("external_id", "state")) == {
        **{"O1": "delivered", "O2": "placed", "O3": "cancelled"}
    }


def test_currencies_countries_and_languages_are_mapped_too(tmp_path):
    buy(
        tmp_path,
        "O1,C1,2026-05-01,TEA,1,1,€",
        header=ORDER_HEADER.strip() + ",currency",
        value_map={"currency": {"€": "EUR"}},
    )
    people(
        tmp_path,
        "external_id,country,language",
        "C1,Holy Land,Ivrit",
        value_map={"country": {"holy land": "IL"}, "language": {"ivrit": "he"}},
    )

    customer = Customer.objects.get()
    assert Order.objects.get().currency == "EUR"
    assert (customer.country, customer.language) == ("IL", "he")


@pytest.mark.parametrize(
    "options",
    [
        {"value_map": {"status": {"Completed": "done"}}},
        {"value_map": {"sku": {"a": "b"}}},
        {"value_map": {"language": {"French": "fr"}}},
        {"defaults": {"currency": "XYZ"}},
        {"defaults": {"sku": "TEA"}},
        {"date_order": "dym"},
        {"numbers": "dot"},
        {"tag_mark": "pipe"},
        {"guests": "pool"},
    ],
)
def test_what_nothing_would_come_of_is_refused_before_anything_is_read(
    tmp_path, options
):
    with pytest.raises(FileUnusable):
        buy(tmp_path, "O1,C1,2026-05-01,TEA,1,1", **options)


def test_a_value_for_the_whole_file_fills_what_is_empty(tmp_path):
    header = ORDER_HEADER.strip() + ",currency,country"
    buy(
        tmp_path,
        "O1,C1,2026-05-01,TEA,1,1,,",
        "O2,C2,2026-05-01,TEA,1,1,ILS,GB",
        header=header,
        defaults={"currency": "USD", "country": "DE"},
    )
    people(
        tmp_path,
        "external_id,country,language,phone",
        *("P1,,,541234567", "P2,GB,en,"),
        defaults={"country": "IL", "language": "he"},
    )

    assert dict(Order.objects.values_list("external_id", "currency")) == {
        **{"O1": "USD", "O2": "ILS"}
    }
    found = Customer.objects.order_by("external_id")
    assert [(one.country, one.language, one.phone_e164) for one in found] == [
        *(("DE", "", ""), ("GB", "", "")),
        *(("IL", "he", "+972541234567"), ("GB", "en", "")),
    ]


# --- Prices --------------------------------------------------------------------------


def test_a_sign_of_another_currency_is_no_price(tmp_path):
    header = ORDER_HEADER.strip() + ",currency"
    report = buy(
        tmp_path,
        "O1,C1,2026-05-01,TEA,1,$12.00,EUR",
        "O2,C1,2026-05-01,TEA,1,$12.00,USD",
        "O3,C1,2026-05-01,TEA,1,12.00 EUR,USD",
        "O4,C1,2026-05-01,TEA,1,12.00 €,EUR",
        header=header,
    )

    assert refusals(report) == {"price_other_currency": 2}
    assert {line.amount for line in OrderLine.objects.all()} == {12}


def test_what_stands_for_no_price_makes_room_for_the_total(tmp_path):
    header = "order_id,customer_id,ordered_at,sku,quantity,unit_price,line_total"
    report = buy(
        tmp_path,
        "O1,C1,2026-05-01,TEA,2,N/A,12",
        "O2,C1,2026-05-01,TEA,2,-,-",
        header=header,
    )

    assert refusals(report) == {"price_missing": 1}
    assert OrderLine.objects.get().unit_price == 6


def test_what_was_asked_of_the_cells_goes_through_a_job_unchanged():
    asked = Options(
        value_map={"status": {"Completed": "delivered"}},
        defaults={"currency": "USD"},
        date_order="dmy",
        numbers="comma",
        tag_mark="comma",
        serial_dates=True,
        guests="people",
        strict=True,
    )

    assert Options.from_json(asked.as_json()) == asked
