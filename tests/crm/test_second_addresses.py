"""Second addresses and numbers of a person: kept, found, brought in and taken along."""

import csv
import io

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm import audiences, selectors
from crm.access import SCOPES
from crm.errors import CustomerGone
from crm.models import AuditEntry, Customer, CustomerAddress, ImportRun
from crm.rules.choices import AddressKind
from crm.services import (
    addresses,
    api_tokens,
    customers,
    jobs,
    merging,
    personal_data,
)
from crm.services.imports import undoing
from crm.services.imports.reasons import note_in_words
from crm.services.merge_facts import Side
from tests.crm.exporting import content, exported
from tests.crm.importing import NOW, file_of, people, take_customers
from tests.factories import CustomerFactory, UserFactory
from web.errors import AlreadyExists, InvalidValue, NotFound

pytestmark = pytest.mark.django_db
EMAIL, PHONE = AddressKind.EMAIL, AddressKind.PHONE


@pytest.fixture
def dana():
    return CustomerFactory(email="dana@home.example", phone_text="03 1234567")


def add(customer, value, kind=EMAIL, **more):
    return addresses.add(customer, kind=kind, value=value, now=NOW, **more)


def seconds(customer):
    return list(customer.addresses.values_list("kind", "norm").order_by("kind", "norm"))


def found(typed):
    select = audiences.compiled(f"q={typed}", country="IL", today=NOW.date())
    with connection.cursor() as cursor:
        cursor.execute(select)
        return {pk for (pk,) in cursor.fetchall()}


# --- Add, change, make chief, remove -------------------------------------------------


def test_an_address_and_a_number_are_kept_in_one_form(dana):
    add(dana, "Dana@Work.Example", label=" work ")
    add(dana, "+972 52 123 4567", PHONE)
    add(dana, "09-765 43 21", PHONE)

    assert seconds(dana) == [
        ("email", "dana@work.example"),
        ("phone", "+972521234567"),
        ("phone", "097654321"),
    ]
    assert dana.addresses.get(kind="email").label == "work"
    entry = AuditEntry.objects.filter(action="customer.address_added").first()
    assert (entry.customer_id, entry.fields) == (dana.pk, ["addresses"])


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (EMAIL, "DANA@home.example"),
        (EMAIL, "second@home.EXAMPLE"),
        (PHONE, "03-12 345 67"),
    ],
)
def test_nobody_has_the_same_one_twice(dana, kind, value):
    add(dana, "Second@home.example")

    with pytest.raises(AlreadyExists) as refused:
        add(dana, value, kind)

    assert refused.value.fields == {"value": "address_twice"}


@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [
        (EMAIL, "no address", "email_invalid"),
        (PHONE, "no number", "phone_invalid"),
        (EMAIL, " ", "required"),
    ],
)
def test_what_is_no_address_is_refused(dana, kind, value, code):
    with pytest.raises(InvalidValue) as refused:
        add(dana, value, kind)

    assert refused.value.fields == {"value": code}


def test_twenty_are_enough(dana):
    for number in range(addresses.MOST):
        add(dana, f"dana{number}@home.example")

    with pytest.raises(InvalidValue):
        add(dana, "one.more@home.example")


def test_the_chief_one_changes_places(dana):
    row = add(dana, "dana@work.example")

    second = addresses.make_chief(row, now=NOW)

    dana.refresh_from_db()
    assert (dana.email, dana.email_norm) == ("dana@work.example",) * 2
    assert (dana.version, seconds(dana)) == (2, [("email", "dana@home.example")])
    addresses.make_chief(second, now=NOW)
    dana.refresh_from_db()
    assert dana.email == "dana@home.example"
    assert seconds(dana) == [("email", "dana@work.example")]


def test_a_number_without_a_country_changes_places(dana):
    addresses.make_chief(add(dana, "+972521234567", PHONE), now=NOW)

    dana.refresh_from_db()
    assert (dana.phone_text, dana.phone_e164) == ("+972521234567", "+972521234567")
    assert seconds(dana) == [("phone", "031234567")]
    addresses.make_chief(dana.addresses.get(), now=NOW)
    dana.refresh_from_db()
    assert (dana.phone_text, dana.phone_e164) == ("03 1234567", "")


def test_what_becomes_the_chief_one_by_hand_is_no_second_one_any_more(dana):
    add(dana, "dana@work.example")

    customers.update_customer(dana, changes={"email": "Dana@work.example"}, now=NOW)

    assert seconds(dana) == []


