"""Contracts: what happens to them, what they brought when, and where they show."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from crm.access import SCOPES
from crm.errors import CustomerGone, SubscriptionExists, SubscriptionNotActive
from crm.models import AuditEntry, Subscription, SubscriptionChange
from crm.rules.choices import SubscriptionMove
from crm.services import api_tokens, subscriptions
from crm.signals import subscriptions_changed
from crm.sql import subscriptions as sql
from tests.crm.test_segments import asks, every, people
from tests.factories import NOW, CustomerFactory, UserFactory
from web.errors import InvalidValue, StaleVersion

TODAY = NOW.date()


def start(customer, value="29.90", on=date(2026, 1, 1), **more):
    row, _ = subscriptions.start(
        customer=customer, plan=more.pop("plan", "Pro"), value=Decimal(value),
        started_on=on, now=NOW, **more,
    )  # fmt: skip
    return row


def ask(*question, **more):
    return people(every(asks(*question, **more)), today=TODAY)


def spans(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


@pytest.fixture
def dana(db):
    return CustomerFactory(external_id="C1")


def test_every_month_knows_what_the_contract_brought(dana):
    row = start(dana)
    row = subscriptions.change(
        row, on=date(2026, 3, 1), value=Decimal("39.90"), now=NOW
    )
    row = subscriptions.pause(row, on=date(2026, 5, 1), reason="on leave", now=NOW)
    row = subscriptions.resume(row, on=date(2026, 6, 1), now=NOW)
    row = subscriptions.renew(row, on=date(2026, 7, 1), plan="Max", now=NOW)
    row = subscriptions.cancel(row, on=date(2026, 12, 31), reason="too dear", now=NOW)

    found = [
        (plan, str(value.normalize()), starts, ends)
        for _c, _s, _cur, plan, value, starts, ends in spans(sql.periods())
    ]
    assert sorted(found, key=lambda one: one[2]) == [
        ("Pro", "29.9", date(2026, 1, 1), date(2026, 3, 1)),
        ("Pro", "39.9", date(2026, 3, 1), date(2026, 5, 1)),
        ("Pro", "39.9", date(2026, 6, 1), date(2026, 7, 1)),
        ("Max", "39.9", date(2026, 7, 1), date(2026, 12, 31)),
    ]
    assert spans(sql.active_days(sql.of_customers([dana.pk]))) == [
        (dana.pk, date(2026, 1, 1), date(2026, 5, 1)),
        (dana.pk, date(2026, 6, 1), date(2026, 12, 31)),
    ]
    assert (row.state, row.renewed_on, row.reason, row.version) == (
        "cancelled", date(2026, 7, 1), "too dear", 6
    )  # fmt: skip
    kinds = AuditEntry.objects.filter(customer_id=dana.pk).order_by("pk")
    assert [entry.action for entry in kinds] == [
        f"subscription.{verb}"
        for verb in ("started", "changed", "paused", "resumed", "renewed", "cancelled")
    ]
    assert kinds[1].fields == ["value"]


def test_days_with_any_contract_are_spans_that_do_not_overlap(dana):
    first = start(dana)
    subscriptions.cancel(first, on=date(2026, 4, 1), now=NOW)
    start(dana, on=date(2026, 3, 1), plan="Second")

    assert spans(sql.active_days()) == [(dana.pk, date(2026, 1, 1), None)]


def test_what_cannot_be_is_refused_and_changes_nothing(dana):
    row = start(dana)
    paused = subscriptions.pause(row, on=TODAY, now=NOW)
    early, ahead = date(2026, 2, 1), TODAY + timedelta(days=1)

    for service, on, error in (
        (subscriptions.pause, TODAY, SubscriptionNotActive),
        (subscriptions.renew, TODAY, SubscriptionNotActive),
        (subscriptions.change, TODAY, SubscriptionNotActive),
        (subscriptions.resume, early, InvalidValue),
        (subscriptions.resume, ahead, InvalidValue),
        (subscriptions.cancel, early, InvalidValue),
    ):
        with pytest.raises(error):
            service(paused, on=on, now=NOW)
    with pytest.raises(StaleVersion):
        subscriptions.resume(paused, on=TODAY, version=1, now=NOW)
    for value in ("-1", "29.905", "NaN", "1e11"):
        with pytest.raises(InvalidValue) as caught:
            start(dana, value=value)
        assert caught.value.fields == {"value": "number_out_of_range"}
    with pytest.raises(CustomerGone):
        start(CustomerFactory(erased_at=NOW))
    assert SubscriptionChange.objects.count() == 2


def test_the_same_id_of_a_source_is_the_same_contract(dana):
    row = start(dana, external_id="K1")
    subscriptions.change(row, on=TODAY, value=Decimal(50), now=NOW)

    assert start(dana, external_id="K1") == row
    with pytest.raises(SubscriptionExists):
        start(dana, external_id="K1", value="31")
    assert start(dana, external_id="K1", source="till") != row
    assert row.changes.count() == 2


def test_a_cancellation_ahead_may_be_taken_back(dana):
    end = TODAY + timedelta(days=40)
    row = subscriptions.cancel(start(dana), on=end, now=NOW)

    assert subscriptions.cancel(row, on=end, now=NOW).version == 2
    with pytest.raises(SubscriptionNotActive):
        subscriptions.cancel(row, on=TODAY, now=NOW)
    assert ask("contract.active", "yes") == {"C1"}
    subscriptions.resume(row, on=end, now=NOW)
    assert spans(sql.active_days()) == [(dana.pk, date(2026, 1, 1), None)]


def test_the_database_refuses_what_is_wrong(dana):
    row = start(dana)
    wrong = [
        lambda: Subscription.objects.update(value=-1),
        lambda: Subscription.objects.update(currency="eur"),
        lambda: Subscription.objects.update(state="cancelled"),
        lambda: Subscription.objects.update(cancelled_on=TODAY),
        lambda: Subscription.objects.update(plan=""),
        lambda: SubscriptionChange.objects.update(kind="paused"),
        lambda: subscriptions._append(row, SubscriptionMove.STARTED, TODAY, NOW),
    ]

    for one in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            one()


def test_those_who_listen_are_told_who_changed(dana):
    told = []

    def listen(customer_ids, **kwargs):
        told.append(customer_ids)

    subscriptions_changed.connect(listen)
    try:
        subscriptions.pause(start(dana), on=TODAY, now=NOW)
    finally:
        subscriptions_changed.disconnect(listen)

    assert told == [[dana.pk], [dana.pk]]


def test_staff_add_change_and_cancel_one_on_the_page(client, dana):
    client.force_login(UserFactory(role="agent"))
    made = client.post(
        f"/customers/{dana.pk}/contracts/new/",
        {"plan": "Pro", "value": "29.90", "currency": "EUR",
         "started_on": "2026-01-01"},
    )  # fmt: skip
    row = Subscription.objects.get()
    page = f"/customers/{dana.pk}/contracts/{row.pk}/"
    assert (made.status_code, made.url) == (303, page)
    form = {"plan": "Max", "value": "39.90", "on": "2026-03-01", "version": 1}

    assert client.post(f"{page}change/", form).status_code == 303
    again = client.post(f"{page}change/", form)
    assert again.status_code == 422
    assert "somebody else" in again.content.decode().lower()
    late = client.post(f"{page}cancel/", {"on": "2026-02-01", "version": 2})
    assert "not before the last one" in late.content.decode()
    cancelled = {"on": "2026-04-01", "version": 2, "reason": "too dear"}
    assert client.post(f"{page}cancel/", cancelled).status_code == 303

    shown = client.get(page).content.decode()
    assert "too dear" in shown
    assert "Resume…" in shown
    assert "Renew…" not in shown
    assert client.get(f"{page}dance/").status_code == 404
    person = client.get(dana.get_absolute_url()).content.decode()
    assert "Contract cancelled" in person
    assert "€39.90 a month" in person


def test_segments_ask_about_contracts(db):
    some = {name: CustomerFactory(external_id=name) for name in "abcd"}
    start(some["a"], value="20")
    start(some["a"], value="15", plan="Max")
    over = start(some["b"], value="99")
    subscriptions.cancel(over, on=TODAY - timedelta(days=5), now=NOW)
    subscriptions.pause(start(some["c"]), on=TODAY, now=NOW)

    assert ask("contract.active", "yes") == {"a"}
    assert ask("contract.active", "no") == {"b", "c", "d"}
    assert ask("contract.plan", "any_of", "Max") == {"a"}
    assert ask("contract.plan", "none_of", "Max") == {"b", "c", "d"}
    assert ask("contract.value", "at_least", "35", currency="EUR") == {"a"}
    assert ask("contract.value", "at_most", "34", currency="EUR") == {"b", "c", "d"}
    assert ask("contract.value", "at_least", "1", currency="USD") == set()
    week = {"period": {"count": 7, "unit": "days"}}
    assert ask("contract.cancelled", "in_last", **week) == {"b"}
    assert ask("contract.cancelled", "not_in_last", **week) == set()
    assert ask("contract.cancelled", "unknown") == {"a", "c", "d"}


# --- The API -------------------------------------------------------------------------


def test_machines_start_and_cancel_one_and_twice_is_once(dana):
    merged = CustomerFactory(merged_into=dana)
    _, secret = api_tokens.issue(name="billing", scopes=list(SCOPES), now=NOW)
    given = {
        "external_id": "K1", "customer": merged.pk, "plan": "Pro", "value": "29.90",
        "currency": "EUR", "started_on": "2026-01-01",
    }  # fmt: skip

    def post(path, body):
        return Client().post(
            f"/api/v1/subscriptions/{path}", body, content_type="application/json",
            headers={"Authorization": f"Bearer {secret}"},
        )  # fmt: skip

    made, again = post("", given), post("", given)
    assert (made.status_code, again.status_code) == (201, 200)
    assert made.json()["value"] == "29.90"
    assert (made.json()["customer"], made.json()["id"]) == (dana.pk, again.json()["id"])
    assert post("", {**given, "value": "1"}).json()["code"] == "subscription_exists"
    one = f"{made.json()['id']}/"
    assert post(f"{one}change/", {"on": "2026-02-01", "value": "35"}).status_code == 200
    assert post(f"{one}pause/", {"on": "2026-03-01"}).json()["state"] == "paused"
    late = post(f"{one}renew/", {"on": "2026-03-02"})
    assert late.json()["code"] == "subscription_not_active"
    assert post(f"{one}resume/", {"on": "2026-04-01"}).json()["state"] == "active"
    assert post(f"{one}renew/", {"on": "2026-05-01"}).json()["renewed_on"]
    wrong = post(f"{one}cancel/", {"on": "2026-05-02", "version": 1})
    assert wrong.status_code in (409, 412)
    ended = post(f"{one}cancel/", {"on": "2026-05-02", "reason": "too dear"}).json()
    assert (ended["state"], ended["cancelled_on"]) == ("cancelled", "2026-05-02")
    listed = Client().get(
        f"/api/v1/subscriptions/?customer={dana.pk}",
        headers={"Authorization": f"Bearer {secret}"},
    )
    assert [row["reason"] for row in listed.json()["results"]] == ["too dear"]
