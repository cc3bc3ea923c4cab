"""Automations, steps, runs and the calendar for machines."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from crm.models import Customer
from crm.services import api_tokens
from messaging import kinds
from messaging.models import Automation, Message
from messaging.services import (
    automation_rows,
    automations,
    forecast_upkeep,
    planning,
    steps,
)
from tests.factories import CustomerFactory
from tests.messaging.delivering import deliver

NOW = datetime(2026, 5, 11, 12, tzinfo=UTC)
URL = "/api/v1/automations/"


@pytest.fixture(autouse=True)
def at_noon(settings, tmp_path, db):
    settings.MAIL_TRANSPORT = "outbox"
    settings.JOURNAL_FOLDER = tmp_path
    automations.ensure_automations()
    Customer.objects.all().delete()
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def row():
    return Automation.objects.get(kind="anniversary")


def key(*scopes):
    _, secret = api_tokens.issue(name="Shop", scopes=[*scopes], now=NOW)
    return {"authorization": f"Bearer {secret}"}


@pytest.fixture
def reads():
    return key("automations:read")


def patch(client, row, body, headers):
    return client.patch(
        f"{URL}{row.pk}/", body, content_type="application/json", headers=headers
    )


def test_an_automation_with_its_steps_and_without_whom_it_is_for(client, reads):
    made = automation_rows.create(kinds.get("welcome"), now=NOW)
    Automation.objects.filter(pk=made.pk).update(audience="q=Dana+Levi")

    one = client.get(f"{URL}{made.pk}/", headers=reads).json()
    every = client.get(f"{URL}?limit=200", headers=reads).json()["results"]

    assert one in every
    assert (one["kind"], one["is_on"]) == ("welcome", False)
    assert [step["position"] for step in one["steps"]] == [1, 2, 3]
    assert one["steps"][1]["wait_days"] > 0
    assert "Dana" not in str(every)


def test_the_list_asks_the_same_number_of_queries_for_more(
    client, reads, django_assert_max_num_queries
):
    for _ in range(5):
        automation_rows.create(kinds.get("welcome"), now=NOW)

    with django_assert_max_num_queries(8):
        client.get(URL, headers=reads)


def test_it_is_switched_by_name_so_that_twice_is_once(client, row):
    both = key("automations:read", "automations:switch")

    first = patch(client, row, {"is_on": True}, both)
    again = patch(client, row, {"is_on": True}, both)

    assert (first.status_code, first.json()["is_on"]) == (200, True)
    assert again.json() == first.json()
    CustomerFactory(since_on=date(2016, 5, 12), time_zone="UTC")
    planning.sweep(now=NOW)
    assert Message.objects.get().state == "planned"
    off = patch(client, row, {"is_on": False}, both)
    assert off.json()["is_on"] is False
    assert Message.objects.get().state == "superseded"


@pytest.mark.parametrize("body", [{}, {"is_on": None}, {"is_on": "perhaps"}])
def test_what_names_no_state_changes_nothing(client, row, body):
    answer = patch(client, row, body, key("automations:switch"))

    assert answer.status_code == 400
    row.refresh_from_db()
    assert not row.is_on


def test_an_archived_one_and_a_campaign_stay_off(client):
    archived = automation_rows.create(kinds.get("welcome"), now=NOW)
    automation_rows.archive(archived, now=NOW)
    campaign = automation_rows.create(kinds.get("campaign"), now=NOW)

    for one in (archived, campaign):
        refused = patch(client, one, {"is_on": True}, key("automations:switch"))
        assert refused.status_code == 409
        one.refresh_from_db()
        assert not one.is_on


@pytest.mark.parametrize("path", ["", "{pk}/", "{pk}/runs/"])
def test_each_needs_its_scope(client, row, reads, path):
    url = URL + path.format(pk=row.pk)

    assert client.get(url, headers=key("messages:read")).status_code == 403
    assert client.get(url, headers=reads).status_code == 200
    assert (
        client.get("/api/v1/calendar/", headers=key("messages:read")).status_code == 403
    )
    assert patch(client, row, {"is_on": True}, reads).status_code == 403


def test_who_is_under_way(client, row, reads):
    steps.add(row, version=row.version, wait_days=7, now=NOW)
    automations.switch_on(row, now=NOW)
    dana = CustomerFactory(since_on=date(2016, 5, 12), time_zone="UTC")
    planning.sweep(now=NOW)
    deliver(now=NOW.replace(day=12))

    url = f"{URL}{row.pk}/runs/"
    (found,) = client.get(url, headers=reads).json()["results"]

    assert (found["customer"], found["step"], found["state"]) == (dana.pk, 1, "open")
    for query, many in (
        ("state=open", 1), ("state=done", 0), (f"customer={dana.pk}", 1),
        (f"customer={dana.pk + 1}", 0),
    ):  # fmt: skip
        assert (
            len(client.get(f"{url}?{query}", headers=reads).json()["results"]) == many
        )
    assert client.get(f"{url}?state=lost", headers=reads).status_code == 400
    assert client.get(f"{URL}999999/runs/", headers=reads).status_code == 404


def test_the_calendar_is_the_one_that_people_see(client, row, reads):
    automations.switch_on(row, now=NOW)
    CustomerFactory(since_on=date(2016, 5, 20), time_zone="UTC")
    CustomerFactory(since_on=date(2016, 6, 20), time_zone="UTC", email="")
    forecast_upkeep.look_ahead(now=NOW)

    found = client.get("/api/v1/calendar/", headers=reads).json()

    assert not found["is_stale"]
    assert [
        (one["day"], one["verdict"], one["mails"], one["automation"])
        for one in found["days"]
    ] == [
        ("2026-05-20", "goes", 1, row.pk),
        ("2026-06-20", "refused", 1, row.pk),
    ]
    for query, many in (
        ("days=10", 1),
        ("days=60", 2),
        (f"automation={row.pk + 1}", 0),
    ):
        one = client.get(f"/api/v1/calendar/?{query}", headers=reads).json()
        assert len(one["days"]) == many
    for query in ("days=61", "days=x", "limit=5", "day=1"):
        answer = client.get(f"/api/v1/calendar/?{query}", headers=reads)
        assert answer.status_code == 400
