"""Codes over the API: sent again is the same answer; of others nothing is told."""

import pytest
from django.test import Client
from django.utils import timezone

from crm.services import api_tokens
from loyalty.models import Redemption
from loyalty.services.rewards import Words
from tests.factories import CustomerFactory, ProductFactory
from tests.loyalty.reward_shop import code_for, make, open_shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def send(db):
    open_shop()
    _row, key = api_tokens.issue(
        name="shop", scopes=["codes:redeem"], now=timezone.now()
    )

    def post(what, body, **headers):
        return Client(raise_request_exception=False).post(
            f"/api/v1/codes/{what}/", body, content_type="application/json",
            headers={"Authorization": f"Bearer {key}", **headers},
        )  # fmt: skip

    return post


def code(**values):
    return code_for(make(**values), now=timezone.now())


def test_a_code_is_checked_kept_redeemed_and_freed(send):
    text = code(life_days=30)

    checked = send("check", {"code": text.lower()}).json()
    kept = send("reserve", {"code": text, "order": "1001"}).json()
    other = send("redeem", {"code": text, "order": "1002"})
    used = send("redeem", {"code": text, "order": "1001"})
    again = send("redeem", {"code": text, "order": "1001"})
    freed = send("release", {"code": text, "order": "1001"}).json()

    assert (checked["percent"], checked["amount"]) == ("10.00", None)
    assert (kept["state"], kept["kept_until"] is not None) == ("reserved", True)
    assert (other.status_code, other.json()["code"]) == (409, "code_kept")
    assert used.json() == again.json()
    assert used.json()["state"] == "redeemed"
    assert (freed["state"], Redemption.objects.count()) == ("released", 1)


def test_a_shop_says_what_is_in_the_order_and_reads_what_the_code_is_for(send):
    reward = make(words={"he": Words("", terms="לא על ערכות.")})
    reward.products.add(ProductFactory(sku="KENYA", name="Kenya"))
    text = code_for(reward, CustomerFactory(language="he"), now=timezone.now())
    body = {"code": text, "order": "1001"}

    checked = send("check", {"code": text}).json()
    other = send("redeem", body | {"products": ["MUG"]})
    used = send("redeem", body | {"products": ["MUG", "KENYA"]})

    assert checked["conditions"].startswith("לא על ערכות. רק על Kenya.")
    assert (other.status_code, other.json()["code"]) == (409, "code_other_products")
    assert used.json()["state"] == "redeemed"


def test_the_same_key_is_answered_once_and_a_refusal_keeps_its_count(send):
    text = code()
    body = {"code": text, "order": "1001", "client": "visitor-1"}

    first = send("redeem", body, **{"Idempotency-Key": "k"})
    again = send("redeem", body, **{"Idempotency-Key": "k"})
    wrong = [
        send("redeem", body | {"code": "2222-2222-2222"}, **{"Idempotency-Key": f"{n}"})
        for n in range(11)
    ]
    elsewhere = send("check", {"code": "3333-3333-3333", "client": "visitor-2"})

    assert first.json() == again.json()
    assert again["Idempotency-Replayed"] == "true"
    assert [one.status_code for one in wrong] == [404] * 10 + [429]
    assert elsewhere.status_code == 404


def test_somebody_elses_code_is_answered_as_one_that_is_none(send):
    dana, text = CustomerFactory(), code()

    theirs = send("check", {"code": text, "customer": dana.pk})
    none = send("check", {"code": "2222-2222-2222", "customer": dana.pk})

    assert theirs.status_code == none.status_code == 404
    assert theirs.json() == none.json()


def test_a_key_without_the_scope_redeems_nothing(send):
    _row, key = api_tokens.issue(
        name="other", scopes=["customers:read"], now=timezone.now()
    )
    answer = Client().post(
        "/api/v1/codes/check/", {"code": code()}, content_type="application/json",
        headers={"Authorization": f"Bearer {key}"},
    )  # fmt: skip

    assert answer.status_code == 403
