"""Balances over the API and the command: sent again is the same answer."""

import io
import json
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from crm.services import api_tokens
from loyalty import tasks
from loyalty.choices import EarnEvent
from loyalty.models import Entry, Lot
from loyalty.services.programmes import joining, rules
from tests.factories import CustomerFactory
from tests.loyalty.programme_shop import (
    START,
    balance,
    buy,
    earn,
    member,
    open_shop,
    people,
    programme,
    work,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shop(db):
    open_shop()


@pytest.fixture
def send():
    _row, key = api_tokens.issue(
        name="shop", scopes=["balances:read", "balances:write"], now=timezone.now()
    )
    client = Client(
        raise_request_exception=False, headers={"Authorization": f"Bearer {key}"}
    )

    def act(what, body=None, **headers):
        if body is None:
            return client.get(f"/api/v1/balances/{what}")
        return client.post(
            f"/api/v1/balances/{what}/", body, content_type="application/json",
            headers=headers,
        )  # fmt: skip

    return act


def test_a_balance_is_read_kept_used_and_given_back(send):
    made = programme(worth=Decimal("0.5"))
    dana = CustomerFactory()
    buy(dana, ("TEA", 1, 20))
    work()
    asked = {"customer": dana.pk, "programme": made.pk, "key": "basket-1"}

    kept = send("reserve", {**asked, "amount": "8", "order": "1001"})
    again = send("reserve", {**asked, "amount": "8", "order": "1001"})
    (there,) = send(f"?customer={dana.pk}").json()["balances"]
    used = send("commit", asked).json()
    other = send("spend", {**asked, "amount": "9", "order": "1001"})
    more = send("spend", {**asked, "key": "basket-2", "amount": "13"})
    freed = send("release", asked).json()

    assert kept.status_code == 200, kept.content
    assert again.json()["id"] == kept.json()["id"]
    assert Decimal(there["spendable"]) == 12
    assert Decimal(there["worth"]) == 6
    assert (used["state"], Decimal(used["units"]), Decimal(used["pays"])) == (
        "committed", 8, 4,
    )  # fmt: skip
    assert (other.status_code, other.json()["code"]) == (409, "spending_differs")
    assert (more.status_code, more.json()["code"]) == (409, "balance_too_low")
    assert freed["state"] == "released"
    assert balance(dana) == 20


def test_a_step_earns_once_also_by_the_number_of_a_merged_record(send):
    made = programme()
    rules.add(made, event=EarnEvent.STEP, key="profile", values={"units": 5}, now=START)
    dana = CustomerFactory()
    gone = CustomerFactory(merged_into=dana)
    body = {"programme": made.pk, "event": "step", "key": "profile"}

    first = send("earn", {**body, "customer": gone.pk}, **{"Idempotency-Key": "k"})
    again = send("earn", {**body, "customer": dana.pk})
    unknown = send("earn", {**body, "customer": dana.pk, "key": "other"})

    assert first.status_code == 200, first.content
    assert first.json()["id"] == again.json()["id"]
    assert (unknown.status_code, Entry.objects.count()) == (404, 1)


@pytest.mark.parametrize(
    ("event", "key"), [("review", ""), ("occasion", "birthday"), ("order", "")]
)
def test_what_earns_by_itself_is_not_ticked_too(send, event, key):
    made = programme()
    if event != "order":
        rules.add(made, event=EarnEvent(event), key=key, values={"units": 5}, now=START)
    body = {"programme": made.pk, "event": event, "key": key, "once": "1"}

    refused = send("earn", {**body, "customer": CustomerFactory().pk})

    assert refused.status_code == 400, refused.content
    assert "event" in refused.json()["fields"]
    assert not Entry.objects.exists()


def test_the_ledger_is_read_page_by_page_also_of_who_left(send):
    made = programme(takes_part="joining")
    dana = CustomerFactory()
    earn(dana, made, 5, START)
    earn(dana, made, 7, START)
    joining.leave(member(dana), now=timezone.now())
    asked = f"entries/?customer={dana.pk}&programme={made.pk}&limit=1"

    (there,) = send(f"?customer={dana.pk}").json()["balances"]
    first = send(asked).json()
    second = send(f"{asked}&after={first['next_after']}").json()
    other = send(f"entries/?customer={CustomerFactory().pk}&programme={made.pk}")

    assert Decimal(there["balance"]) == 12
    assert there["left_at"]
    rows = first["results"] + second["results"]
    assert [(row["kind"], Decimal(row["amount"])) for row in rows] == [
        ("earned", 5), ("earned", 7),
    ]  # fmt: skip
    assert second["next_after"] is None
    assert other.status_code == 404


def test_nothing_is_told_of_nobody_and_without_the_scope(send):
    _row, key = api_tokens.issue(name="x", scopes=["codes:redeem"], now=timezone.now())
    refused = Client().get(
        "/api/v1/balances/?customer=1", headers={"Authorization": f"Bearer {key}"}
    )

    assert send("?customer=999999").status_code == 404
    assert refused.status_code == 403


def test_the_command_says_what_is_outstanding_and_finds_what_is_wrong():
    programme()
    dana, noa = people()
    buy(dana, ("TEA", 1, 20), order="A-1")
    buy(noa, ("TEA", 1, 5), order="A-2")
    work()
    output = io.StringIO()
    call_command("balances", "--check", "--json", stdout=output)
    found = json.loads(output.getvalue())
    assert tasks.check_balances() == 0

    Lot.objects.filter(membership__customer=dana).update(left=19)

    assert (found["programmes"][0]["units"], found["wrong"]) == ("25.0000", [])
    assert tasks.check_balances() == 1
    with pytest.raises(SystemExit):
        call_command("balances", "--check", stdout=io.StringIO())
