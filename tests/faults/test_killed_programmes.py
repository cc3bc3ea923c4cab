"""F06 of the ledger: whoever earns, spends, expires or imports is killed at any moment;
it is whole or not there at all, and done again it is right."""

import os
import random
import signal
import time
from decimal import Decimal

import pytest

from crm.services import audit
from loyalty.models import Allocation, Entry, Grant, Lot, Spending, StaleMember
from loyalty.services.programmes import balance_lines, offers, orders, spending
from loyalty.sql import ledger
from tests.factories import CustomerFactory
from tests.faults import children
from tests.faults.mails import LONG
from tests.loyalty import reward_shop
from tests.loyalty.programme_shop import (
    START,
    at,
    balance,
    buy,
    check,
    everything,
    member,
    open_shop,
    programme,
    work,
)
from tests.loyalty.test_balance_import import HEAD, take

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

KILLS = 20 if LONG else 6
PEOPLE = 400 if LONG else 60
# In the middle of a posting, and at its end before the commit.
MOMENTS = pytest.mark.parametrize(
    ("owner", "name", "after"),
    [(ledger, "write", False), (ledger, "write", True), (ledger, "set_left", True),
     (ledger, "set_balances", True)],
    ids=["before the entries", "after the entries", "after the lots", "at the end"],
)  # fmt: skip


@pytest.fixture
def dana(transactional_db):
    """With 100 points of March, which run out after 30 days."""
    open_shop()
    programme(expiry="days", expires_after=30)
    person = CustomerFactory()
    buy(person, ("TEA", 1, 100))
    return person


def dies(work, owner, name, after):
    def child():
        with children.dying(owner, name, after=after):
            work()

    assert children.run(child) == children.KILLED
    check()


@MOMENTS
def test_a_slice_of_earning_that_dies_has_earned_nothing(dana, owner, name, after):
    dies(lambda: orders.process_pending(now=at("2026-03-02")), owner, name, after)

    assert not Entry.objects.exists()
    assert StaleMember.objects.count() == 1
    work("2026-03-02")
    assert balance(dana) == 100


@MOMENTS
def test_an_expiry_that_dies_has_taken_nothing(dana, owner, name, after):
    work("2026-03-02")

    dies(lambda: work("2026-04-01"), owner, name, after)

    assert balance(dana) == 100
    work("2026-04-01")
    assert balance(dana) == 0


@pytest.mark.parametrize(
    ("owner", "name", "after"),
    [(ledger, "write", True), (ledger, "set_balances", True),
     (spending.grants, "give", True), (audit, "record", True)],
    ids=["after the entries", "after the balance", "after the grant", "at the end"],
)  # fmt: skip
def test_whoever_dies_while_a_reward_is_taken_has_taken_none(dana, owner, name, after):
    work("2026-03-02")
    made = member(dana).programme
    coffee = reward_shop.make("Coffee", kind="product", stock=1)
    offers.offer(made, coffee, price=Decimal(40), now=START)

    def take_one():
        return spending.take_reward(
            member(dana), made.offers.get(), key="a", now=at("2026-03-03")
        )

    dies(take_one, owner, name, after)

    assert not Spending.objects.exists()
    assert not Grant.objects.exists()
    assert balance(dana) == 100
    assert take_one() == take_one()
    assert balance(dana) == 60
    assert Grant.objects.count() == 1


@pytest.mark.parametrize("nth", [1, 2, 3])
def test_an_import_of_balances_that_dies_brings_each_part_in_once(
    dana, tmp_path, monkeypatch, nth
):
    """In the second slice, too: what was committed stays, and the file again is all."""
    monkeypatch.setattr(balance_lines, "SLICE_ROWS", 4)
    people = [CustomerFactory(external_id=f"K{number}") for number in range(12)]
    rows = "".join(f"K{number},{number + 1},,,L{number},,\n" for number in range(12))

    def child():
        with children.dying(ledger, "set_balances", after=True, nth=nth):
            take(tmp_path, rows, head=HEAD)

    assert children.run(child) == children.KILLED
    check()
    take(tmp_path, rows, head=HEAD)
    take(tmp_path, rows, head=HEAD)

    assert [balance(person) for person in people] == list(range(1, 13))


@pytest.mark.slow
def test_ticks_that_are_killed_again_and_again_earn_and_expire_once(
    monkeypatch, transactional_db
):
    """Slices of three: a kill finds some that are done and some that are not."""
    open_shop()
    programme(expiry="days", expires_after=30)
    monkeypatch.setattr(orders, "SLICE", 3)

    def sell(named, price, day):
        for number in range(PEOPLE):
            order = f"{named}-{number}"
            buy(CustomerFactory(), ("TEA", 1, price), order=order, on=day)

    def kill_again_and_again(day):
        for _ in range(KILLS):
            child = children.start(lambda: work(day))
            time.sleep(0.05 + 0.4 * random.random())
            os.kill(child, signal.SIGKILL)
            children.wait(child)
            check()
        work(day)

    sell("A", 10, "2026-03-01")
    kill_again_and_again("2026-03-02")
    earned = everything()
    sell("B", 5, "2026-05-01")
    kill_again_and_again("2026-05-02")

    assert earned == 10 * PEOPLE
    assert everything() == 5 * PEOPLE
    assert Entry.objects.count() == 3 * PEOPLE
    assert Lot.objects.filter(left__gt=0).count() == PEOPLE
    assert Allocation.objects.count() == PEOPLE
