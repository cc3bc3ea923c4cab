"""Customers from a file: what is stored, merged, left alone and refused."""

from datetime import date

import pytest

from crm.models import Customer, ImportRun, Tag
from crm.services import personal_data
from crm.services.imports import customers
from messaging.models import Consent
from tests.crm.importing import (
    NOW,
    counts,
    file_of,
    physical_rows,
    refusals,
    take_customers,
)
from tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db

HEADER = (
    "external_id,name,email,phone,language,time_zone,country,birthday,customer_since,"
    "heard_from,company,tags,custom.Shoe size\n"
)
FULL = (
    "C1,Dana Lévi,Dana@Example.org,+972 3 123 4567,iw,Asia/Jerusalem,Israel,02-29,"
    '2019-05-12,a friend,"Tea, Ltd",vip; wholesale;VIP,43\n'
)


def take(tmp_path, text, **options):
    return take_customers(file_of(tmp_path, text), **options)


def test_every_column_finds_its_place(tmp_path):
    report = take(tmp_path, HEADER + FULL)

    customer = Customer.objects.get()
    assert counts(report) == (1, 0, 0)
    assert (customer.given_name, customer.family_name) == ("Dana", "Lévi")
    assert (customer.greeting_name, customer.sort_name) == ("Dana", "levi dana")
    assert customer.search_text == "dana levi tea ltd c1"
    assert (customer.email, customer.email_norm) == (
        "Dana@Example.org",
        "dana@example.org",
    )
    assert (customer.phone_e164, customer.phone_text) == (
        "+97231234567",
        "+972 3 123 4567",
    )
    assert (customer.language, customer.time_zone, customer.country) == (
        "he",
        "Asia/Jerusalem",
        "IL",
    )
    assert (customer.birth_year, customer.birth_month, customer.birth_day) == (
        None,
        2,
        29,
    )
    assert customer.birth_recorded_at == NOW
    assert (customer.since_on, customer.since_from) == (date(2019, 5, 12), "given")
    assert (customer.heard_from, customer.organisation) == ("a friend", "Tea, Ltd")
    assert customer.custom == {"Shoe size": "43"}
    assert sorted(customer.tags.values_list("name", flat=True)) == ["VIP", "wholesale"]
    assert customer.last_import == ImportRun.objects.get()


def test_the_same_file_again_touches_no_row(tmp_path):
    text = HEADER + FULL + "C2,Ben Berg,,,,,,,,,,,\n"
    take(tmp_path, text)
    before = physical_rows()

    assert counts(take(tmp_path, text)) == (0, 0, 2)
    assert physical_rows() == before


def test_a_changed_cell_updates_the_row_and_what_is_computed_from_it(tmp_path):
    take(tmp_path, "external_id,name,company\nC1,Dana Levi,Tea Ltd\nC2,Ben Berg,\n")

    report = take(tmp_path, "external_id,company\nC1,Coffee Ltd\nC2,\n")

    customer = Customer.objects.get(external_id="C1")
    assert counts(report) == (0, 1, 1)
    assert customer.search_text == "dana levi coffee ltd c1"
    assert (customer.greeting_name, customer.version) == ("Dana", 2)


def test_a_new_name_brings_a_new_greeting(tmp_path):
    take(tmp_path, "external_id,name\nC1,Dana Levi\n")
    take(tmp_path, "external_id,name\nC1,Noa Levi\n")

    assert Customer.objects.get().greeting_name == "Noa"


def test_an_empty_cell_and_a_missing_column_change_nothing(tmp_path):
    take(tmp_path, HEADER + FULL)
    before = physical_rows()

    take(tmp_path, HEADER + "C1,,,,,,,,,,,,\n")
    take(tmp_path, "external_id\nC1\n")

    assert physical_rows() == before


def test_a_first_birthday_is_stored_where_none_was_known(tmp_path):
    take(tmp_path, "external_id,name\nC1,Dana Levi\n")

    report = take(tmp_path, "external_id,birthday\nC1,05-12\n")

    customer = Customer.objects.get()
    assert counts(report) == (0, 1, 0)
    assert (customer.birth_month, customer.birth_day) == (5, 12)
    assert customer.birth_recorded_at == NOW


def test_tags_given_by_hand_stay(tmp_path):
    customer = CustomerFactory(external_id="C1")
    customer.tags.add(Tag.objects.create(name="by hand"))

    report = take(tmp_path, "external_id,tags\nC1,new\n")

    assert counts(report) == (0, 1, 0)
    assert customer.tags.count() == 2


def test_given_and_family_name_may_stand_apart(tmp_path):
    take(tmp_path, "external_id,given_name,family_name\nC1,小明,王\n")

    assert Customer.objects.get().greeting_name == "王小明"


