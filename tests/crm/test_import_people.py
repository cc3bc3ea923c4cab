"""Whom a row of customers means, what it may do, and what makes its id."""

import pytest

from crm.errors import FileUnusable
from crm.models import Customer, Order
from crm.services import personal_data
from crm.services.imports import customers
from tests.crm.importing import (
    NOW,
    counts,
    file_of,
    physical_rows,
    refusals,
    take_customers,
    take_orders,
)
from tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db
FAMILY = """external_id,name,email
T1,Ana Berg,family@example.org
T2,Ben Berg,Family@Example.org
"""


def take(tmp_path, text, **options):
    return take_customers(file_of(tmp_path, text), **options)


def person(**facts):
    if "email" in facts:
        facts["email_norm"] = facts["email"].lower()
    return CustomerFactory(**facts)


def live():
    return list(
        Customer.objects.live()
        .order_by("source", "external_id")
        .values_list("source", "external_id", "given_name", "family_name", "email")
    )


# --- By address ----------------------------------------------------------------------


def test_a_new_id_means_the_one_person_with_its_address(tmp_path):
    known = person(source="crm", external_id="H1", given_name="Ana", family_name="",
                   email="ana@example.org")  # fmt: skip

    report = take(tmp_path, "external_id,name,email\nS1,Ana Berg,ANA@example.org\n",
                  source="shop", match="id_or_address")  # fmt: skip

    known.refresh_from_db()
    assert (known.family_name, known.search_text) == ("Berg", "ana berg h1")
    assert (known.email, known.greeting_name) == ("ANA@example.org", "Ana")
    assert counts(report) == (0, 1, 0)
    assert report.notes == {"found_by_address": 1}
    pointer = Customer.objects.get(source="shop", external_id="S1")
    assert (pointer.merged_into, pointer.email) == (known, "")


def test_the_id_of_a_person_found_by_address_is_kept_for_orders(tmp_path):
    known = person(source="crm", email="ana@example.org")
    take(tmp_path, "external_id,email\nS1,ana@example.org\n", source="shop",
         match="id_or_address")  # fmt: skip

    path = file_of(tmp_path, "order_id,customer_id,ordered_at,sku,quantity,unit_price\n"
                   "O1,S1,2026-02-03,TEA,1,5\n", "orders.csv")  # fmt: skip
    report = take_orders(path, source="shop")

    assert report.created == 1
    assert Order.objects.get().customer == known


def test_without_the_option_an_address_says_nothing(tmp_path):
    person(source="crm", email="ana@example.org")

    report = take(tmp_path, "external_id,email\nS1,ana@example.org\n", source="shop")

    assert counts(report) == (1, 0, 0)
    assert report.notes == {"address_shared": 1}


@pytest.mark.parametrize("dry", [False, True])
def test_an_address_of_several_people_is_never_a_guess(tmp_path, dry):
    for number in ("A", "B"):
        person(external_id=number, email="family@example.org")

    report = take(tmp_path, "external_id,name,email\nS1,Cy,family@example.org\n",
                  source="shop", match="id_or_address", dry_run=dry)  # fmt: skip

    assert counts(report) == (1, 0, 0)
    assert report.notes["address_ambiguous"] == 1


@pytest.mark.parametrize("identity", ["address", "number"])
@pytest.mark.parametrize("dry", [False, True])
def test_without_ids_an_address_of_several_people_is_refused(tmp_path, identity, dry):
    for number in ("A", "B"):
        person(external_id=number, email="family@example.org")
    text = "name,email\nCy,family@example.org\nDi,di@example.org\n"

    report = take(tmp_path, text, identity=identity, dry_run=dry)

    assert refusals(report) == {"address_ambiguous": 1}
    assert (report.read, counts(report)) == (2, (1, 0, 0))


def test_what_the_database_refuses_is_in_the_rejects_as_it_was(tmp_path):
    text = "name,email\nCy Ng,cy@example.org\n"
    rejects = tmp_path / "rejects.csv"

    take(tmp_path, text, write="update", rejects=rejects)

    line = rejects.read_text().splitlines()[1]
    assert line.startswith("2,record_unknown,")
    assert line.endswith("Cy Ng,cy@example.org")


@pytest.mark.parametrize("dry", [False, True])
@pytest.mark.parametrize("size", [1, 6_000])
def test_two_rows_of_one_address_are_one_person(tmp_path, monkeypatch, dry, size):
    monkeypatch.setattr(customers, "SLICE_ROWS", size)
    text = (
        "external_id,name,email,company\nT1,Ana Berg,family@example.org,Tea Ltd\n"
        "T3,Di Fox,di@example.org,\nT2,Ben Holt,Family@Example.org,\n"
    )

    report = take(tmp_path, text, match="id_or_address", dry_run=dry)

    assert counts(report) == (2, 0, 1)
    assert report.notes == {"same_person": 1}
    if not dry:
        kept = Customer.objects.get(external_id="T1")
        assert (kept.given_name, kept.organisation) == ("Ben", "Tea Ltd")
        assert kept.search_text == "ben holt tea ltd t1"
        assert Customer.objects.get(external_id="T2").merged_into == kept


