"""Companies: who belongs to them, what they come to together, how they are found."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from crm import company_pages, segment_people, signals
from crm.errors import CompanyInUse, CustomerGone
from crm.models import AuditEntry, Company, CompanyPerson, Customer
from crm.rules import segment_tree
from crm.services import (
    companies,
    follow_ups,
    interactions,
    merging,
    order_sums,
    personal_data,
)
from tests.crm.exporting import content, exported, lines_of
from tests.factories import NOW, CustomerFactory, OrderFactory, UserFactory
from tests.pages import read
from web.errors import InvalidValue

pytestmark = pytest.mark.django_db


@pytest.fixture
def firm():
    return make("Kettle Works", domain="kettle.example")


@pytest.fixture
def dana():
    return CustomerFactory(given_name="Dana", email="dana@kettle.example")


def make(name, **values):
    return companies.create_company(name=name, now=NOW, **values)


def change(company, **changes):
    return companies.update_company(company, changes=changes, now=NOW)


def link(company, customer, role=""):
    return companies.link(company, customer, role=role, now=NOW)


# --- Create and change ---------------------------------------------------------------


def test_a_company_is_kept_in_one_form():
    made = make(" Kettle  Works ", domain="@KETTLE.example.", tags=["b", "a", " a "])

    assert (made.name, made.domain) == ("Kettle  Works", "kettle.example")
    assert made.tags == ["a", "b"]
    entry = AuditEntry.objects.get(action="company.created")
    assert entry.fields == ["domain", "name", "tags"]


@pytest.mark.parametrize(
    ("values", "refused"),
    [
        ({"name": " "}, {"name": "required"}),
        ({"name": "A", "domain": "no domain"}, {"domain": "email_invalid"}),
        ({"name": "A", "colour": "red"}, {"colour": "unknown_field"}),
        ({"name": "A", "tags": map(str, range(51))}, {"tags": "too_many"}),
    ],
)
def test_what_is_no_company_is_refused(values, refused):
    with pytest.raises(InvalidValue) as error:
        companies.create_company(now=NOW, **values)

    assert error.value.fields == refused
    assert not Company.objects.exists()


def test_no_company_is_part_of_itself(firm):
    branch = make("Branch", parent=firm)
    twig = make("Twig", parent=branch)

    for parent in (firm, branch, twig):
        with pytest.raises(InvalidValue) as error:
            change(firm, parent=parent)
        assert error.value.fields == {"parent": "company_in_a_circle"}
    assert change(twig, parent=firm).parent == firm
    with (
        pytest.raises(IntegrityError, match="company_not_its_own_parent"),
        transaction.atomic(),
    ):
        Company.objects.filter(pk=firm.pk).update(parent=firm)
    with (
        pytest.raises(IntegrityError, match="company_has_a_name"),
        transaction.atomic(),
    ):
        Company.objects.filter(pk=firm.pk).update(name="")


def test_a_company_with_branches_stays(firm, dana):
    branch = make("Branch", parent=firm)
    link(firm, dana)

    with pytest.raises(CompanyInUse):
        companies.delete_company(firm, now=NOW)
    companies.delete_company(branch, now=NOW)
    companies.delete_company(firm, now=NOW)

    assert not Company.objects.exists()
    assert Customer.objects.filter(pk=dana.pk).exists()


# --- People --------------------------------------------------------------------------


def test_a_person_belongs_to_a_company_once_in_one_role(firm, dana):
    link(firm, dana, "Buyer")
    link(firm, dana, " Director ")
    link(make("Other"), dana)

    assert [row.role for row in firm.people.all()] == ["Director"]
    assert dana.companies.count() == 2
    with (
        pytest.raises(IntegrityError, match="company_person_once"),
        transaction.atomic(),
    ):
        CompanyPerson.objects.create(company=firm, customer=dana, created_at=NOW)
    assert companies.unlink(firm, dana, now=NOW)
    assert not companies.unlink(firm, dana, now=NOW)
    assert dana.companies.count() == 1


def test_whoever_is_gone_is_not_linked(firm, dana):
    Customer.objects.filter(pk=dana.pk).update(erased_at=NOW)

    with pytest.raises(CustomerGone):
        link(firm, dana)


def test_erasing_a_person_leaves_the_company(firm, dana):
    link(firm, dana, "Buyer")

    told = personal_data.export(dana, now=NOW)
    personal_data.erase(dana, now=NOW)

    assert [(row["company_name"], row["role"]) for row in told["companies"]] == [
        ("Kettle Works", "Buyer")
    ]
    assert Company.objects.get() == firm
    assert not CompanyPerson.objects.exists()


def test_a_merge_moves_the_link_and_its_undo_gives_it_back(firm, dana):
    other, kept = make("Other"), CustomerFactory()
    link(firm, dana, "Buyer")
    link(other, dana, "theirs")
    link(other, kept, "ours")

    merge = merging.merge(kept, dana, now=NOW)

    roles = kept.companies.values_list("company__name", "role")
    assert {*roles} == {("Kettle Works", "Buyer"), ("Other", "ours")}
    merging.undo(merge, now=NOW)
    assert {*dana.companies.values_list("role", flat=True)} == {"Buyer", "theirs"}


def test_a_company_is_offered_by_exact_name_or_domain_and_never_linked(firm):
    by_domain = CustomerFactory(email="x@kettle.example")
    by_name = CustomerFactory(email="", organisation="KETTLE works")
    make("Without a domain")
    neither = CustomerFactory(email="x@y.kettle.example", organisation="Kettle")
    by_second = CustomerFactory(email="x@home.example", organisation="")
    by_second.addresses.create(
        kind="email", value="x@kettle.example", norm="x@kettle.example", created_at=NOW
    )

    assert company_pages.offered_to(by_domain) == [firm]
    assert company_pages.offered_to(by_name) == [firm]
    assert company_pages.offered_to(by_second) == [firm]
    assert company_pages.offered_to(neither) == []
    assert not CompanyPerson.objects.exists()
    link(firm, by_name)
    assert company_pages.offered_to(by_name) == []


# --- The whole -----------------------------------------------------------------------


def test_the_page_counts_the_company_and_its_branches(firm, dana):
    branch = make("Branch", parent=firm)
    ben, stranger = CustomerFactory(given_name="Ben"), CustomerFactory()
    link(firm, dana, "Buyer")
    link(branch, dana)
    link(branch, ben)
    OrderFactory(customer=dana, total=24, currency="EUR")
    OrderFactory(customer=ben, total=6, currency="EUR")
    OrderFactory(customer=ben, total=5, currency="USD")
    OrderFactory(customer=stranger, total=99, currency="EUR")
    order_sums.count([dana.pk, ben.pk, stranger.pk])
    for days, channel in ((2, "call"), (1, "note")):
        interactions.log_interaction(
            customer=ben, channel=channel, body="Said.", staff=UserFactory(),
            happened_at=NOW - timedelta(days=days), now=NOW,
        )  # fmt: skip
    owed = follow_ups.open_follow_up(
        customer_id=ben.pk, why="Call back", due_on=NOW.date(), now=NOW
    )

    page = company_pages.company_page(firm)

    assert page.count == 2
    assert [(row.customer, row.company) for row in page.people] == [
        (ben, branch), (dana, firm), (dana, branch),
    ]  # fmt: skip
    assert [(row.currency, row.total, row.orders) for row in page.money] == [
        ("EUR", 30, 2), ("USD", 5, 1),
    ]  # fmt: skip
    assert page.last_contact == NOW - timedelta(days=2)
    assert page.follow_ups == [owed]
    assert len(page.timeline) == 5
    assert [event.at for event in page.timeline] == sorted(
        (event.at for event in page.timeline), reverse=True
    )
    assert company_pages.company_page(branch).count == 2
    assert page.branches == [branch]


def test_the_whole_is_however_deep_and_has_a_merged_person_once(firm, dana):
    twig = make("Twig", parent=make("Branch", parent=firm))
    gone = CustomerFactory()
    link(twig, dana)
    link(twig, gone)
    merging.merge(dana, gone, now=NOW)

    page = company_pages.company_page(firm)

    assert (page.count, [row.customer for row in page.people]) == (1, [dana])


def test_whoever_listens_hears_of_people_who_join_and_leave(firm, dana):
    heard = []

    def hear(ids, fields, **more):
        heard.append((list(ids), set(fields)))

    signals.customers_changed.connect(hear)
    try:
        link(firm, dana, "Buyer")
        link(firm, dana, "Buyer")
        companies.unlink(firm, dana, now=NOW)
        link(firm, dana)
        companies.delete_company(firm, now=NOW)
    finally:
        signals.customers_changed.disconnect(hear)

    assert heard == [([dana.pk], {"companies"})] * 4


def test_the_list_walks_by_name_both_ways(monkeypatch):
    monkeypatch.setattr(company_pages, "PAGE", 2)
    for name in ("delta", "Alpha", "charlie", "Bravo", "alpha"):
        make(name)

    def names(page):
        return [row.name for row in page.rows]

    first = company_pages.company_list("")
    second = company_pages.company_list("", newer=first.newer)
    third = company_pages.company_list("", newer=second.newer)
    back = company_pages.company_list("", older=third.older)

    assert names(first) == ["Alpha", "alpha"]
    assert (names(second), names(third)) == (["Bravo", "charlie"], ["delta"])
    assert names(back) == names(second)
    assert (first.older, third.newer) == ("", "")
    assert names(company_pages.company_list("ALPH")) == ["Alpha", "alpha"]
    assert names(company_pages.company_list("nothing")) == []


def test_a_company_without_people_and_each_person_is_a_line_of_the_export(firm, dana):
    link(firm, dana, "Buyer")
    make("Empty", parent=firm)

    rows = lines_of(content(exported("companies")))

    assert [(r["company"], r["parent"], r["customer_id"], r["role"]) for r in rows] == [
        ("Kettle Works", "", dana.external_id, "Buyer"),
        ("Empty", "Kettle Works", "", ""),
    ]


# --- Segments ------------------------------------------------------------------------


def chosen(field, ask, *values):
    tree = segment_tree.read(
        {
            "match": "all",
            "parts": [{"field": field, "is": ask, "values": list(values)}],
        }
    )
    with connection.cursor() as cursor:
        cursor.execute(segment_people.select_of(tree, today=NOW.date()))
        return {pk for (pk,) in cursor.fetchall()}


def test_segments_ask_for_company_parent_domain_and_role(firm, dana):
    branch = make("Branch", parent=firm)
    ben, nobody = CustomerFactory(), CustomerFactory()
    link(firm, dana, "Head buyer")
    link(branch, ben)

    assert chosen("company.name", "contains", "kettle") == {dana.pk}
    assert chosen("company.parent", "contains", "kettle") == {ben.pk}
    assert chosen("company.domain", "contains", "KETTLE.example") == {dana.pk}
    assert chosen("company.role", "contains", "buyer") == {dana.pk}
    assert chosen("company.name", "known") == {dana.pk, ben.pk}
    assert chosen("company.name", "unknown") == {nobody.pk}
    assert chosen("company.role", "unknown") == {ben.pk, nobody.pk}


# --- Pages ---------------------------------------------------------------------------


@pytest.fixture
def noa(client):
    client.force_login(UserFactory(role="agent"))
    return client


def test_an_agent_makes_a_company_and_links_people(noa, dana):
    page = read(noa.post(
        reverse("crm:company-create"),
        {"name": "Kettle Works", "domain": "kettle.example", "tags": "vip, old"},
        follow=True,
    ))  # fmt: skip
    firm = Company.objects.get()
    assert "Kettle Works" in page
    assert "old, vip" in page
    assert "Kettle Works" in read(noa.get(reverse("crm:company-list") + "?q=kettle"))

    page = read(noa.get(dana.get_absolute_url()))
    to_link = reverse("crm:company-link", args=[dana.pk])
    assert f"{to_link}?company=%23{firm.pk}" in page
    page = read(noa.post(
        to_link, {"company": f"#{firm.pk}", "role": "Buyer"}, follow=True
    ))  # fmt: skip
    undo = reverse("crm:company-unlink", args=[dana.pk, firm.pk])
    assert f'action="{undo}"' in page
    assert firm.people.get().role == "Buyer"
    assert "Buyer" in read(noa.get(firm.get_absolute_url()))
    assert "No longer linked" in read(noa.post(undo, follow=True))
    assert not firm.people.exists()


def test_a_wrong_name_or_a_circle_is_said_beside_the_field(noa, firm, dana):
    make("Twin")
    make("Twin")
    to_link = reverse("crm:company-link", args=[dana.pk])
    for typed, said in (("Nobody Ltd", "No company is called"), ("twin", "Several")):
        assert said in read(noa.post(to_link, {"company": typed}), status=422)
    edit = reverse("crm:company-edit", args=[firm.pk])
    branch = make("Branch", parent=firm)

    page = read(noa.post(edit, {"name": firm.name, "parent": branch.name}), status=422)

    assert "cannot be part of itself" in page
    firm.refresh_from_db()
    assert firm.parent is None


def test_deleting_asks_first(noa, firm):
    delete = reverse("crm:company-delete", args=[firm.pk])

    assert "Its people stay" in read(noa.get(delete))
    assert Company.objects.exists()
    assert "Its people stay" in read(noa.post(delete, follow=True))
    assert not Company.objects.exists()


def test_notes_are_for_those_who_see_notes(client, firm):
    change(firm, note="Pays late")
    client.force_login(UserFactory(role="marketer"))

    page = read(client.get(firm.get_absolute_url()))

    assert "Pays late" not in page
    client.force_login(UserFactory(role="agent"))
    assert "Pays late" in read(client.get(firm.get_absolute_url()))