def test_a_change_keeps_what_is_not_said(dana):
    row = add(dana, "dana@work.example", label="work")

    addresses.change(row, value="dana@work.example", label="office", now=NOW)
    addresses.change(row, value="dana@office.example", label="office", now=NOW)

    assert seconds(dana) == [("email", "dana@office.example")]
    assert dana.addresses.get().label == "office"
    with pytest.raises(AlreadyExists):
        addresses.change(row, value="dana@home.example", label="", now=NOW)


def test_what_was_removed_is_gone_and_says_so(dana):
    row = add(dana, "dana@work.example")
    addresses.remove(row, now=NOW)
    row.pk = 1

    assert seconds(dana) == []
    for act in (addresses.remove, addresses.make_chief):
        with pytest.raises(NotFound):
            act(row, now=NOW)


def test_nothing_is_added_to_somebody_who_is_gone(dana):
    Customer.objects.filter(pk=dana.pk).update(erased_at=NOW)

    with pytest.raises(CustomerGone):
        add(dana, "dana@work.example")


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"kind": "fax"}, "customer_address_kind"),
        ({"norm": ""}, "customer_address_not_empty"),
        ({"value": ""}, "customer_address_not_empty"),
        ({"norm": "first@x.example"}, "customer_address_once"),
    ],
)
def test_the_database_refuses_what_is_wrong(dana, changes, constraint):
    add(dana, "first@x.example")
    row = add(dana, "second@x.example")

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        CustomerAddress.objects.filter(pk=row.pk).update(**changes)


# --- Found ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    [
        "dana@work.example",
        "Dana@Work",
        "+972521234567",
        "0521234567",
        "1234567",
        "052-123",
    ],
)
def test_a_search_finds_by_second_address_and_number(dana, typed):
    CustomerFactory(given_name="Somebody", family_name="Else", email="else@x.example")
    add(dana, "dana@work.example")
    add(dana, "+972 52 123 4567", PHONE)

    assert found(typed.replace("+", "%2B").replace("@", "%40")) == {dana.pk}


def test_people_are_found_by_any_of_their_addresses(dana):
    other = CustomerFactory(email="dana@work.example")
    CustomerFactory(email="nobody@x.example")
    add(dana, "dana@work.example")

    at_work = selectors.people_with_address(" DANA@work.example")

    assert set(at_work) == {dana, other}
    assert set(selectors.people_with_address("dana@home.example")) == {dana}
    assert set(selectors.people_with_address("")) == set()
    assert selectors.sharing_address(other) == [dana]
    assert selectors.emails_of(dana) == ["dana@home.example", "dana@work.example"]


def test_who_has_an_address_is_asked_of_indexes(dana):
    with CaptureQueriesContext(connection) as asked:
        list(selectors.people_with_address("dana@work.example"))

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        # So few rows are read in the order of any index otherwise, and merged.
        cursor.execute("SET LOCAL enable_indexscan = off")
        cursor.execute("EXPLAIN " + asked[-1]["sql"])
        plan = "\n".join(line for (line,) in cursor.fetchall())
    # Which of two indexes that begin alike depends on how few rows there are.
    conditions = [line for line in plan.splitlines() if "Index Cond" in line]
    assert any("(norm" in line for line in conditions), plan
    assert any("(email_norm" in line for line in conditions), plan
    assert "Seq Scan" not in plan


# --- One person, two records ---------------------------------------------------------


def test_a_merge_keeps_every_address_and_its_undo_gives_each_back(dana):
    other = CustomerFactory(email="dana@work.example", phone_e164="+972521234567")
    add(dana, "both@x.example")
    for value in ("both@x.example", "third@x.example"):
        add(other, value)
    before = (seconds(dana), seconds(other))

    merge = merging.merge(dana, other, now=NOW)

    assert seconds(dana) == [
        ("email", "both@x.example"),
        ("email", "dana@work.example"),
        ("email", "third@x.example"),
        ("phone", "+972521234567"),
    ]
    assert list(selectors.people_with_address("dana@work.example")) == [dana]
    assert list(selectors.people_with_address("both@x.example")) == [dana]
    merging.undo(merge, now=NOW)
    assert (seconds(dana), seconds(other)) == before
    assert list(selectors.people_with_address("dana@work.example")) == [other]


