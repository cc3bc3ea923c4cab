"""What the cells of a customer mean: a bad one, a word for nothing, two in one."""

import json

import pytest

from crm.models import Customer
from crm.services import personal_data
from crm.services.imports.reasons import in_words, note_in_words
from crm.services.imports.values.people import phones_in, tags
from tests.crm.importing import NOW, buy, people, refusals
from tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db


# --- A bad cell is not a bad person --------------------------------------------------


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        ("email", "no address", "email_invalid"),
        ("email", "ana berg@example.org", "email_invalid"),
        ("phone", "call me", "phone_invalid"),
        ("phone", "9.72541E+11", "phone_invalid"),
        ("birthday", "31-02", "birthday_invalid"),
        ("birthday", "05/12", "birthday_ambiguous"),
        ("birthday", "12/05/26", "birthday_short_year"),
        ("birthday", "32874", "birthday_is_number"),
        ("customer_since", "soon", "customer_since_date_invalid"),
        ("language", "Klingon", "language_unknown"),
        ("country", "Narnia", "country_unknown"),
        ("time_zone", "Mars/Phobos", "time_zone_unknown"),
        ("company", "x" * 201, "company_too_long"),
        ("tags", "a, b; c", "tags_ambiguous"),
        ("custom.shoe", "x" * 1001, "custom_too_long"),
        ("given_name", "x" * 121, "name_too_long"),
    ],
)
def test_a_bad_cell_is_left_out_and_listed_and_the_person_comes_in(
    tmp_path, column, cell, code
):
    report = people(
        tmp_path, f'external_id,family_name,"{column}"', f'C1,Berg,"{cell}"'
    )

    assert (report.accepted, refusals(report)) == (1, {})
    assert dict(report.notes) == {code: 1}
    assert report.left_out == [
        {
            **{"line": 2, "code": code, "column": column},
            **{"cell": cell[:200], "is_left_out": True},
        }
    ]
    assert Customer.objects.get().family_name == "Berg"
    assert not note_in_words(code).startswith(code)


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        ("email", "no address", "email_invalid"),
        ("phone", "call me", "phone_invalid"),
        ("birthday", "05/12", "birthday_ambiguous"),
        ("language", "Klingon", "language_unknown"),
        ("country", "Narnia", "country_unknown"),
        ("tags", "a, b; c", "tags_ambiguous"),
    ],
)
def test_a_strict_run_refuses_the_row(tmp_path, column, cell, code):
    report = people(tmp_path, f"external_id,{column}", f'C1,"{cell}"', strict=True)

    assert refusals(report) == {code: 1}
    assert not Customer.objects.exists()
    assert in_words(code) != code


def test_an_address_that_cannot_be_read_leaves_the_one_that_is_known(tmp_path):
    people(tmp_path, "external_id,email", "C1,ana@example.org")

    people(tmp_path, "external_id,email", "C1,ana at example")

    assert Customer.objects.get().email == "ana@example.org"


@pytest.mark.parametrize(
    "word", ["N/A", "n/a", "NULL", "#N/A", "none", "-", "--", "?", " Null ", "#REF!"]
)
def test_a_word_for_nothing_is_an_empty_cell_everywhere(tmp_path, word):
    header = (
        "external_id,name,email,phone,language,time_zone,country,birthday,"
        "customer_since,company,heard_from,tags,custom.shoe"
    )
    report = people(tmp_path, header, "C1" + f",{word}" * 12)

    customer = Customer.objects.get()
    assert set(report.notes) == {"name_is_none"}
    assert not customer.tags.exists()
    assert (customer.custom, customer.birth_month, customer.since_on) == (
        {},
        None,
        None,
    )
    assert not any(
        (
            *(customer.given_name, customer.family_name, customer.email),
            *(customer.phone_text, customer.language, customer.time_zone),
            *(customer.country, customer.organisation, customer.heard_from),
        )
    )


@pytest.mark.parametrize(
    ("given", "family", "kept"),
    [
        ("Jennifer", "Null", ("Jennifer", "Null")),
        ("JENNIFER", "NULL", ("JENNIFER", "NULL")),
        ("Nil", "Martí", ("Nil", "Martí")),
        ("Jennifer", "NULL", ("Jennifer", "")),
        ("null", "Berg", ("", "Berg")),
        ("N/A", "Berg", ("", "Berg")),
        ("Ana", "-", ("Ana", "")),
        ("NULL", "NULL", ("", "")),
    ],
)
def test_a_person_named_null_stays(tmp_path, given, family, kept):
    people(tmp_path, "external_id,given_name,family_name", f"C1,{given},{family}")

    customer = Customer.objects.get()
    assert (customer.given_name, customer.family_name) == kept


@pytest.mark.parametrize(
    ("cell", "email"),
    [
        ("mailto:ana@example.org", "ana@example.org"),
        ("Ana Berg <ana@example.org>", "ana@example.org"),
        ("'ana@example.org", "ana@example.org"),
        ("\u200bana@example.org\ufeff", "ana@example.org"),
        ("ａｎａ＠example.org", "ana@example.org"),
        ("ana@example.org;", "ana@example.org"),
        ("ana@example.org (work)", "ana@example.org"),
        ('=""ana@example.org""', "ana@example.org"),
    ],
)
def test_an_address_is_read_as_people_mean_it(tmp_path, cell, email):
    report = people(tmp_path, "external_id,email", f'C1,"{cell}"')

    assert Customer.objects.get().email == email
    assert not report.notes