def test_an_import_makes_no_consent(tmp_path):
    take(tmp_path, "external_id,consent,marketing_consent\nC1,true,yes\n")

    assert not Consent.objects.exists()


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (",Dana,,,", "external_id_missing"),
        ("a\x00b,Dana,,,", "external_id_control_characters"),
        ("C1,Dana,no address,,", "email_invalid"),
        ("C1,Dana,a@[127.0.0.1],,", "email_invalid"),
        ("C1,Dana,é@x.org,,", "email_not_ascii"),
        ('C1,Dana,"a@x.org\nBcc: b@x.org",,', "email_control_characters"),
        ("C1,Dana,,call me,", "phone_invalid"),
        ("C1,Dana,,,31-02", "birthday_invalid"),
        ("C1,Dana,,,2030-01-01", "birthday_invalid"),
        ("C1," + "x" * 241 + ",,,", "name_too_long"),
        ("C1,Da\x1bna,,,", "name_control_characters"),
        ("C9,Dana,,,", "twice_in_file"),
    ],
)
def test_a_bad_row_is_refused_by_name_and_the_others_go_in(tmp_path, row, code):
    report = take(
        tmp_path,
        f"external_id,name,email,phone,birthday\nC9,Ben,,,\n{row}\n",
        strict=True,
    )

    assert refusals(report) == {code: 1}
    assert Customer.objects.get().external_id == "C9"


@pytest.mark.parametrize(
    ("since", "code"),
    [
        ("2031-01-01", "customer_since_date_in_future"),
        ("31.02.2020", "customer_since_date_invalid"),
        ("1800-01-01", "customer_since_date_too_early"),
    ],
)
def test_a_bad_day_of_joining_is_refused(tmp_path, since, code):
    report = take(tmp_path, f"external_id,customer_since\nC1,{since}\n", strict=True)

    assert refusals(report) == {code: 1}


def test_words_nobody_knows_are_noted_and_left_out(tmp_path):
    report = take(
        tmp_path,
        "external_id,country,language,time_zone\nC1,Atlantis,tlh,Mars/Phobos\n",
    )

    customer = Customer.objects.get()
    assert (customer.country, customer.language, customer.time_zone) == ("", "", "")
    assert sum(report.notes.values()) == 3


def test_hostile_names_are_text(tmp_path):
    name = "\"><script>alert(1)</script> {{7*7}} ' OR 1=1--"
    take(tmp_path, 'external_id,given_name\nC1,"' + name.replace('"', '""') + '"\n')

    assert Customer.objects.get().given_name == name


def test_a_merged_record_fills_only_what_the_kept_one_lacks(tmp_path):
    kept = CustomerFactory(external_id="K", email="kept@x.org", organisation="")
    CustomerFactory(external_id="C1", merged_into=kept)
    text = "external_id,email,company\nC1,old@x.org,Tea Ltd\n"

    take(tmp_path, text)

    kept.refresh_from_db()
    assert (kept.email, kept.organisation) == ("kept@x.org", "Tea Ltd")
    before = physical_rows()
    assert counts(take(tmp_path, text)) == (0, 0, 1)
    assert physical_rows() == before


def test_two_rows_for_one_kept_record_do_not_fight(tmp_path, monkeypatch):
    monkeypatch.setattr(customers, "SLICE_ROWS", 1)
    kept = CustomerFactory(external_id="K", organisation="")
    CustomerFactory(external_id="C1", merged_into=kept)
    text = "external_id,company\nC1,Old Ltd\nK,Kept Ltd\n"
    take(tmp_path, text)

    assert counts(take(tmp_path, text)) == (0, 0, 2)
    assert Customer.objects.get(external_id="K").organisation == "Kept Ltd"


@pytest.mark.django_db(transaction=True)
def test_an_erased_customer_is_not_revived(tmp_path):
    erased = CustomerFactory(external_id="C1")
    personal_data.erase(erased, now=NOW)

    report = take(tmp_path, "external_id,name,email\nC1,Dana,dana@x.org\n")

    erased.refresh_from_db()
    assert refusals(report) == {"customer_erased": 1}
    assert (erased.given_name, erased.email) == ("", "")


def test_two_customers_may_share_an_address(tmp_path):
    take(tmp_path, "external_id,email\nC1,a@x.org\nC2,A@x.org\n")

    assert Customer.objects.filter(email_norm="a@x.org").count() == 2


@pytest.mark.parametrize("dry", [True, False])
def test_an_address_that_is_there_already_is_said(tmp_path, monkeypatch, dry):
    monkeypatch.setattr(customers, "SLICE_ROWS", 1)
    CustomerFactory(external_id="K", source="shop", email="A@example.org",
                    email_norm="a@example.org")  # fmt: skip
    CustomerFactory(email="gone@example.org", email_norm="gone@example.org",
                    erased_at=NOW)  # fmt: skip
    text = (
        "external_id,email\nC1,a@Example.org\nC2,b@example.org\nC3,B@example.org\n"
        "C4,gone@example.org\nC5,\nC6,\nC7,c@example.org\n"
    )

    report = take(tmp_path, text, dry_run=dry)

    assert report.notes == {"address_shared": 2}
    assert report.notes.examples == {"address_shared": ["C1 and K", "C3 and C2"]}
    assert report.accepted == 7


def test_a_dry_run_counts_and_writes_nothing(tmp_path):
    take(tmp_path, "external_id,name\nC1,Dana\nC2,Ben\n")
    before = physical_rows()

    report = take(tmp_path, "external_id,name\nC1,Dana\nC2,Noa\nC3,Lea\n", dry_run=True)

    assert counts(report) == (1, 1, 1)
    assert physical_rows() == before
