"""Companies in files of customers and the API, and two who edit at once."""

import pytest
from django.test import Client
from django.urls import reverse

from crm.access import SCOPES
from crm.models import AuditEntry, Company, CompanyPerson, Customer, ImportRun
from crm.services import api_tokens, companies, merging
from crm.services.imports.reasons import note_in_words
from tests.crm.importing import NOW, people
from tests.crm.test_second_addresses import send, undo
from tests.factories import CustomerFactory, UserFactory
from web.errors import StaleVersion

pytestmark = pytest.mark.django_db
HEAD = "external_id,given_name,Linked company,Company role"


def make(name, **values):
    return companies.create_company(name=name, now=NOW, **values)


def links():
    rows = CompanyPerson.objects.order_by("customer__external_id", "company__name")
    return list(rows.values_list("customer__external_id", "company__name", "role"))


# --- Files ---------------------------------------------------------------------------


def test_a_file_links_people_makes_each_company_once_and_again_changes_nothing(
    tmp_path,
):
    firm = make("Kettle Works", domain="kettle.example")
    rows = (
        "A,Ana,KETTLE works,Buyer", "B,Ben,Kettle.Example,",
        "C,Cem,New Ltd,Owner", "D,Dan,NEW LTD,", "E,Eva,cups.example,", "F,Fay,,",
    )  # fmt: skip

    dry = people(tmp_path, HEAD, *rows, dry_run=True)
    assert Company.objects.get() == firm
    first = people(tmp_path, HEAD, *rows)
    again = people(tmp_path, HEAD, *rows)

    assert links() == [
        ("A", "Kettle Works", "Buyer"), ("B", "Kettle Works", ""),
        ("C", "New Ltd", "Owner"), ("D", "New Ltd", ""), ("E", "cups.example", ""),
    ]  # fmt: skip
    assert Company.objects.get(name="cups.example").domain == "cups.example"
    assert Company.objects.get(name="New Ltd").search_text == "new ltd"
    assert AuditEntry.objects.filter(action="company.created").count() == 3
    assert (dry.created, first.created) == (6, 6)
    assert (again.updated, again.unchanged) == (0, 6)


def test_a_file_leaves_links_alone_and_links_nobody_by_a_guess(tmp_path):
    for _ in range(2):
        make("Twin")
    firm, other = make("Kettle Works"), make("Other")
    ana = CustomerFactory(external_id="A", given_name="Ana")
    CustomerFactory(external_id="B", given_name="Ben")
    gone = CustomerFactory(external_id="G", given_name="Gil")
    Customer.objects.filter(pk=gone.pk).update(merged_into=ana)
    for company in (firm, other):
        companies.link(company, ana, role="Director", now=NOW)
    rows = "A,Ana,Kettle Works,Buyer", "B,Ben,twin,", "G,Gil,Other,", "H,Hal,,Cook"

    dry = people(tmp_path, HEAD, *rows, dry_run=True)
    report = people(tmp_path, HEAD, *rows)

    assert links() == [("A", "Kettle Works", "Director"), ("A", "Other", "Director")]
    assert dry.notes == report.notes
    assert report.notes["company_unclear"] == report.notes["company_role_alone"] == 1
    assert report.notes.examples["company_unclear"] == ["B: twin"]
    assert "several" in note_in_words("company_unclear")
    assert Company.objects.count() == 4


def test_whom_a_file_leaves_as_they_are_it_does_not_link(tmp_path):
    CustomerFactory(external_id="A", given_name="Ana")
    rows = "A,Ana,Fresh Ltd,", "A2,Ana,Theirs alone,", "N,New,Fresh Ltd,"
    CustomerFactory(external_id="A2", given_name="Ana")

    people(tmp_path, HEAD, *rows, write="create")

    assert links() == [("N", "Fresh Ltd", "")]
    assert Company.objects.count() == 1


def test_a_dry_run_counts_known_people_who_would_be_linked(tmp_path):
    CustomerFactory(external_id="A", given_name="Ana")
    make("Kettle Works")

    for cell in ("Kettle Works", "Brand new"):
        report = people(tmp_path, HEAD, f"A,Ana,{cell},", dry_run=True)
        assert (report.updated, report.unchanged) == (1, 0)