def test_the_chief_address_that_was_not_chosen_is_a_second_one(dana):
    other = CustomerFactory(email="dana@work.example")
    add(other, "dana@home.example")

    merge = merging.merge(dana, other, choices={"email": Side.DROPPED}, now=NOW)

    dana.refresh_from_db()
    assert dana.email == "dana@work.example"
    assert seconds(dana) == [("email", "dana@home.example")]
    merging.undo(merge, now=NOW)
    dana.refresh_from_db()
    assert (dana.email, seconds(dana)) == ("dana@home.example", [])
    assert seconds(other) == [("email", "dana@home.example")]


def test_erasure_takes_them_along(dana):
    add(dana, "dana@work.example", label="work")

    told = personal_data.export(dana, now=NOW)
    personal_data.erase(dana, now=NOW)

    assert "dana@work.example" in str(told)
    assert not CustomerAddress.objects.exists()


# --- Files ---------------------------------------------------------------------------

HEAD = "external_id,given_name,email,phone,email_2,Phone 2"


def test_a_file_adds_them_and_the_same_file_again_changes_nothing(tmp_path):
    both = "Ana@Work.example; ana@third.example"
    row = f"A,Ana,ana@x.example,+972521111111,{both},03-7654321"

    first = people(tmp_path, HEAD, row)
    again = people(tmp_path, HEAD, row)

    ana = Customer.objects.get(external_id="A")
    assert seconds(ana) == [
        ("email", "ana@third.example"),
        ("email", "ana@work.example"),
        ("phone", "037654321"),
    ]
    assert (first.created, again.updated, again.unchanged) == (1, 0, 1)


def test_a_file_adds_to_what_is_there_and_a_dry_run_writes_nothing(tmp_path):
    dana = CustomerFactory(external_id="A", given_name="Ana", email="ana@x.example")
    add(dana, "kept@x.example")
    row = "A,Ana,ana@x.example,,new@x.example,"

    dry = people(tmp_path, HEAD, row, dry_run=True)
    assert seconds(dana) == [("email", "kept@x.example")]
    wet = people(tmp_path, HEAD, row)

    assert (dry.updated, wet.updated) == (1, 1)
    assert [norm for _, norm in seconds(dana)] == ["kept@x.example", "new@x.example"]


def test_what_is_chief_or_unreadable_in_a_file_is_left_out(tmp_path):
    report = people(
        tmp_path, HEAD, "A,Ana,ana@x.example,+972521111111,ANA@x.example,0521111111",
        "B,Ben,ben@x.example,,no address,,",
    )  # fmt: skip

    assert not CustomerAddress.objects.filter(kind="email").exists()
    assert Customer.objects.count() == 2
    assert report.notes["second_address_left_out"] == 1
    assert "left out" in note_in_words("second_address_left_out")


def test_an_unknown_row_with_a_second_address_is_that_person(tmp_path):
    dana = CustomerFactory(external_id="A", email="dana@home.example", given_name="D")
    add(dana, "dana@work.example")

    people(
        tmp_path, "external_id,given_name,email,country",
        "Z,Dana,dana@work.example,IL", match="id_or_address",
    )  # fmt: skip

    dana.refresh_from_db()
    assert Customer.objects.live().count() == 1
    assert (dana.email, dana.country) == ("dana@home.example", "IL")


def undo(run):
    undoing.start(run, by=UserFactory(role="owner"), now=NOW)
    while jobs.work(now=NOW, seconds=60).is_unfinished:
        pass
    run.refresh_from_db()
    return run.undo_counts


def test_an_undo_takes_back_what_the_file_added_and_nothing_else(tmp_path):
    dana = CustomerFactory(external_id="A", email="dana@x.example", given_name="Dana")
    add(dana, "kept@x.example")
    text = HEAD + "\nA,Dana,dana@x.example,,a@x.example;b@x.example,\n"
    text += "N,New,new@x.example,,c@x.example,\n"
    take_customers(file_of(tmp_path, text), ground="")
    run = ImportRun.objects.latest("pk")
    changed = dana.addresses.get(norm="b@x.example")
    addresses.change(changed, value="b@x.example", label="theirs", now=NOW)

    undo(run)

    assert [norm for _, norm in seconds(dana)] == ["b@x.example", "kept@x.example"]
    assert not Customer.objects.filter(external_id="N").exists()


