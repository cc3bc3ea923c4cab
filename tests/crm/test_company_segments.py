"""Segments of people of a company that is chosen by its name."""

import pytest

from crm import segment_people
from crm.forms import segments as builder
from crm.models import Segment
from crm.services import companies
from tests.crm.test_segments import asks, every, people
from tests.desk.conftest import sign_up
from tests.factories import NOW, CustomerFactory
from tests.pages import read

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme():
    """Two companies of one name, of different domains, with a person each."""
    made = []
    for number, domain in enumerate(("acme.example", "acme.test")):
        company = companies.create_company(name="Acme, Ltd", domain=domain, now=NOW)
        customer = CustomerFactory(external_id=f"C{number}")
        companies.link(company, customer, role="", now=NOW)
        made.append(company)
    CustomerFactory(external_id="C2")
    return made


def one_of(is_, *rows):
    return every(asks("company.one", is_, *(str(row.pk) for row in rows)))


def test_people_of_one_of_two_companies_of_a_name(acme):
    assert people(one_of("any_of", acme[0])) == {"C0"}
    assert people(one_of("any_of", *acme)) == {"C0", "C1"}
    assert people(one_of("none_of", acme[1])) == {"C0", "C2"}

    companies.delete_company(acme[0], now=NOW)
    row = Segment(name="Of nobody", conditions=one_of("any_of", acme[1]))
    companies.delete_company(acme[1], now=NOW)
    assert segment_people.count(row, today=NOW.date()) == 0


def test_a_company_is_found_by_name_where_there_are_many(acme, client, monkeypatch):
    monkeypatch.setattr(builder, "MOST_BOXES", 1)
    client.force_login(sign_up("mia", "manager"))
    sent = {"match": "all", "0.field": "company.one", "0.is": "any_of"}

    def boxes(**more):
        page = client.post("/segments/new/", {**sent, **more})
        row = page.context["tree"].parts[0]
        return [(one.label, one.is_chosen) for one in row.choices], page

    assert boxes()[0] == []
    found, _ = boxes(**{"0.find": "ACME.T"})
    assert found == [("Acme, Ltd (acme.test)", False)]
    pk = str(acme[1].pk)
    chosen, page = boxes(**{"0.find": "nowhere", "0.values": pk})
    assert chosen == [("Acme, Ltd (acme.test)", True)]
    assert "Belongs to the company: Acme, Ltd (acme.test)." in read(page)
    monkeypatch.setattr(builder, "MOST_FOUND", 1)
    found, page = boxes(**{"0.find": "acme"})
    assert found == [("Acme, Ltd (acme.example)", False)]
    assert "One more has this in its name" in read(page)
    assert "None has this in its name" in read(boxes(**{"0.find": "zzz"})[1])

    client.post(
        "/segments/new/", {**sent, "name": "Acme", "0.values": pk, "do": "save"}
    )
    assert Segment.objects.get(name="Acme").conditions["parts"][0]["values"] == [pk]
