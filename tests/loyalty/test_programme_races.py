"""One balance under many at once: spent exactly, and every loser is told why."""

from decimal import Decimal

import pytest

from loyalty.errors import BalanceTooLow
from loyalty.models import Spending
from loyalty.services.programmes import orders, spending
from loyalty.services.programmes.spending import Wanted
from tests.factories import CustomerFactory
from tests.faults.mails import LONG
from tests.loyalty.programme_shop import (
    at,
    balance,
    buy,
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


def test_many_drains_at_once_earn_once():
    open_shop()
    programme()
    dana = CustomerFactory()
    buy(dana, ("TEA", 1, 100))

    def drain(_):
        orders.mark([dana.pk], now=NOW)
        orders.drain_some(now=NOW)

    at_once(drain, 20)
    work("2026-03-06")

    assert entries(dana) == [("earned", 100)]