@pytest.mark.parametrize("size", [1, 6_000])
def test_the_same_file_again_changes_nothing(tmp_path, monkeypatch, size):
    monkeypatch.setattr(customers, "SLICE_ROWS", size)
    take(tmp_path, FAMILY, match="id_or_address")
    before = physical_rows()

    report = take(tmp_path, FAMILY, match="id_or_address")

    assert counts(report) == (0, 0, 2)
    assert physical_rows() == before


def test_two_records_of_one_address_keep_their_own_rows(tmp_path):
    take(tmp_path, FAMILY)
    before = physical_rows()

    report = take(tmp_path, FAMILY, match="id_or_address")

    assert counts(report) == (0, 0, 2)
    assert physical_rows() == before


def test_a_row_by_address_goes_with_the_row_that_has_the_id(tmp_path):
    person(external_id="T1", email="")

    take(tmp_path, FAMILY, match="id_or_address")

    assert [row[1:4] for row in live()] == [("T1", "Ben", "Berg")]


def test_an_erased_pointer_is_not_revived(tmp_path, transactional_db):
    known = person(source="crm", email="ana@example.org")
    text = "external_id,email\nS1,ana@example.org\n"
    take(tmp_path, text, source="shop", match="id_or_address")
    personal_data.erase(known, now=NOW)

    report = take(tmp_path, text, source="shop", match="id_or_address")

    assert refusals(report) == {"customer_erased": 1}
    assert live() == []


def test_a_record_that_was_merged_fills_also_beside_the_row_of_the_kept_one(tmp_path):
    kept = person(external_id="K", email="", organisation="")
    person(external_id="M", email="", merged_into=kept)

    take(tmp_path, "external_id,name,company\nM,Di Fox,Tea Ltd\nK,Ana Berg,\n")

    kept.refresh_from_db()
    assert (kept.given_name, kept.organisation) == ("Ana", "Tea Ltd")


# --- What may be written -------------------------------------------------------------


@pytest.mark.parametrize("dry", [False, True])
def test_create_leaves_known_records_as_they_are(tmp_path, dry):
    person(external_id="C1", given_name="Ana", family_name="Berg", email="")
    text = "external_id,name,tags\nC1,Anna Berg,vip\nC2,Ben Holt,vip\n"

    report = take(tmp_path, text, write="create", dry_run=dry)

    assert counts(report) == (1, 0, 1)
    assert report.notes == {"known_left": 1}
    known = Customer.objects.get(external_id="C1")
    assert (known.given_name, known.tags.count()) == ("Ana", 0)


@pytest.mark.parametrize("dry", [False, True])
def test_update_makes_no_records(tmp_path, dry):
    person(external_id="C1", given_name="Ana", family_name="Berg")
    text = "external_id,name\nC1,Anna Berg\nC2,Ben Holt\n"

    report = take(tmp_path, text, write="update", dry_run=dry)

    assert refusals(report) == {"record_unknown": 1}
    assert (report.read, counts(report)) == (2, (0, 1, 0))
    assert not Customer.objects.filter(external_id="C2").exists()


def test_fill_keeps_what_is_known(tmp_path):
    person(external_id="C1", given_name="Ana", family_name="Berg", organisation="",
           email="", custom={"Shoe": "38"})  # fmt: skip
    text = (
        "external_id,name,company,email,birthday,custom.Shoe,custom.Hat\n"
        "C1,Anna Holt,Tea Ltd,ana@example.org,05-12,40,M\nC2,Ben Holt,,,,,\n"
    )

    report = take(tmp_path, text, write="fill")

    known = Customer.objects.get(external_id="C1")
    assert (known.given_name, known.organisation) == ("Ana", "Tea Ltd")
    assert (known.email_norm, known.birth_month) == ("ana@example.org", 5)
    assert known.custom == {"Shoe": "38", "Hat": "M"}
    assert counts(report) == (1, 1, 0)


# --- Empty cells ---------------------------------------------------------------------

FULL = (
    "external_id,name,email,phone,language,time_zone,country,birthday,customer_since,"
    "heard_from,company,tags,custom.Shoe\n"
)


def test_an_empty_cell_erases_only_where_that_is_chosen(tmp_path):
    take(tmp_path, FULL + "C1,Ana Berg,a@x.org,+972 3 123 4567,he,Asia/Jerusalem,IL,"
         "1980-02-03,2019-05-12,friend,Tea Ltd,vip,43\n")  # fmt: skip
    file = FULL + "C1" + "," * 12 + "\n"
    assert counts(take(tmp_path, file)) == (0, 0, 1)

    assert counts(take(tmp_path, file, erase_empty=True, dry_run=True)) == (0, 1, 0)
    report = take(tmp_path, file, erase_empty=True)

    known = Customer.objects.get()
    assert counts(report) == (0, 1, 0)
    assert [
        known.given_name, known.family_name, known.greeting_name, known.search_text,
        known.email, known.email_norm, known.phone_text, known.phone_e164,
        known.language, known.time_zone, known.country, known.birth_month,
        known.birth_day, known.birth_year, known.since_on, known.since_from,
        known.heard_from, known.organisation, known.tags.count(), known.custom,
    ] == ["", "", "", "c1", "", "", "", "", "", "", "", None, None, None, None,
          "entered", "", "", 0, {}]  # fmt: skip
    before = physical_rows()
    assert counts(take(tmp_path, file, erase_empty=True)) == (0, 0, 1)
    assert physical_rows() == before