def test_what_is_no_name_or_role_is_refused_with_its_column(tmp_path):
    long = "x" * 201
    report = people(tmp_path, HEAD, f"A,Ana,{long},", f"B,Ben,Tea,{long}", "C,Cem,,")

    assert report.refused_by_reason == {
        "linked_company_too_long": 1, "company_role_too_long": 1,
    }  # fmt: skip
    assert Customer.objects.count() == 1


def test_an_undo_takes_back_links_and_companies_that_nobody_uses(tmp_path):
    ana, kim = (CustomerFactory(external_id=key, given_name=key) for key in "AK")
    firm = make("Kettle Works")
    companies.link(firm, kim, now=NOW)
    rows = (
        "A,Ana,Kettle Works,", "K,Kim,Kettle Works,", "B,Ben,Role changed,x",
        "C,Cem,Brand new,", "D,Dan,Used,", "E,Eva,Renamed,",
    )  # fmt: skip
    people(tmp_path, HEAD, *rows, ground="")
    run = ImportRun.objects.latest("pk")
    ben = Customer.objects.get(external_id="B")
    companies.link(Company.objects.get(name="Role changed"), ben, role="y", now=NOW)
    companies.link(Company.objects.get(name="Used"), kim, now=NOW)
    renamed = Company.objects.get(name="Renamed")
    companies.update_company(renamed, changes={"name": "Another"}, now=NOW)

    undo(run)

    assert links() == [
        ("B", "Role changed", "y"), ("K", "Kettle Works", ""), ("K", "Used", ""),
    ]  # fmt: skip
    assert {*Company.objects.values_list("name", flat=True)} == {
        "Kettle Works", "Role changed", "Used", "Another",
    }  # fmt: skip
    assert {*Customer.objects.values_list("external_id", flat=True)} == {"A", "B", "K"}
    assert not ana.companies.exists()


# --- The API -------------------------------------------------------------------------

COMPANIES = "/api/v1/companies/"


@pytest.fixture
def api():
    _, key = api_tokens.issue(name="shop", scopes=list(SCOPES), now=NOW)
    return Client(headers={"Authorization": f"Bearer {key}"})


def test_a_program_makes_finds_and_changes_companies(api):
    firm = make("Kettle Works", note="Pays late")

    made = send(api.post, COMPANIES, {
        "name": "Branch", "domain": "Branch.example", "parent": firm.pk,
        "tags": ["b", "a"],
    })  # fmt: skip
    one = f"{COMPANIES}{made.json()['id']}/"
    changed = api.patch(
        one, {"parent": None, "name": "Free"}, content_type="application/json",
        headers={"If-Match": made["ETag"]},
    )  # fmt: skip
    stale = api.patch(
        one, {"name": "Late"}, content_type="application/json",
        headers={"If-Match": made["ETag"]},
    )  # fmt: skip
    old = send(api.patch, one, {"name": "Late", "version": 1})
    by_domain = api.get(f"{COMPANIES}?domain=BRANCH.example").json()["results"]
    by_name = api.get(f"{COMPANIES}?name=kettle works").json()["results"]

    assert (made.status_code, made.json()["parent"]) == (201, firm.pk)
    assert made.json()["tags"] == ["a", "b"]
    assert (changed.json()["name"], changed.json()["parent"]) == ("Free", None)
    assert (changed["ETag"], stale.status_code, old.status_code) == ('"2"', 412, 409)
    assert by_domain == [api.get(one).json()] == [changed.json()]
    assert [row["id"] for row in by_name] == [firm.pk]
    assert "note" not in by_name[0]


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"name": ""}, 400, "name"),
        ({"name": "A", "domain": "no domain"}, 400, "domain"),
        ({"name": "A", "parent": 2**40}, 404, "parent"),
        ({"name": "A", "people": []}, 400, "people"),
        ({"name": "A", "version": 3}, 400, "version"),
    ],
)
def test_what_is_no_company_is_refused_by_name(api, body, status, field):
    answer = send(api.post, COMPANIES, body)

    assert (answer.status_code, [*answer.json()["fields"]]) == (status, [field])
    assert not Company.objects.exists()


