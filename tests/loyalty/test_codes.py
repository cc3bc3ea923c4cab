"""Codes are good once, for one person, for one order, until a day is over."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from loyalty.choices import RedeemedBy
from loyalty.errors import (
    CodeBelowMinimum,
    CodeDoesNotStack,
    CodeExpired,
    CodeForOtherProducts,
    CodeKept,
    CodeOtherCurrency,
    CodeTakenBack,
    CodeUnknown,
    CodeUsed,
)
from loyalty.models import Grant, Redemption
from loyalty.services import code_tries, codes, grants, rewards
from tests.factories import (
    CustomerFactory,
    OrderLineFactory,
    ProductFactory,
    UserFactory,
)
from tests.loyalty.reward_shop import NOW, code_for, give, make, open_shop, use
from web.errors import InvalidValue, TooManyAttempts

MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _shop(db):
    open_shop()


def state_of(code):
    return Grant.objects.get(code__text=code).state


def test_a_code_is_used_once_and_the_second_is_told_when():
    code = code_for(make())

    first = codes.redeem(code.lower().replace("-", " "), use("R-1"), now=NOW)
    with pytest.raises(CodeUsed) as refused:
        codes.redeem(code, use("R-2"), now=NOW + MINUTE)
    with pytest.raises(CodeUsed):
        codes.check(code, now=NOW + MINUTE)

    assert refused.value.redemption == first
    assert (state_of(code), Redemption.objects.count()) == ("done", 1)


def test_the_same_order_again_is_the_same_answer():
    code = code_for(make())

    first = codes.redeem(code, use("R-1"), now=NOW)
    again = codes.redeem(code, use("R-1"), now=NOW + 3 * MINUTE)

    assert (again.pk, again.redeemed_at) == (first.pk, NOW)


def test_a_code_is_kept_for_one_order_for_half_an_hour():
    code = code_for(make())

    codes.reserve(code, use("R-1"), now=NOW)
    with pytest.raises(CodeKept):
        codes.redeem(code, use("R-2"), now=NOW + 29 * MINUTE)
    used = codes.redeem(code, use("R-2"), now=NOW + 31 * MINUTE)

    assert used.order_key == "R-2"
    states = Redemption.objects.order_by("id").values_list("order_key", "state")
    assert list(states) == [("R-1", "released"), ("R-2", "redeemed")]


def test_a_freed_code_is_good_again_and_freeing_twice_is_once():
    code = code_for(make())
    codes.redeem(code, use("R-1"), now=NOW)

    freed = codes.release(code, use("R-1"), now=NOW)
    again = codes.release(code, use("R-1"), now=NOW)
    with pytest.raises(CodeUnknown):
        codes.release(code, use("R-9"), now=NOW)

    assert freed.pk == again.pk
    assert state_of(code) == "code_issued"
    codes.redeem(code, use("R-2"), now=NOW)


def test_nobody_is_told_that_a_code_is_somebody_elses():
    dana, code = CustomerFactory(), code_for(make())

    for text in (code, "2222-2222-2222"):
        with pytest.raises(CodeUnknown) as refused:
            codes.redeem(text, use(customer=dana.pk), now=NOW)
        assert str(refused.value) == "There is no such code."


def test_a_code_of_the_pool_that_nobody_has_is_none():
    reward = make(fulfilment="pool")
    rewards.add_codes(reward, ["TEA-0001"], now=NOW)

    with pytest.raises(CodeUnknown):
        codes.redeem("TEA-0001", use(), now=NOW)


def test_a_code_is_good_to_the_last_second_of_the_shops_day_and_not_one_longer():
    open_shop("Pacific/Auckland")
    reward, end = make(life_days=1), datetime(2026, 12, 1, 11, tzinfo=UTC)
    early, late, kept = (code_for(reward) for _ in range(3))

    codes.redeem(early, use("R-1"), now=end - timedelta(seconds=1))
    codes.reserve(kept, use("R-3"), now=end - MINUTE)
    with pytest.raises(CodeExpired):
        codes.redeem(late, use("R-2"), now=end)
    grants.expire(now=end)

    # What was kept in time is used in its half hour.
    codes.redeem(kept, use("R-3"), now=end + MINUTE)
    assert state_of(late) == "expired"


def test_what_was_taken_back_says_so():
    (grant,) = give(make())
    grants.take_back(grant, by=None, now=NOW)

    with pytest.raises(CodeTakenBack):
        codes.check(grant.code.text, now=NOW)


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"total": Decimal("29.99"), "currency": "EUR"}, CodeBelowMinimum),
        ({"total": Decimal(99), "currency": "USD"}, CodeOtherCurrency),
        # Whoever asks has to say what the order comes to.
        ({}, InvalidValue),
    ],
)
def test_an_order_must_be_what_the_code_asks_for(more, error):
    code = code_for(make(minimum=Decimal(30)))

    with pytest.raises(error):
        codes.redeem(code, use(**more), now=NOW)
    codes.reserve(code, use(total=Decimal(30), currency="EUR"), now=NOW)
    # It was told when it was kept.
    assert codes.redeem(code, use(), now=NOW).order_total == 30


def test_a_discount_for_some_products_is_for_an_order_with_one_of_them():
    reward, dana = make(), CustomerFactory()
    reward.products.add(ProductFactory(sku="KENYA"))
    code = code_for(reward, dana)
    OrderLineFactory(
        order__external_id="R-1", order__customer=dana,
        product__sku="MUG",
    )  # fmt: skip

    for order in (use("R-2", products=frozenset({"MUG"})), use("R-1")):
        with pytest.raises(CodeForOtherProducts):
            codes.redeem(code, order, now=NOW)
    assert codes.reserve(code, use("R-3"), now=NOW).state == "reserved"
    codes.release(code, use("R-3"), now=NOW)
    codes.redeem(code, use("R-2", products=frozenset({"MUG", "KENYA"})), now=NOW)


@pytest.mark.parametrize(("one", "other"), [(False, False), (True, False)])
def test_two_offers_do_not_add_up_in_one_order(one, other):
    first, second = code_for(make(stacks=one)), code_for(make("B", stacks=other))

    codes.redeem(first, use("R-1"), now=NOW)
    with pytest.raises(CodeDoesNotStack):
        codes.redeem(second, use("R-1"), now=NOW)
    codes.redeem(second, use("R-2"), now=NOW)


def test_offers_that_say_so_and_gifts_add_up():
    offers = [code_for(make(name, stacks=True)) for name in "AB"]
    gift = code_for(make("C", kind="sample"))

    for code in (*offers, gift):
        codes.redeem(code, use("R-1"), now=NOW)


def test_an_undo_at_the_till_is_for_a_quarter_of_an_hour():
    noa, code = UserFactory(), code_for(make())
    by_till = use("t-1", via=RedeemedBy.TILL, user=noa)
    used = codes.redeem(code, by_till, now=NOW)

    with pytest.raises(CodeUsed):
        codes.undo(used, user=noa, now=NOW + 15 * MINUTE)
    assert codes.undo(used, user=noa, now=NOW + 14 * MINUTE).state == "released"


def test_ten_wrong_tries_slow_down_and_right_ones_do_not_count():
    code = code_for(make())

    def look(text):
        with code_tries.counted(client="a", shop="s", now=NOW):
            codes.check(text, now=NOW)

    for _ in range(12):
        look(code)
    for _ in range(10):
        with pytest.raises(CodeUnknown):
            look("2222-2222-2222")
    with pytest.raises(TooManyAttempts):
        look(code)
