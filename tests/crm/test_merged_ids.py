"""The id and the number of a merged record lead to the kept one; what came by them goes
back to it when the two part."""

import pytest
from django.test import Client

from crm.access import SCOPES
from crm.models import (
    Customer,
    Interaction,
    Order,
    OrderLine,
    OrderSum,
    Subscription,
)
from crm.services import api_tokens, merging
from tests.crm.test_import_history import HEAD
from tests.crm.test_import_history import take as take_history
from tests.crm.test_import_orders import take as take_orders
from tests.crm.test_import_subscriptions import history
from tests.crm.test_import_subscriptions import take as take_contracts
from tests.factories import NOW, CustomerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(db):
    _, key = api_tokens.issue(name="shop", scopes=list(SCOPES), now=NOW)
    return Client(headers={"Authorization": f"Bearer {key}"})


@pytest.fixture
def row(db):
    kept, dropped = CustomerFactory(external_id="K"), CustomerFactory(external_id="C1")
    return merging.merge(kept, dropped, now=NOW)


def post(api, path, body):
    return api.post(f"/api/v1/{path}/", body, content_type="application/json")


def an_order(number, customer):
    lines = [{"sku": "ETH-1", "quantity": "2", "unit_price": "12.50"}]
    return {"order_id": str(number), "customer_id": customer, "lines": lines,
            "ordered_at": f"2026-11-{number}T10:00:00Z"}  # fmt: skip


def owners(model):
    """Of each row, in the order of their days: the first is the dropped record's."""
    day = {"Order": "ordered_at", "OrderLine": "ordered_on"}.get(model.__name__)
    rows = model.objects.order_by(day or "happened_at", "pk")
    return list(rows.values_list("customer", flat=True))


def test_the_id_of_a_merged_record_leads_to_the_kept_one(api, row):
    here = f"/api/v1/customers/{row.dropped_id}/"

    assert api.get(here).json()["id"] == row.kept_id
    changed = api.patch(here, {"notes": "Tea"}, content_type="application/json")
    assert changed.json()["id"] == row.kept_id
    assert Customer.objects.get(pk=row.kept_id).notes == "Tea"
    found = api.get("/api/v1/customers/", {"external_id": "C1"}).json()["results"]
    assert [one["id"] for one in found] == [row.kept_id]


def test_an_erased_record_leads_nowhere(api, row):
    Customer.objects.filter(pk=row.kept_id).update(erased_at=NOW)

    assert api.get(f"/api/v1/customers/{row.dropped_id}/").status_code == 404


def test_conversations_by_the_old_id(api, row):
    said = {"customer": row.dropped_id, "channel": "call", "body": "Hello",
            "direction": "inbound"}  # fmt: skip
    assert post(api, "interactions", said).status_code == 201
    post(api, "interactions", {**said, "customer": row.kept_id, "body": "Again"})
    found = api.get("/api/v1/interactions/", {"customer": row.dropped_id}).json()
    assert [one["customer"] for one in found["results"]] == [row.kept_id] * 2

    merging.undo(row, now=NOW)

    assert owners(Interaction) == [row.dropped_id, row.kept_id]


def test_orders_by_the_old_number_go_back_with_it(api, row):
    for number, customer in ((19, "C1"), (20, "K")):
        assert post(api, "orders", an_order(number, customer)).status_code == 201
    assert owners(Order) == [row.kept_id] * 2

    merging.undo(row, now=NOW)

    assert owners(Order) == owners(OrderLine) == [row.dropped_id, row.kept_id]
    assert {one.customer_id: one.total for one in OrderSum.objects.all()} == {
        row.kept_id: 25, row.dropped_id: 25
    }  # fmt: skip


# A merge waits for imports until its commit.
@pytest.mark.django_db(transaction=True)
def test_orders_of_a_file_go_back_too(row, tmp_path):
    lines = ("O1,C1,2026-05-01,TEA,1,1", "O2,K,2026-05-02,TEA,1,1")
    take_orders(tmp_path, *lines)
    assert owners(Order) == [row.kept_id] * 2

    merging.undo(row, now=NOW)

    assert owners(Order) == owners(OrderLine) == [row.dropped_id, row.kept_id]


@pytest.mark.django_db(transaction=True)
def test_conversations_of_a_file_go_back_too(row, tmp_path):
    take_history(
        tmp_path,
        HEAD + "C1,2024-03-06,Meeting,,Tom,,Came\nK,2024-03-07,Meeting,,Tom,,Went\n",
    )
    assert owners(Interaction) == [row.kept_id] * 2

    merging.undo(row, now=NOW)

    assert owners(Interaction) == [row.dropped_id, row.kept_id]


@pytest.mark.django_db(transaction=True)
def test_what_came_to_a_record_that_was_merged_twice_goes_all_the_way(row, tmp_path):
    outer = merging.merge(CustomerFactory(), row.kept, now=NOW)
    take_orders(tmp_path, "O1,C1,2026-05-01,TEA,1,1")
    assert owners(Order) == [outer.kept_id]

    merging.undo(outer, now=NOW)
    assert owners(Order) == [row.kept_id]
    merging.undo(row, now=NOW)

    assert owners(Order) == [row.dropped_id]


@pytest.mark.django_db(transaction=True)
def test_a_history_of_contracts_goes_back_with_the_record_whose_number_it_named(
    row, tmp_path
):
    head = "subscription_id,customer_id,happened,plan,mrr,started_on,changed_on\n"

    report = take_contracts(
        tmp_path,
        head + "K1,C1,started,Pro,30,2026-01-01,2026-01-01\n"
        "K1,C1,paused,Pro,0,2026-01-01,2026-03-01\n",
    )

    assert (report.created, report.refused) == (1, 0)
    assert Subscription.objects.get().customer_id == row.kept_id
    assert [kind for kind, *_ in history()] == ["started", "paused"]
    merging.undo(row, now=NOW)
    assert Subscription.objects.get().customer_id == row.dropped_id
