"""Conditions with many choices look a few of them up and never read all."""

import re
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.forms import segments as builder
from crm.models import Product, Segment
from crm.segment_people import in_words, tree
from crm.services import companies
from crm.sql import distinct
from tests.desk.conftest import sign_up
from tests.factories import CustomerFactory
from tests.pages import read

NOW = datetime(2026, 11, 29, 9, tzinfo=UTC)
CHOSEN = {
    "company.one": lambda: str(
        companies.create_company(name="Mill Lane", domain="mill.test", now=NOW).pk
    ),
    "bought.product": lambda: (
        Product.objects.create(sku="MUG", name="Mug", category="Kitchen").sku
    ),
    "bought.category": lambda: (
        Product.objects.create(sku="POT", name="Pot", category="Kitchen").category
    ),
}
WORDS = {
    "company.one": "Mill Lane (mill.test)",
    "bought.product": "Mug (MUG)",
    "bought.category": "Kitchen",
}


@pytest.mark.django_db
@pytest.mark.parametrize("field", CHOSEN)
def test_the_table_of_the_choices_is_never_read_whole(field, client, monkeypatch):
    monkeypatch.setattr(builder, "MOST_BOXES", 2)
    monkeypatch.setattr(builder, "MOST_FOUND", 1)
    monkeypatch.setattr(builder, "MOST_COUNTED", 3)
    for number in range(6):
        Product.objects.create(
            sku=f"A{number}", name=f"Able {number}", category=f"Able {number}"
        )
        companies.create_company(name=f"Able {number}", now=NOW)
    value = CHOSEN[field]()
    condition = {"field": field, "is": "any_of", "values": [value]}
    row = Segment.objects.create(
        name="Chosen",
        conditions={"match": "all", "parts": [condition]},
        created_at=NOW,
        updated_at=NOW,
    )
    client.force_login(sign_up("mia", "manager"))
    url = f"/segments/{row.pk}/"
    sent = {"match": "all", "0.field": field, "0.is": "any_of", "0.values": value}

    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert in_words(tree(row)).endswith(WORDS[field])
        read(client.get("/segments/"), WORDS[field])
        read(client.get(url), WORDS[field])
        read(client.post(url, {**sent, "0.find": "able"}), "Many more have this")
        read(client.post(url, {**sent, "0.find": "able 2"}), "Able 2")
        saved = client.post(
            url, {**sent, "name": "Kept", "version": row.version, "do": "save"}
        )

    assert saved.status_code == 302
    of_choices = [
        each["sql"]
        for each in asked.captured_queries
        if re.search(r'^SELECT .*FROM "crm_(company|product)"', each["sql"])
    ]
    assert len(of_choices) >= 8
    bounded = re.compile(r" LIMIT \d+$| IN \(")
    assert [sql for sql in of_choices if not bounded.search(sql)] == []


@pytest.mark.django_db
def test_a_choice_that_is_gone_cannot_be_chosen_anew(client):
    client.force_login(sign_up("mia", "manager"))
    sent = {"name": "Of nobody", "match": "all", "0.field": "company.one"}

    page = client.post(
        "/segments/new/", {**sent, "0.is": "any_of", "0.values": "99", "do": "save"}
    )

    assert page.status_code == 422
    assert not Segment.objects.filter(name="Of nobody").exists()


@pytest.mark.django_db
def test_the_values_of_a_column_are_each_found_once():
    assert distinct.values_of("crm_customer", "source") == []

    for source in ["shop", "main", "shop", "aside", "main"]:
        CustomerFactory(source=source)

    assert distinct.values_of("crm_customer", "source") == ["aside", "main", "shop"]