def test_a_column_that_the_file_lacks_erases_nothing(tmp_path):
    take(tmp_path, FULL + "C1,Ana Berg,a@x.org,,,,,,,,Tea Ltd,vip,43\n")
    before = physical_rows()

    take(tmp_path, "external_id,name\nC1,Ana Berg\n", erase_empty=True)

    assert physical_rows() == before


def test_a_cell_that_cannot_be_read_erases_nothing(tmp_path):
    take(tmp_path, "external_id,country\nC1,IL\n")

    take(tmp_path, "external_id,country\nC1,Atlantis\n", erase_empty=True)

    assert Customer.objects.get().country == "IL"


def test_of_two_rows_of_one_person_what_is_said_wins_over_an_empty_cell(tmp_path):
    take(tmp_path, "name,email,company,tags\nAna Berg,a@x.org,Tea Ltd,vip\n")

    take(tmp_path, "name,email,company,tags\n,a@x.org,Tea Inc,vip\nAna,a@x.org,,\n",
         erase_empty=True)  # fmt: skip

    known = Customer.objects.get()
    assert (known.organisation, known.tags.count()) == ("Tea Inc", 1)


# --- No ids --------------------------------------------------------------------------

PLAIN = """name,email,since
Ana Berg,ana@example.org,2019-05-12
Ben Holt,ben@example.org,
Cy Ng,,2020-01-01
"""


def test_a_plain_list_works_at_once_and_twice_is_once(tmp_path):
    report = take(tmp_path, PLAIN)

    assert counts(report) == (3, 0, 0)
    assert Customer.objects.filter(since_on__isnull=False).count() == 2
    assert {number[:2] for _, number, *_ in live()} == {"P-"}
    before = physical_rows()
    assert counts(take(tmp_path, PLAIN)) == (0, 0, 3)
    assert physical_rows() == before


def test_a_plain_list_finds_the_people_of_another_shop(tmp_path):
    person(source="shop", external_id="S1", email="ana@example.org")

    report = take(tmp_path, PLAIN)

    assert counts(report) == (2, 1, 0)


def test_a_changed_address_of_the_shop_does_not_bring_a_second_record(tmp_path):
    take(tmp_path, PLAIN)
    Customer.objects.filter(email="ana@example.org").update(
        email="new@example.org", email_norm="new@example.org"
    )

    assert counts(take(tmp_path, PLAIN, write="fill")) == (0, 0, 3)


def test_the_address_may_be_the_id(tmp_path):
    report = take(tmp_path, "name,email\nAna,Ana@Example.org\nBen,\n",
                  identity="address")  # fmt: skip

    assert refusals(report) == {"email_missing": 1}
    assert live()[0][1] == "ana@example.org"


def test_a_phone_with_its_name_is_a_person_whatever_else_changes(tmp_path):
    take(tmp_path, "name,phone,tags\nAna Berg,+972 3 123 4567,old\n")

    report = take(tmp_path, "name,phone,tags\nAna  berg,+97231234567,new\n")

    assert counts(report) == (0, 1, 0)
    assert Customer.objects.count() == 1


def test_a_row_that_says_nothing_is_nobody(tmp_path):
    report = take(tmp_path, "name,email\n ,\nAna,\n")

    assert refusals(report) == {"person_missing": 1}


def test_an_erased_person_does_not_come_back_with_the_same_list(
    tmp_path, transactional_db
):
    take(tmp_path, PLAIN)
    personal_data.erase(Customer.objects.get(email="ana@example.org"), now=NOW)

    report = take(tmp_path, PLAIN)

    assert refusals(report) == {"customer_erased": 1}
    assert len(live()) == 2


# --- Choices that make no sense ------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"match": "name"}, "none of id, id_or_address"),
        ({"write": "fill", "erase_empty": True}, "cannot erase"),
        ({"write": "create", "erase_empty": True}, "cannot erase"),
        ({"identity": "column"}, "no column external_id"),
    ],
)
def test_choices_that_make_no_sense_are_refused(tmp_path, options, words):
    with pytest.raises(FileUnusable, match=words):
        take(tmp_path, PLAIN, **options)

    assert not Customer.objects.exists()


def test_orders_take_none_of_it(tmp_path):
    with pytest.raises(FileUnusable, match="imports of customers"):
        take_orders(file_of(tmp_path, "order_id\n"), write="create")


def test_the_address_cannot_be_the_id_of_a_file_without_addresses(tmp_path):
    with pytest.raises(FileUnusable, match="no column email"):
        take(tmp_path, "name\nAna\n", identity="address")
