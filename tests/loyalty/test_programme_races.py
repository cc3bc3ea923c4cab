"""One balance under many at once: spent exactly, and every loser is told why."""

from decimal import Decimal

import pytest

from loyalty.errors import BalanceTooLow, RewardRefused
from loyalty.models import Grant, ProgrammeReward, Spending
from loyalty.services.programmes import offers, orders, spending
from loyalty.services.programmes.spending import Wanted
from tests.factories import CustomerFactory
from tests.faults.mails import LONG
from tests.loyalty import reward_shop
from tests.loyalty.programme_shop import (
    START,
    at,
    balance,
    buy,
    card,
    entries,
    member,
    open_shop,
    programme,
    work,
)
from tests.loyalty.test_reward_races import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

ATTEMPTS = 50 * 200 if LONG else 120
NOW = at("2026-03-05")


def test_many_who_spend_one_balance_get_what_is_there_and_no_more():
    """100 at 7 each: 14 get theirs, 2 are left."""
    open_shop()
    programme()
    dana = CustomerFactory()
    buy(dana, ("TEA", 1, 100))
    work("2026-03-02")
    ours = member(dana)

    def attempt(number):
        try:
            return spending.spend(
                ours, Wanted(amount=Decimal(7), key=f"k{number}"), now=NOW
            )
        except BalanceTooLow as error:
            return error.spendable

    answers = at_once(attempt, ATTEMPTS)

    won = [one for one in answers if isinstance(one, Spending)]
    assert len(won) == 14
    assert {one for one in answers if not isinstance(one, Spending)} == {2}
    assert balance(dana) == 2


def offer(made, price, **values):
    """A reward of the programme, as it is taken."""
    reward = reward_shop.make("Coffee", kind="product", **values)
    offers.offer(made, reward, price=Decimal(price), now=START)
    return made.offers.get()


def taken(member, wanted, key):
    """The spending, or why there is none."""
    try:
        return spending.take_reward(member, wanted, key=key, now=NOW)
    except (BalanceTooLow, RewardRefused) as error:
        return error


def test_the_last_stamp_of_a_card_is_taken_once():
    """A full card of ten and nothing more: one coffee, and all others are told that
    nothing is left."""
    open_shop()
    made = card(rule={"units": 1, "measure": "item"})
    coffee = offer(made, 10, limit_per_customer=None)
    dana = CustomerFactory()
    buy(dana, ("LATTE", 10, 4))
    work("2026-03-02")
    ours = member(dana)

    answers = at_once(lambda number: taken(ours, coffee, f"k{number}"), ATTEMPTS)

    won = [one for one in answers if isinstance(one, Spending)]
    lost = [one for one in answers if isinstance(one, BalanceTooLow)]
    assert (len(won), len(lost)) == (1, ATTEMPTS - 1)
    assert {one.spendable for one in lost} == {0}
    assert Grant.objects.count() == 1
    assert balance(dana) == 0


def test_the_last_piece_in_stock_is_taken_once_and_costs_nobody_else_anything():
    open_shop()
    made = programme()
    coffee = offer(made, 10, stock=1, limit_per_customer=None)
    crowd = [CustomerFactory() for _ in range(50)]
    for number, person in enumerate(crowd):
        buy(person, ("TEA", 1, 100), order=f"A-{number}")
    work("2026-03-02")
    theirs = [member(person) for person in crowd]

    answers = at_once(
        lambda number: taken(theirs[number % 50], coffee, f"k{number}"), ATTEMPTS
    )

    won = [one for one in answers if isinstance(one, Spending)]
    lost = [one for one in answers if isinstance(one, RewardRefused)]
    assert (len(won), len(lost)) == (1, ATTEMPTS - 1)
    assert {one.code for one in lost} == {"reward_out_of_stock"}
    assert ProgrammeReward.objects.get().reward.taken == 1
    assert sum(balance(person) for person in crowd) == 50 * 100 - 10


def test_the_same_key_from_many_is_one_spending():
    open_shop()
    programme()
    dana = CustomerFactory()
    buy(dana, ("TEA", 1, 100))
    work("2026-03-02")
    ours, wanted = member(dana), Wanted(amount=Decimal(7), key="a")

    answers = at_once(lambda _: spending.spend(ours, wanted, now=NOW).pk, 50)

    assert len(set(answers)) == 1
    assert balance(dana) == 93


def test_many_passes_at_once_earn_once():
    open_shop()
    programme()
    dana = CustomerFactory()
    buy(dana, ("TEA", 1, 100))

    def pass_once(_):
        orders.mark([dana.pk], now=NOW)
        orders.process_batch(now=NOW)

    at_once(pass_once, 20)
    work("2026-03-06")

    assert entries(dana) == [("earned", 100)]
