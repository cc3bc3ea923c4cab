"""The postal address of a customer, through every entry point."""

import pytest

from crm.forms import CustomerForm
from crm.models import Business, Customer
from crm.selectors import business, postal_label
from crm.services import merging
from crm.services.imports.presets import BY_NAME
from tests.crm.export_shapes import HEADERS, export
from tests.crm.importing import NOW, file_of, take_customers
from tests.factories import CustomerFactory, UserFactory

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
PARTS = ("recipient", "street", "street_extra", "postcode", "city", "region")
BERLIN = {"street": "Hauptstr. 5", "postcode": "10115", "city": "Berlin"}
FILLED = {**BERLIN, "street_extra": "3. OG", "recipient": "Haus Berg", "region": "BE"}


def parts(customer):
    customer.refresh_from_db()
    return {name: value for name in PARTS if (value := getattr(customer, name))}


def take(tmp_path, text, **options):
    return take_customers(file_of(tmp_path, text), **options)


# --- On a letter ---------------------------------------------------------------------


def test_a_letter_is_for_the_recipient_and_names_a_country_abroad():
    Business.objects.update(country="IL", language="he")
    dana = CustomerFactory(given_name="Dana", family_name="Levi", organisation="",
                           country="DE", **FILLED)  # fmt: skip

    lines = postal_label(dana, business()).lines

    assert lines == ("Haus Berg", "Hauptstr. 5", "3. OG", "10115 BERLIN", "גרמניה")
    dana.recipient, dana.country = "", "IL"
    assert postal_label(dana, business()).lines[0] == "Dana Levi"
    assert "ישראל" not in postal_label(dana, business()).lines


def test_without_an_address_there_is_no_letter():
    assert postal_label(CustomerFactory(country="DE", region="BE"), business()) is None


# --- On the page ---------------------------------------------------------------------


@pytest.fixture
def agent(client):
    client.force_login(UserFactory(role="agent"))
    return client


def fact_page(customer):
    return f"/customers/{customer.pk}/facts/postal_address/"


def posted(customer, **values):
    form = CustomerForm(customer=customer, only="postal_address")
    first = {field.name: field.value() or "" for field in form.shown}
    initial = {f"initial-{name}": value for name, value in first.items()}
    return {**first, **initial, "version": customer.version, **values}


def test_an_address_is_entered_as_one_and_shown_as_on_a_letter(agent):
    dana = CustomerFactory(given_name="דנה", family_name="לוי", country="")
    value = {"country": "IL", "street": "הרצל 5", "city": "תל אביב"}

    answer = agent.post(fact_page(dana), posted(dana, **value), headers=HTMX)

    page = answer.content.decode()
    assert parts(dana) == {"street": "הרצל 5", "city": "תל אביב"}
    assert 'class="p-label" dir="rtl"' in page
    assert "<bdi>תל אביב</bdi>" in page
    # The country stands in a line of its own, which changes with it.
    assert '<div id="fact-country" hx-swap-oob="true">' in page
    assert dana.country == "IL"


def test_the_customer_page_folds_what_is_not_there(agent):
    dana = CustomerFactory(country="US")
    empty = agent.get(f"/customers/{dana.pk}/").content.decode()
    assert "p-label" not in empty
    assert f'href="{fact_page(dana)}"' in empty

    Customer.objects.filter(pk=dana.pk).update(street="1 Main St", city="Boston")
    shown = agent.get(f"/customers/{dana.pk}/").content.decode()
    assert "<bdi>1 Main St</bdi>" in shown
    assert "Missing for a letter: State, province or county, Postcode" in shown
    assert "fact-street" not in shown


def test_a_line_that_somebody_else_changed_shows_both(agent):
    dana = CustomerFactory(**BERLIN)
    mine = posted(dana, street="Ringstr. 2")
    Customer.objects.filter(pk=dana.pk).update(street="Theirs 1", version=9)

    answer = agent.post(fact_page(dana), mine)

    assert answer.status_code == 409
    assert "Theirs 1" in answer.content.decode()
    assert parts(dana)["street"] == "Theirs 1"


# --- Files ---------------------------------------------------------------------------

