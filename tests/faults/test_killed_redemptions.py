"""F06 of codes: whoever redeems or gives is killed at any moment; it is whole or not
there at all, and the same asked again is right."""

import os
import random
import signal
import time

import pytest

from crm.services import audit
from loyalty.choices import GrantSource
from loyalty.models import Code, Grant, Redemption
from loyalty.rules.allotment import NoShare
from loyalty.services import codes, grants, stock
from loyalty.services.grants import Wish
from tests.factories import CustomerFactory
from tests.faults import children
from tests.faults.mails import LONG
from tests.loyalty.reward_shop import NOW, code_for, make, open_shop, standing, use

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

KILLS = 20 if LONG else 8
CODES = 200


@pytest.mark.parametrize(
    ("owner", "name", "after"),
    [(codes, "_locked", True), (codes, "_new", False), (codes, "_new", True),
     (codes, "_set", True), (audit, "record", True)],
    ids=["locked", "before the row", "after the row", "after the grant", "at the end"],
)  # fmt: skip
def test_a_till_that_dies_in_the_middle_has_redeemed_nothing(owner, name, after):
    open_shop()
    code = code_for(make())

    def till():
        with children.dying(owner, name, after=after):
            codes.redeem(code, use("R-1"), now=NOW)

    assert children.run(till) == children.KILLED

    assert Redemption.objects.count() == 0
    assert Grant.objects.get().state == "code_issued"
    assert codes.redeem(code, use("R-1"), now=NOW).state == "redeemed"


@pytest.mark.parametrize(
    ("owner", "name", "after"),
    [(stock, "take", False), (stock, "take", True), (audit, "record_many", True)],
    ids=["before the stock", "after the stock", "at the end"],
)
@pytest.mark.parametrize(
    ("bound", "why"),
    [({"stock": 1}, NoShare.OUT_OF_STOCK), ({"yearly_budget": 3}, NoShare.OVER_BUDGET)],
)
def test_a_giver_that_dies_in_the_middle_has_given_nothing(
    owner, name, after, bound, why
):
    open_shop()
    reward = make(limit_per_customer=None, **bound)
    dana = CustomerFactory()
    wishes = [Wish(dana.pk, "race")]

    def give():
        with children.dying(owner, name, after=after):
            grants.give(reward.pk, wishes, source=GrantSource.PROGRAMME, now=NOW)

    assert children.run(give) == children.KILLED

    assert standing(reward) == (0, 0, 0)
    assert not Code.objects.exists()
    (grant,) = grants.give(reward.pk, wishes, source=GrantSource.PROGRAMME, now=NOW)
    assert (grant.state, standing(reward)) == ("code_issued", (1, 1, 2))
    more = [Wish(dana.pk, "another")]
    assert grants.give(reward.pk, more, source=GrantSource.PROGRAMME, now=NOW) == [why]


@pytest.mark.slow
def test_tills_that_are_killed_again_and_again_use_each_code_once():
    open_shop()
    reward, dana = make(limit_per_customer=None), CustomerFactory()
    wishes = [Wish(dana.pk, f"k{n}") for n in range(CODES)]
    given = grants.give(reward.pk, wishes, source=GrantSource.PROGRAMME, now=NOW)
    texts = [one.text for one in Code.objects.filter(grant__in=given).order_by("id")]

    def till():
        for number, text in enumerate(texts):
            codes.redeem(text, use(f"R-{number}"), now=NOW)

    for _ in range(KILLS):
        child = children.start(till)
        time.sleep(0.2 + random.random())
        os.kill(child, signal.SIGKILL)
        children.wait(child)
        used = Redemption.objects.filter(state="redeemed").count()
        assert used == Grant.objects.filter(state="done").count()
        assert used == Redemption.objects.count()
    assert children.run(till) == 0

    orders = Redemption.objects.order_by("code_id").values_list("order_key", flat=True)
    assert list(orders) == [f"R-{number}" for number in range(CODES)]
    assert standing(reward) == (CODES, CODES, 2 * CODES)