@pytest.mark.parametrize(
    ("column", "cell", "code", "taken"),
    [
        ("email", "a@x.org; b@x.org", "email_second", "a@x.org"),
        ("email", "a@x.org, b@x.org", "email_second", "a@x.org"),
        ("phone", "054-1234567 / 03-1234567", "phone_second", "054-1234567"),
    ],
)
def test_of_two_in_a_cell_the_first_is_taken_and_the_other_noted(
    tmp_path, column, cell, code, taken
):
    report = people(tmp_path, f"external_id,country,{column}", f'C1,IL,"{cell}"')

    customer = Customer.objects.get()
    assert taken in (customer.email, customer.phone_text)
    assert dict(report.notes) == {code: 1}
    assert report.left_out[0]["cell"] == cell


def test_words_for_languages_and_countries_are_known_in_four_languages(tmp_path):
    people(
        tmp_path,
        "external_id,language,country",
        *("C1,Hebrew,Israel", "C2,עברית,ישראל", "C3,繁體中文,中国", "C4,en-US,DEU"),
    )

    found = Customer.objects.order_by("external_id")
    assert [(one.language, one.country) for one in found] == [
        *(("he", "IL"), ("he", "IL"), ("zh-hant", "CN"), ("en", "DE"))
    ]


def test_countries_are_known_by_the_words_of_many_shops_in_europe(tmp_path):
    words = ("Österreich", "Frankreich", "España", "SVEZIA", "Polska", "Nirgendwo")
    rows = [f"C{at},{word}" for at, word in enumerate(words)]

    report = people(tmp_path, "external_id,country", *rows)

    found = Customer.objects.order_by("external_id").values_list("country", flat=True)
    assert [*found] == ["AT", "FR", "ES", "SE", "PL", ""]
    assert dict(report.notes) == {"country_unknown": 1}


@pytest.mark.parametrize(
    ("cell", "options", "tags"),
    [
        ("vip, wholesale", {}, ["vip", "wholesale"]),
        ("vip;wholesale", {}, ["vip", "wholesale"]),
        ("Smith, Jane;vip", {"tag_mark": "semicolon"}, ["Smith, Jane", "vip"]),
        ("a;b, c", {"tag_mark": "comma"}, ["a;b", "c"]),
        ("Smith, Jane;", {}, ["Smith, Jane"]),
    ],
)
def test_tags_are_told_apart_by_commas_or_semicolons(tmp_path, cell, options, tags):
    people(tmp_path, "external_id,tags", f'C1,"{cell}"', **options)

    assert sorted(Customer.objects.get().tags.values_list("name", flat=True)) == tags


# --- Ids -----------------------------------------------------------------------------


def test_an_id_that_is_an_address_has_no_capitals(tmp_path):
    people(tmp_path, "external_id,name", "Noa@Example.org,Noa")

    report = buy(
        tmp_path,
        "O1,noa@example.org,2026-05-01,TEA,1,1",
        "O2,NOA@EXAMPLE.ORG,2026-05-02,TEA,1,1",
    )

    assert report.accepted == 2
    assert Customer.objects.get().external_id == "noa@example.org"


@pytest.mark.django_db(transaction=True)
def test_who_was_erased_with_an_id_in_capitals_is_not_revived(tmp_path):
    customer = CustomerFactory(external_id="Noa@Example.org", source="main")
    personal_data.erase(customer, now=NOW)

    report = people(tmp_path, "external_id,name", "Noa@Example.org,Noa")
    orders = buy(tmp_path, "O1,Noa@Example.org,2026-05-01,TEA,1,1")

    assert refusals(report) == refusals(orders) == {"customer_erased": 1}


def test_a_customer_made_for_an_address_has_that_address(tmp_path):
    buy(tmp_path, "O1,Noa@Example.org,2026-05-01,TEA,1,1")

    customer = Customer.objects.get()
    assert (customer.email, customer.email_norm) == ("noa@example.org",) * 2


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("1.2E+12,C1,2026-05-01,TEA,1,1", "order_scientific"),
        ('"1,2E+12",C1,2026-05-01,TEA,1,1', "order_scientific"),
        ("O1,1.2E+12,2026-05-01,TEA,1,1", "customer_scientific"),
        ("O1,C1,2026-05-01,5.01E+12,1,1", "sku_scientific"),
        ("NULL,C1,2026-05-01,TEA,1,1", "order_missing"),
        ("O1,#N/A,2026-05-01,TEA,1,1", "customer_missing"),
    ],
)
def test_an_id_that_a_spreadsheet_cut_is_refused_with_the_cure(tmp_path, row, code):
    report = buy(tmp_path, row)

    assert refusals(report) == {code: 1}
    assert "scientific" not in code or "as text" in in_words(code)


def test_invisible_characters_make_no_second_customer(tmp_path):
    people(tmp_path, "external_id,name", "\u200bC1\u200e,Ana", "C1,Ana", "'007,Bo")

    assert set(Customer.objects.values_list("external_id", flat=True)) == {"C1", "007"}


def test_fifty_tags_are_not_too_many():
    read = tags()

    assert len(json.loads(read(",".join(f"t{n}" for n in range(50))))) == 50
    assert read(",".join(f"t{n}" for n in range(51))) == "tags_too_many"


def test_a_telephone_number_has_three_digits_at_least():
    assert phones_in("ext. 12") == []
    assert phones_in("112") == ["112"]