def test_a_circle_is_refused_by_the_api_too(api):
    firm = make("Kettle Works")
    branch = make("Branch", parent=firm)

    answer = send(api.patch, f"{COMPANIES}{firm.pk}/", {"parent": branch.pk})

    assert (answer.status_code, [*answer.json()["fields"]]) == (400, ["parent"])


def test_a_program_links_people_and_a_merged_id_leads_to_the_kept_one(api):
    firm, dana, gone = make("Kettle Works"), CustomerFactory(), CustomerFactory()
    merging.merge(dana, gone, now=NOW)
    path = f"{COMPANIES}{firm.pk}/people/"

    for role in ("Buyer", "Director"):
        answer = send(api.post, path, {"customer": gone.pk, "role": role})
    [listed] = api.get(path).json()["results"]
    [of_them] = api.get(f"{COMPANIES}?customer={gone.pk}").json()["results"]

    assert answer.json() == listed
    assert (listed["customer"], listed["role"]) == (dana.pk, "Director")
    assert of_them["id"] == firm.pk
    assert send(api.post, path, {"customer": 2**40}).status_code == 404
    assert api.delete(f"{path}{gone.pk}/").status_code == 204
    assert api.delete(f"{path}{gone.pk}/").status_code == 404
    assert api.get(path).json()["results"] == []


def test_companies_have_scopes_of_their_own():
    firm = make("Kettle Works")
    keys = {
        scope: api_tokens.issue(name=scope, scopes=[scope], now=NOW)[1]
        for scope in ("companies:read", "customers:write")
    }

    def statuses(key):
        client = Client(headers={"Authorization": f"Bearer {key}"})
        one = f"{COMPANIES}{firm.pk}/"
        return [
            client.get(COMPANIES).status_code,
            client.get(f"{one}people/").status_code,
            send(client.post, COMPANIES, {"name": "A"}).status_code,
            send(client.patch, one, {"name": "A"}).status_code,
            send(client.post, f"{one}people/", {"customer": 1}).status_code,
            client.delete(f"{one}people/1/").status_code,
        ]

    assert statuses(keys["companies:read"]) == [200, 200, 403, 403, 403, 403]
    assert statuses(keys["customers:write"]) == [403] * 6


# --- Two at once ---------------------------------------------------------------------


def test_an_older_version_is_refused_and_each_change_counts_it_up():
    firm = make("Kettle Works")

    changed = companies.update_company(
        firm, changes={"name": "Kettles"}, version=1, now=NOW
    )
    same = companies.update_company(firm, changes={"name": "Kettles"}, now=NOW)
    with pytest.raises(StaleVersion):
        companies.update_company(firm, changes={"name": "X"}, version=1, now=NOW)

    assert (changed.version, same.version) == (2, 2)
    assert Company.objects.get().name == "Kettles"


def test_who_edits_what_was_changed_since_sees_both_and_loses_nothing(client):
    client.force_login(UserFactory(role="agent"))
    firm = make("Kettle Works", domain="kettle.example", tags=["vip, gold"])
    edit = reverse("crm:company-edit", args=[firm.pk])
    form = client.get(edit).context["form"]
    typed = {field.name: field.value() or "" for field in form}
    companies.update_company(firm, changes={"domain": "k.example"}, now=NOW)

    answer = client.post(edit, {**typed, "name": "Mine"})
    page = answer.content.decode()

    assert answer.status_code == 409
    for shown in ("Somebody else saved this", "k.example", "Mine", "Kettle Works"):
        assert shown in page
    firm.refresh_from_db()
    assert (firm.name, firm.domain) == ("Kettle Works", "k.example")
    again = {
        **typed,
        "name": "Mine",
        "version": answer.context["form"]["version"].value(),
    }
    assert client.post(edit, again).status_code == 303
    firm.refresh_from_db()
    assert (firm.name, firm.version, firm.tags) == ("Mine", 3, ["vip, gold"])
    assert firm.domain == "kettle.example"