SHOPIFY, HUBSPOT = HEADERS["shopify-customers"], HEADERS["hubspot-contacts"]
FILES = {
    "shopify": (
        "shopify-customers", SHOPIFY[0],
        {"Customer ID": "1", "Default Address Address1": "1 Main St",
         "Default Address Address2": "Apt 4", "Default Address City": "Boston",
         "Default Address Province Code": "MA", "Default Address Zip": "02101"},
    ),
    "shopify, older": (
        "shopify-customers", SHOPIFY[2],
        {"Email": "a@b.example", "Address1": "1 Main St", "Address2": "Apt 4",
         "City": "Boston", "Province": "Massachusetts", "Province Code": "MA",
         "Zip": "02101"},
    ),
    "woocommerce": (
        "woocommerce-users",
        HEADERS["woocommerce-users"][0] + ",billing_address_1,billing_address_2,"
        "billing_city,billing_state,billing_postcode",
        {"customer_id": "1", "billing_address_1": "1 Main St",
         "billing_address_2": "Apt 4", "billing_city": "Boston",
         "billing_state": "MA", "billing_postcode": "02101"},
    ),
    "hubspot": (
        "hubspot-contacts",
        HUBSPOT[1] + ",Street Address,Street Address 2,City,State/Region,Postal Code",
        {"Record ID - Contact": "1", "Street Address": "1 Main St",
         "Street Address 2": "Apt 4", "City": "Boston", "State/Region": "MA",
         "Postal Code": "02101"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("preset", "header", "row"), FILES.values(), ids=FILES)
def test_an_export_of_a_shop_brings_the_address(tmp_path, preset, header, row):
    identity = "address" if "Email" in row else "column"
    mapping = BY_NAME[preset].mapping(header.split(","))

    take(tmp_path, export(header, row), mapping=mapping, identity=identity)

    assert parts(Customer.objects.get()) == {
        "street": "1 Main St", "street_extra": "Apt 4", "postcode": "02101",
        "city": "Boston", "region": "MA",
    }  # fmt: skip


def test_a_new_street_takes_the_flat_of_the_old_one_away(tmp_path):
    dana = CustomerFactory(external_id="C1", **FILLED)
    header = "external_id,street,street_extra,city\n"

    take(tmp_path, header + "C1,HAUPTSTR. 5,,\n")
    assert parts(dana) == {**FILLED, "street": "HAUPTSTR. 5"}
    take(tmp_path, header + "C1,Ringstr. 2,,Bonn\n")

    kept = {"recipient": "Haus Berg", "postcode": "10115", "region": "BE"}
    assert parts(dana) == {**kept, "street": "Ringstr. 2", "city": "Bonn"}


@pytest.mark.parametrize(
    ("known", "row", "after"),
    [
        ({}, "Ringstr. 2,53111,Bonn",
         {"street": "Ringstr. 2", "postcode": "53111", "city": "Bonn"}),
        ({"postcode": "10115"}, "Hauptstr. 5,10115,Berlin", BERLIN),
        ({"postcode": "10115"}, "Ringstr. 2,53111,Bonn", {"postcode": "10115"}),
        ({"city": "BERLIN", "street": "Hauptstr. 5"}, "Hauptstr. 5,10115,Berlin",
         {**BERLIN, "city": "BERLIN"}),
    ],
    ids=["no address", "the same", "another", "in capitals"],
)  # fmt: skip
def test_a_file_of_another_source_mixes_no_two_addresses(tmp_path, known, row, after):
    dana = CustomerFactory(source="crm", email="d@x.org", email_norm="d@x.org", **known)

    take(tmp_path, f"external_id,email,street,postcode,city\nS1,d@x.org,{row}\n"
         f"S1b,d@x.org,,,\n", source="shop", match="id_or_address",
         write="fill")  # fmt: skip

    assert parts(dana) == after


# --- Merging -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ours", "theirs", "after"),
    [
        ({}, FILLED, FILLED),
        ({"postcode": "10115"}, BERLIN, BERLIN),
        (BERLIN, {"street": "Ringstr. 2", "region": "NRW"}, BERLIN),
        ({"city": "Bonn"}, FILLED, FILLED),
        ({"city": "Bonn", "region": "NRW"}, BERLIN, BERLIN),
    ],
)
def test_a_merge_keeps_one_whole_address(ours, theirs, after):
    kept, dropped = CustomerFactory(**ours), CustomerFactory(**theirs)

    merging.merge(kept, dropped, now=NOW)

    assert parts(kept) == after


PARIS = {"street": "1 Main St", "city": "Paris", "country": "US"}


@pytest.mark.parametrize(
    ("ours", "theirs", "after"),
    [
        ({"city": "Paris", "country": "FR"}, PARIS, PARIS),
        ({"country": "FR"}, PARIS, PARIS),
        ({**PARIS, "country": "FR"}, {"region": "TX", "country": "US"},
         {**PARIS, "country": "FR"}),
        ({"city": "Bonn", "country": "DE"}, BERLIN, {**BERLIN, "country": "DE"}),
        (BERLIN, {"city": "Bonn", "country": "DE"}, {**BERLIN, "country": "DE"}),
        ({"country": "DE"}, BERLIN, {**BERLIN, "country": "DE"}),
        ({"country": "DE"}, {"country": "AT"}, {"country": "DE"}),
    ],
    ids=["towns of one name", "only a country", "no part of another", "not known there",
         "not known here", "nothing against it", "no address at all"],
)  # fmt: skip
def test_the_country_goes_with_its_address(ours, theirs, after):
    kept = CustomerFactory(**{"country": "", **ours})
    dropped = CustomerFactory(**{"country": "", **theirs})

    merging.merge(kept, dropped, now=NOW)

    assert {**parts(kept), "country": kept.country} == after
