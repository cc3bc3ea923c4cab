"""Whoever waits too long for a row that others hold is told so, and presses again."""

from contextlib import contextmanager

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from crm.services import api_tokens
from loyalty.errors import BalanceTooLow
from loyalty.models import Entry, Grant, Redemption
from loyalty.services.programmes import members, spending
from loyalty.services.programmes.spending import Wanted
from tests.factories import CustomerFactory, UserFactory
from tests.loyalty.programme_shop import earn, programme
from tests.loyalty.reward_shop import code_for, make, open_shop, standing
from tests.loyalty.test_till_codes import hidden, redeem
from tests.pages import read
from web.errors import Busy

pytestmark = pytest.mark.django_db(transaction=True)

MANY = "Many are doing this at the same moment"
KEPT = "Nothing was changed; press again"


@pytest.fixture
def desk(client):
    open_shop()
    client.force_login(UserFactory(role="owner", name="Noa"))
    return client


@contextmanager
def held(row):
    """Somebody else has this row for longer than we may wait, which is little here."""
    theirs = connection.copy()
    theirs.set_autocommit(False)
    query = f"SELECT FROM {row._meta.db_table} WHERE id = %s FOR NO KEY UPDATE"
    with connection.cursor() as ours, theirs.cursor() as cursor:
        cursor.execute(query, [row.pk])
        ours.execute("SET lock_timeout = '50ms'")
        try:
            yield
        finally:
            ours.execute("RESET lock_timeout")
            theirs.close()


def test_a_reward_given_by_hand_while_many_want_it_is_given_when_pressed_again(desk):
    reward, dana = make(yearly_budget=2), CustomerFactory()
    url = f"/customers/{dana.pk}/rewards/"
    form = {"reward": reward.pk, "reason": "Patience"}
    form["once"] = hidden(read(desk.get(url)), "once")

    with held(reward):
        read(desk.post(url, form), MANY, KEPT, "Patience", status=422)
    assert standing(reward) == (0, 0, 0)

    assert [desk.post(url, form).status_code for _ in range(2)] == [303, 303]
    assert standing(reward) == (1, 1, 2)


def test_a_code_at_the_till_stays_there_with_what_was_typed(desk):
    code = code_for(make(), now=timezone.now())
    _page, form = redeem(desk, code)
    form["receipt"] = "R-7"

    with held(Grant.objects.get()):
        page = read(
            desk.post("/till/redeem/", form),
            MANY, KEPT, "10% off", 'value="R-7"', status=422,
        )  # fmt: skip
    assert Redemption.objects.count() == 0

    form = {name: hidden(page, name) for name in ("code", "once")} | {"receipt": "R-7"}
    read(desk.get(desk.post("/till/redeem/", form)["Location"]), "Redeemed")
    assert Redemption.objects.get().order_key == "R-7"


def test_a_shop_sends_it_again(db):
    open_shop()
    code = code_for(make(), now=timezone.now())
    _row, key = api_tokens.issue(
        name="shop", scopes=["codes:redeem"], now=timezone.now()
    )

    def send():
        return Client(raise_request_exception=False).post(
            "/api/v1/codes/redeem/", {"code": code, "order": "1001"},
            content_type="application/json",
            headers={"Authorization": f"Bearer {key}", "Idempotency-Key": "1001"},
        )  # fmt: skip

    with held(Grant.objects.get()):
        busy = send()
    done = send()

    assert (busy.status_code, busy.json()["code"]) == (409, "busy")
    assert (done.status_code, done.json()["state"]) == (200, "redeemed")


def test_points_that_others_spend_at_the_moment_are_spent_later_or_not_at_all(db):
    open_shop()
    now, club = timezone.now(), programme()
    dana = CustomerFactory()
    earn(dana, club, 100, now)
    member = members.member_of(club, dana, now=now)
    wanted = Wanted(amount=60, key="a")

    with held(member), pytest.raises(Busy):
        spending.spend(member, wanted, now=now)
    assert Entry.objects.count() == 1

    spending.spend(member, wanted, now=now)
    with pytest.raises(BalanceTooLow):
        spending.spend(member, Wanted(amount=60, key="b"), now=now)