def test_what_is_exported_comes_back(tmp_path):
    dana = CustomerFactory(external_id="A", email="dana@x.example")
    for number in range(6):
        add(dana, f"dana{number}@x.example")
    add(dana, "+972521234567", PHONE)
    before = seconds(dana)

    data = content(exported("customers"))
    [row] = csv.DictReader(io.StringIO(data.decode("utf-8-sig")))
    dana.addresses.all().delete()
    take_customers(file_of(tmp_path, data), ground="")

    assert (row["email_2"], row["phone_2"]) == ("dana0@x.example", "+972521234567")
    assert row["email_5"] == "dana3@x.example; dana4@x.example; dana5@x.example"
    assert seconds(dana) == before


# --- Pages ---------------------------------------------------------------------------


@pytest.fixture
def noa(client):
    client.force_login(UserFactory(role="agent"))
    return client


def url(name, *args):
    return reverse(f"crm:address-{name}", args=args)


def test_an_agent_adds_labels_and_moves_an_address(noa, dana):
    new = url("create", dana.pk)
    wrong = noa.post(new, {"kind": "email", "value": "nonsense"})
    assert wrong.status_code == 422
    assert "Enter an address such as" in wrong.content.decode()

    noa.post(new, {"kind": "email", "value": "dana@work.example", "label": "work"})
    row = dana.addresses.get()
    page = noa.get(dana.get_absolute_url()).content.decode()
    assert url("edit", dana.pk, row.pk) in page
    again = noa.post(new, {"kind": "email", "value": "dana@work.example"})
    assert "They have this one already" in again.content.decode()

    noa.post(url("edit", dana.pk, row.pk), {"value": row.value, "label": "office"})
    row.refresh_from_db()
    assert row.label == "office"
    page = noa.post(url("chief", dana.pk, row.pk), follow=True).content.decode()
    dana.refresh_from_db()
    assert dana.email == "dana@work.example"
    undo = url("chief", dana.pk, dana.addresses.get().pk)
    assert f'action="{undo}"' in page
    noa.post(undo)
    dana.refresh_from_db()
    assert dana.email == "dana@home.example"


def test_a_removal_asks_first(noa, dana):
    row = add(dana, "dana@work.example")
    remove = url("remove", dana.pk, row.pk)

    asked = noa.get(remove).content.decode()
    assert "dana@work.example" in asked
    assert "stays stopped there" in asked
    assert dana.addresses.exists()

    page = noa.post(remove, follow=True).content.decode()
    assert "Removed." in page
    assert not dana.addresses.exists()


def test_the_address_of_somebody_else_is_not_found(noa, dana):
    row = add(CustomerFactory(), "x@example.org")

    for name in ("edit", "remove"):
        assert noa.get(url(name, dana.pk, row.pk)).status_code == 404
    assert noa.post(url("chief", dana.pk, row.pk)).status_code == 404


# --- The API -------------------------------------------------------------------------


@pytest.fixture
def api():
    _, key = api_tokens.issue(name="shop", scopes=list(SCOPES), now=NOW)
    return Client(headers={"Authorization": f"Bearer {key}"})


def send(act, path, body):
    return act(path, body, content_type="application/json")


def test_a_program_reads_adds_changes_and_removes_them(api, dana):
    path = f"/api/v1/customers/{dana.pk}/addresses/"

    made = send(api.post, path, {"kind": "email", "value": "Dana@Work.example"})
    one = f"{path}{made.json()['id']}/"
    changed = send(api.patch, one, {"label": "work"})
    [listed] = api.get(path).json()["results"]
    found = api.get("/api/v1/customers/?email=dana@work.example").json()["results"]

    assert (made.status_code, made.json()["norm"]) == (201, "dana@work.example")
    assert (changed.json()["value"], changed.json()["label"]) == (
        "Dana@Work.example",
        "work",
    )
    assert listed == changed.json()
    assert [row["id"] for row in found] == [dana.pk]
    assert send(api.post, path, {"kind": "email", "value": "dana@work.example"}
                ).status_code == 409  # fmt: skip
    assert api.delete(one).status_code == 204
    assert api.delete(one).status_code == 404
    assert api.get(path).json()["results"] == []


def test_a_key_that_only_reads_adds_nothing(dana):
    _, key = api_tokens.issue(name="r", scopes=["customers:read"], now=NOW)
    reader = Client(headers={"Authorization": f"Bearer {key}"})
    path = f"/api/v1/customers/{dana.pk}/addresses/"

    answer = send(reader.post, path, {"kind": "email", "value": "a@work.example"})

    assert answer.status_code == 403
    assert reader.get(path).status_code == 200
