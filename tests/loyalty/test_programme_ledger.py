"""The ledger of programmes: what orders earn, and what becomes of it."""

from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError

from crm.errors import SegmentInUse
from crm.models import Order
from crm.services import merging, personal_data, segments
from loyalty.choices import EarnEvent
from loyalty.errors import BalanceTooLow, SpendingDiffers, SpendingOver
from loyalty.models import Allocation, Entry, Lot, RuleVersion
from loyalty.services.programmes import (
    joining,
    orders,
    programmes,
    rules,
    spending,
)
from loyalty.services.programmes.spending import Wanted
from tests.factories import CustomerFactory
from tests.loyalty.programme_shop import (
    START,
    at,
    balance,
    bring_back,
    buy,
    card,
    check,
    entries,
    lots,
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


def test_a_delivered_order_earns_once_however_often_it_is_looked_at():
    programme()
    dana = CustomerFactory()
    buy(dana, ("TEA", 3, "10.50"))

    work()
    buy(dana, ("TEA", 3, "10.50"))
    work()

    assert entries(dana) == [("earned", 31)]
    assert balance(dana) == 31


def test_an_order_earns_when_it_is_taken_to_have_arrived():
    programme()
    dana = CustomerFactory()
    buy(dana, ("TEA", 1, 10), on="2026-03-01", delivered=False)

    work("2026-03-04")
    before = balance(dana)
    work("2026-03-05")

    assert (before, balance(dana)) == (0, 10)


def test_what_comes_back_is_taken_back_and_delivered_again_is_earned_again():
    programme()
    dana = CustomerFactory()
    buy(dana, ("TEA", 2, 10))
    work()
    buy(dana, ("TEA", 2, 10), status="cancelled")
    work()
    gone = balance(dana)
    buy(dana, ("TEA", 2, 10))
    work()

    assert gone == 0
    assert entries(dana) == [("earned", 20), ("reversed", -20), ("earned", 20)]


def test_a_return_that_names_its_order_takes_its_part():
    programme()
    dana = CustomerFactory()
    sale = buy(dana, ("TEA", 4, 10), ("CUP", 1, 5))
    work()
    bring_back(sale, ("TEA", 1, 10))
    work()

    assert entries(dana) == [("earned", 45), ("reversed", -10)]


def test_another_buyer_gets_what_the_first_one_loses():
    programme()
    dana, noa = people()
    buy(dana, ("TEA", 2, 10))
    work()
    buy(noa, ("TEA", 2, 10))
    work()

    assert (balance(dana), balance(noa)) == (0, 20)


def test_a_balance_goes_below_zero_by_a_reversal_and_the_next_earnings_pay_it():
    made = programme()
    dana = CustomerFactory()
    buy(dana, ("TEA", 2, 10))
    work()
    spending.spend(
        member(dana), Wanted(amount=Decimal(15), key="a"), now=at("2026-04-01")
    )
    buy(dana, ("TEA", 2, 10), status="cancelled")
    work()
    below = balance(dana)
    buy(dana, ("TEA", 1, 20), order="A-2", on="2026-05-01")
    work()

    assert below == -15
    assert balance(dana) == 5
    assert member(dana, made).owed == 0


def test_what_is_pending_cannot_be_spent():
    programme(returns_days=14)
    dana = CustomerFactory()
    buy(dana, ("TEA", 1, 100), on="2026-03-01")
    work("2026-03-14")

    with pytest.raises(BalanceTooLow) as early:
        spending.spend(
            member(dana), Wanted(amount=Decimal(1), key="a"), now=at("2026-03-14")
        )
    spending.spend(
        member(dana), Wanted(amount=Decimal(1), key="a"), now=at("2026-03-15")
    )

    assert early.value.spendable == 0
    assert balance(dana) == 99


def test_what_runs_out_first_is_spent_first():
    programme(expiry="days", expires_after=30)
    dana = CustomerFactory()
    buy(dana, ("TEA", 1, 10), order="A-2", on="2026-03-10")
    buy(dana, ("TEA", 1, 10), order="A-1", on="2026-03-01")
    work("2026-03-11")
    spending.spend(
        member(dana), Wanted(amount=Decimal(12), key="a"), now=at("2026-03-12")
    )

    assert lots(dana) == [(8, "2026-04-09")]


def test_what_has_run_out_leaves_the_balance_and_is_not_taken_twice():
    """Earned 20, ran out 20. The order comes back: nothing is owed for it."""
    programme(expiry="days", expires_after=30)
    dana = CustomerFactory()
    buy(dana, ("TEA", 2, 10), on="2026-03-01")
    work("2026-03-31")
    there = balance(dana)
    work("2026-04-01")
    gone = balance(dana)
    buy(dana, ("TEA", 2, 10), on="2026-03-01", status="cancelled")
    work("2026-04-02")

    assert (there, gone, balance(dana)) == (20, 0, 0)
    assert member(dana).owed == 0


def test_what_has_run_out_cannot_be_spent_before_the_tick_has_posted_it():
    programme(expiry="days", expires_after=10)
    dana = CustomerFactory()
    buy(dana, ("TEA", 2, 10), on="2026-03-01")
    work("2026-03-02")
    wanted = Wanted(amount=Decimal(1), key="a")

    with pytest.raises(BalanceTooLow) as late:
        spending.spend(member(dana), wanted, now=at("2026-03-12"))
    spending.spend(member(dana), wanted, now=at("2026-03-11"))

    assert late.value.spendable == 0
    assert balance(dana) == 19


def test_what_was_kept_is_back_with_its_old_last_day_when_nobody_came():
    programme(expiry="days", expires_after=365)
    dana = CustomerFactory()
    buy(dana, ("TEA", 1, 10), on="2026-03-01")
    work("2026-03-02")
    wanted = Wanted(amount=Decimal(10), key="a")
    spending.reserve(member(dana), wanted, now=at("2026-03-05"))
    kept = balance(dana)
    work("2026-03-06")

    assert kept == 0
    assert lots(dana) == [(10, "2027-03-01")]
    with pytest.raises(SpendingOver):
        spending.reserve(member(dana), wanted, now=at("2026-03-07"))


def test_the_same_key_is_one_spending_and_no_other():
    programme()
    dana = CustomerFactory()
    buy(dana, ("TEA", 1, 10))
    work()
    now = at("2026-12-02")
    wanted = Wanted(amount=Decimal(4), key="a", order="B-1")

    first = spending.reserve(member(dana), wanted, now=now)
    again = spending.spend(member(dana), wanted, now=now)
    third = spending.commit(member(dana), "a", now=now)
    with pytest.raises(SpendingDiffers):
        spending.spend(member(dana), Wanted(amount=Decimal(5), key="a"), now=now)

    assert {first.pk, again.pk, third.pk} == {first.pk}
    assert balance(dana) == 6


def test_what_paid_an_order_comes_back_when_it_is_cancelled():
    programme(worth=Decimal("0.10"), expiry="days", expires_after=365)
    dana = CustomerFactory()
    buy(dana, ("TEA", 1, 100), order="A-1", on="2026-03-01")
    work("2026-03-02")
    spending.spend(
        member(dana), Wanted(amount=Decimal(50), key="a", order="A-2"),
        now=at("2026-03-05"),
    )  # fmt: skip
    buy(dana, ("CUP", 1, 20), order="A-2", on="2026-03-05")
    work("2026-03-06")
    paid = balance(dana)
    buy(dana, ("CUP", 1, 20), order="A-2", on="2026-03-05", status="cancelled")
    work("2026-03-07")

    # 100 - 50 spent, which paid 5.00 of 20.00; the other 15.00 earn 15.
    assert paid == 65
    assert balance(dana) == 100
    assert lots(dana)[0] == (50, "2027-03-01")


def test_a_changed_rule_leaves_the_past_as_it_was():
    made = programme()
    dana = CustomerFactory()
    buy(dana, ("TEA", 1, 10), order="A-1", on="2026-03-01")
    work("2026-03-02")
    rules.change(made.rules.get(), values={"factor": 2}, now=at("2026-03-03"))
    buy(dana, ("TEA", 1, 8), order="A-1", on="2026-03-01")
    buy(dana, ("TEA", 1, 10), order="A-2", on="2026-03-04")
    work("2026-03-05")

    assert entries(dana) == [("earned", 10), ("reversed", -2), ("earned", 20)]


def test_an_order_that_earned_keeps_its_version_also_on_another_day():
    """One unit a euro when it earned; two a euro from May on, when it is said to have
    been ordered after all."""
    made = programme()
    dana = CustomerFactory()
    buy(dana, ("TEA", 2, 10), on="2026-03-01")
    work("2026-03-02")
    values = {"units": 2, "measure": "money", "per": 1}
    rules.change(made.rules.get(), values=values, now=at("2026-05-01"))
    buy(dana, ("TEA", 3, 10), on="2026-05-05")
    work("2026-05-06")

    assert entries(dana) == [("earned", 20), ("earned", 10)]


def test_what_is_owed_goes_over_with_a_merge_and_back_with_its_undo():
    """30 of 30 spent, and the order off: 30 are owed. Of the other's 12 nothing is left
    while both are one."""
    programme()
    dana, noa = people()
    buy(dana, ("TEA", 1, 12), order="A-1")
    buy(noa, ("TEA", 1, 30), order="A-2")
    work("2026-03-02")
    spending.spend(
        member(noa), Wanted(amount=Decimal(30), key="a"), now=at("2026-03-03")
    )
    buy(noa, ("TEA", 1, 30), order="A-2", status="cancelled")
    work("2026-03-04")
    row = merging.merge(dana, noa, now=at("2026-03-06"))
    work("2026-03-07")
    merged = balance(dana), member(dana).owed, balance(noa), member(noa).owed
    merging.undo(row, now=at("2026-03-08"))
    work("2026-03-09")

    assert merged == (-18, 18, 0, 0)
    assert (balance(dana), member(dana).owed) == (12, 0)
    assert (balance(noa), member(noa).owed) == (-30, 30)


def test_a_merge_moves_the_balance_and_its_undo_moves_it_back():
    programme(expiry="days", expires_after=365)
    dana, noa = people()
    buy(dana, ("TEA", 1, 30), order="A-1")
    buy(noa, ("TEA", 1, 12), order="A-2")
    work("2026-03-05")
    row = merging.merge(dana, noa, now=at("2026-03-06"))
    work("2026-03-06")
    merged = balance(dana), balance(noa), lots(dana)
    merging.undo(row, now=at("2026-03-07"))
    work("2026-03-07")

    assert merged == (42, 0, [(30, "2027-03-01"), (12, "2027-03-01")])
    assert (balance(dana), balance(noa)) == (30, 12)


def test_a_segment_whose_people_take_part_cannot_be_deleted():
    german = segments.create(
        name="German",
        conditions={"match": "all", "parts": [
            {"field": "country", "is": "any_of", "values": ["DE"]}]},
        by=None, now=at("2026-02-01"),
    )  # fmt: skip
    club = programme(takes_part="segment", segment=german)

    assert [use.label for use in segments.uses_of(german)] == [club.name]
    with pytest.raises(SegmentInUse):
        segments.delete(german, now=at("2026-02-02"))


def test_the_undo_of_a_merge_leaves_nobody_in_what_they_never_joined():
    club = programme(takes_part="joining")
    dana, noa = people()
    joining.join(club, noa, now=at("2026-02-01"))
    buy(noa, ("TEA", 1, 12), order="A-2")
    work("2026-03-05")
    row = merging.merge(dana, noa, now=at("2026-03-06"))
    merged = balance(dana), member(dana).left_at
    merging.undo(row, now=at("2026-03-07"))
    work("2026-03-07")

    assert merged == (12, None)
    assert (balance(dana), balance(noa)) == (0, 12)
    assert (member(dana).left_at, member(noa).left_at) == (at("2026-03-07"), None)


def test_an_order_that_comes_back_while_merged_is_taken_from_the_right_one_after():
    programme()
    dana, noa = people()
    buy(noa, ("TEA", 1, 12), order="A-2")
    work("2026-03-05")
    row = merging.merge(dana, noa, now=at("2026-03-06"))
    work("2026-03-06")
    buy(dana, ("TEA", 1, 12), order="A-2", status="cancelled")
    work("2026-03-07")
    merged = balance(dana)
    merging.undo(row, now=at("2026-03-08"))
    work("2026-03-08")

    assert merged == 0
    assert (balance(dana), balance(noa)) == (0, 0)


def test_an_erased_person_has_nothing_left():
    programme()
    dana = CustomerFactory()
    buy(dana, ("TEA", 1, 12))
    work()

    personal_data.erase(dana, now=at("2026-12-02"))

    assert balance(dana) == 0


def test_an_order_that_is_gone_earns_nothing_any_more():
    programme()
    dana = CustomerFactory()
    made = buy(dana, ("TEA", 1, 12))
    work()
    made.lines.all().delete()
    Order.objects.filter(pk=made.pk).delete()
    buy(dana, ("TEA", 1, 5), order="A-2")
    work()

    assert balance(dana) == 5


def test_whoever_joins_earns_from_then_on_and_not_after_leaving():
    made = programme(takes_part="joining")
    dana = CustomerFactory()
    buy(dana, ("TEA", 1, 7), order="A-1", on="2026-03-01")
    ours = joining.join(made, dana, now=at("2026-03-02", 9))
    buy(dana, ("TEA", 1, 8), order="A-2", on="2026-03-03")
    joining.leave(ours, now=at("2026-03-04"))
    buy(dana, ("TEA", 1, 9), order="A-3", on="2026-03-05")
    work()

    assert entries(dana) == [("earned", 8)]


def test_a_card_gets_a_stamp_a_visit():
    card()
    dana = CustomerFactory()
    for number in range(3):
        buy(dana, ("TEA", 2, 4), order=f"A-{number}", on=f"2026-03-0{number + 1}")
    work()

    assert balance(dana) == 3


def test_days_on_which_it_was_off_earn_nothing():
    made = programme()
    dana = CustomerFactory()
    programmes.switch_off(made, now=at("2026-03-01"))
    buy(dana, ("TEA", 1, 7), order="A-1", on="2026-03-02")
    programmes.switch_on(made, now=at("2026-03-03"))
    buy(dana, ("TEA", 1, 8), order="A-2", on="2026-03-03")
    work()

    assert entries(dana) == [("earned", 8)]


@pytest.mark.parametrize("model", [Entry, Allocation, RuleVersion])
@pytest.mark.parametrize("act", ["UPDATE {} SET id = id", "DELETE FROM {}",
                                 "TRUNCATE {} CASCADE"])  # fmt: skip
def test_the_database_refuses_to_change_the_ledger(model, act):
    programme()
    dana = CustomerFactory()
    buy(dana, ("TEA", 1, 7))
    work()
    spending.spend(
        member(dana), Wanted(amount=Decimal(1), key="a"), now=at("2026-12-02")
    )

    connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        connection.cursor().execute(act.format(model._meta.db_table))


def test_a_wrong_balance_is_found():
    programme()
    dana = CustomerFactory()
    buy(dana, ("TEA", 1, 7))
    work()
    Lot.objects.update(left=6)

    with pytest.raises(AssertionError):
        check()


def test_two_rules_on_one_order_take_back_what_ran_out_once():
    """Twice 20 earned, 10 spent, 30 ran out. The order comes back: the 10 are owed."""
    made = programme(expiry="days", expires_after=30)
    rules.add(
        made,
        event=EarnEvent.ORDER,
        values={"units": 1, "measure": "money", "per": 1},
        now=START,
    )
    dana = CustomerFactory()
    buy(dana, ("TEA", 2, 10), on="2026-03-01")
    work("2026-03-02")
    spending.spend(
        member(dana), Wanted(amount=Decimal(10), key="a"), now=at("2026-03-03")
    )
    work("2026-04-01")
    gone = balance(dana)
    buy(dana, ("TEA", 2, 10), on="2026-03-01", status="cancelled")
    work("2026-04-02")

    assert (gone, balance(dana), member(dana).owed) == (0, -10, 10)


def test_a_merge_makes_nobody_a_member_again_who_had_left():
    club = programme(takes_part="joining")
    dana, noa = people()
    joining.leave(joining.join(club, noa, now=at("2026-02-01")), now=at("2026-02-02"))
    merging.merge(dana, noa, now=at("2026-02-03"))
    buy(dana, ("TEA", 1, 12), on="2026-03-01")
    work()

    assert member(dana).left_at == at("2026-02-02")
    assert balance(dana) == 0


def test_whoever_was_merged_did_something_when_either_did():
    """Dana since 2 March, Noa since 21 May; 90 days on: good through 19 August."""
    programme(expiry="inactivity", expires_after=90)
    dana, noa = people()
    buy(dana, ("TEA", 1, 8), order="A-1", on="2026-03-01")
    buy(noa, ("TEA", 1, 5), order="A-2", on="2026-05-20")
    work("2026-05-21")
    merging.merge(dana, noa, now=at("2026-05-22"))
    work("2026-08-19")
    there = balance(dana)
    work("2026-08-20")

    assert (there, balance(dana)) == (13, 0)


@pytest.mark.parametrize("is_released", [False, True])
def test_what_came_back_while_merged_is_theirs_who_spent_it(is_released):
    """Noa earned 30 and spent 20 on an order; it comes back while she is Dana."""
    programme(worth=Decimal("0.10"))
    dana, noa = people()
    buy(noa, ("TEA", 1, 30), order="A-1")
    work("2026-03-02")
    spending.spend(
        member(noa), Wanted(amount=Decimal(20), key="a", order="A-2"),
        now=at("2026-03-03"),
    )  # fmt: skip
    buy(noa, ("CUP", 1, 10), order="A-2", on="2026-03-03")
    work("2026-03-04")
    row = merging.merge(dana, noa, now=at("2026-03-05"))
    if is_released:
        spending.release(member(dana), "a", now=at("2026-03-06"))
    buy(dana, ("CUP", 1, 10), order="A-2", on="2026-03-03", status="cancelled")
    work("2026-03-07")
    merged = balance(dana), balance(noa)
    merging.undo(row, now=at("2026-03-08"))
    work("2026-03-08")
    once = balance(dana), balance(noa)
    again = merging.merge(dana, noa, now=at("2026-03-09"))
    merging.undo(again, now=at("2026-03-10"))
    work("2026-03-10")

    assert merged == (30, 0)
    assert once == (balance(dana), balance(noa)) == (0, 30)


def test_the_ledger_of_who_is_gone_stays_closed():
    programme()
    dana, noa = people()
    sale = buy(dana, ("TEA", 1, 12), order="A-1")
    buy(noa, ("TEA", 1, 5), order="A-2")
    work("2026-03-02")
    merging.merge(dana, noa, now=at("2026-03-03"))
    orders.mark([noa.pk], now=at("2026-03-03"))
    work("2026-03-03")
    merged = balance(dana), balance(noa), member(noa).owed
    personal_data.erase(dana, now=at("2026-03-04"))
    Order.objects.filter(pk=sale.pk).update(state="cancelled")
    orders.mark([dana.pk], now=at("2026-03-05"))
    work("2026-03-05")

    assert merged == (17, 0, 0)
    assert (balance(dana), member(dana).owed) == (0, 0)


def test_what_was_kept_for_an_order_of_an_erased_person_is_closed_too():
    programme()
    dana = CustomerFactory()
    buy(dana, ("TEA", 1, 12))
    work("2026-03-02")
    wanted = Wanted(amount=Decimal(5), key="a")
    spending.reserve(member(dana), wanted, now=at("2026-03-03"))
    personal_data.erase(dana, now=at("2026-03-03"))
    work("2026-03-05")

    assert balance(dana) == 0


def test_an_order_that_was_delivered_on_a_day_that_nobody_knows_earns_today():
    programme(assumed_delivery_days=10)
    dana = CustomerFactory()
    buy(dana, ("TEA", 1, 12), on="2026-03-01", delivered=False, status="delivered")
    work("2026-03-02")

    entry = Entry.objects.get()
    assert (str(entry.on), str(entry.available_on)) == ("2026-03-02", "2026-03-02")
    assert str(member(dana).active_on) == "2026-03-02"
