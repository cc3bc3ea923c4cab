"""What is switched off, left, or paid by another programme, and what follows."""

from decimal import Decimal

import pytest
from django.db import IntegrityError

from crm.models import Business
from crm.services import merging
from crm.services.business import update_business
from loyalty.models import Entry, ProgrammePeriod, StaleMember
from loyalty.services.programmes import joining, orders, programmes, spending
from loyalty.services.programmes.spending import Wanted
from tests.factories import CustomerFactory
from tests.loyalty.programme_shop import (
    at,
    balance,
    buy,
    card,
    entries,
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


def assume(days, on):
    update_business(
        changes={"assumed_delivery_days": days},
        version=Business.objects.get().version,
        now=at(on),
    )


def test_other_days_to_delivery_of_the_shop_are_other_orders_that_arrived():
    programme()
    dana = CustomerFactory()
    buy(dana, ("TEA", 1, 10), on="2026-03-01", delivered=False)
    work("2026-03-03")
    before = balance(dana)
    assume(2, "2026-03-03")
    work("2026-03-03")
    sooner = balance(dana)
    assume(9, "2026-03-03")
    work("2026-03-03")

    assert (before, sooner, balance(dana)) == (0, 10, 0)


def test_days_of_a_programme_s_own_do_not_follow_the_shop():
    programme(assumed_delivery_days=4)
    buy(CustomerFactory(), ("TEA", 1, 10), on="2026-03-01", delivered=False)
    work("2026-03-03")
    assume(2, "2026-03-03")

    assert not StaleMember.objects.exists()


def order_at(person, hour, order, price):
    """On 1 March 2026."""
    sale = buy(person, ("TEA", 1, price), order=order, on="2026-03-01")
    type(sale).objects.filter(pk=sale.pk).update(ordered_at=at("2026-03-01", hour))


def test_off_and_on_again_on_one_day_earns_nothing_in_between():
    made = programme()
    dana = CustomerFactory()
    order_at(dana, 9, "A-1", 1)
    programmes.switch_off(made, now=at("2026-03-01", 10))
    order_at(dana, 11, "A-2", 2)
    programmes.switch_on(made, now=at("2026-03-01", 12))
    order_at(dana, 13, "A-3", 4)
    programmes.switch_off(made, now=at("2026-03-01", 14))
    order_at(dana, 15, "A-4", 8)
    programmes.switch_on(made, now=at("2026-03-01", 16))
    order_at(dana, 17, "A-5", 16)
    work()

    assert balance(dana) == 1 + 4 + 16


def test_no_period_ends_before_it_begins():
    period = programme().periods.get()
    rows = ProgrammePeriod.objects.filter(pk=period.pk)

    with pytest.raises(IntegrityError, match="programme_period_moments"):
        rows.update(
            began_at=at("2026-03-01", 9), ended_at=at("2026-03-01", 8),
            until_on="2026-03-01",
        )  # fmt: skip


def test_what_points_of_one_programme_paid_earns_in_none():
    """100 points; 50 of them pay 5.00 of 20.00: 15 for the rest of it, in both."""
    points = programme(worth=Decimal("0.10"))
    other = programme(unit="money")
    dana = CustomerFactory()
    buy(dana, ("TEA", 1, 100), order="A-1", on="2026-03-01")
    work("2026-03-02")
    wanted = Wanted(amount=Decimal(50), key="a", order="A-2")
    spent = spending.spend(member(dana, points), wanted, now=at("2026-03-05"))
    buy(dana, ("CUP", 1, 20), order="A-2", on="2026-03-05")
    work("2026-03-06")
    paid = balance(dana, points), balance(dana, other)
    spending.release(spent.membership, "a", now=at("2026-03-07"))
    work("2026-03-07")

    assert paid == (100 - 50 + 15, 100 + 15)
    assert (balance(dana, points), balance(dana, other)) == (120, 120)


def test_what_was_ordered_before_leaving_earns_once_it_arrives_also_after_rejoining():
    club = programme(takes_part="joining")
    dana = CustomerFactory()
    ours = joining.join(club, dana, now=at("2026-03-01", 9))
    buy(dana, ("TEA", 1, 1), order="A-1", on="2026-03-01", delivered="2026-03-20")
    joining.leave(ours, now=at("2026-03-03"))
    buy(dana, ("TEA", 1, 2), order="A-2", on="2026-03-05", delivered="2026-03-20")
    joining.join(club, dana, now=at("2026-03-10"))
    buy(dana, ("TEA", 1, 4), order="A-3", on="2026-03-10", delivered="2026-03-20")
    work("2026-03-21")

    assert balance(dana) == 1 + 4
    assert member(dana).joined_at == at("2026-03-01", 9)


def test_whoever_leaves_and_comes_back_on_one_day_was_away_in_between():
    club = programme(takes_part="joining")
    dana = CustomerFactory()
    ours = joining.join(club, dana, now=at("2026-03-01", 8))
    for order, hour in enumerate((9, 11, 13)):
        order_at(dana, hour, f"A-{order}", 2**order)
    joining.leave(ours, now=at("2026-03-01", 10))
    joining.join(club, dana, now=at("2026-03-01", 12))
    work()

    assert balance(dana) == 1 + 4


def test_whoever_was_away_is_as_much_when_merged():
    club = programme(takes_part="joining")
    dana, noa = people()
    ours = joining.join(club, noa, now=at("2026-03-01", 9))
    joining.leave(ours, now=at("2026-03-03"))
    buy(noa, ("TEA", 1, 2), order="A-2", on="2026-03-05", delivered="2026-03-20")
    joining.join(club, noa, now=at("2026-03-10"))
    merging.merge(dana, noa, now=at("2026-03-11"))
    work()

    assert balance(dana) == 0


def test_each_part_knows_by_which_entry_it_first_came_in():
    """Spent and back, merged, run out, and taken back after all."""
    card()
    points = programme(expiry="days", expires_after=10)
    dana, noa = people()
    sale = buy(noa, ("TEA", 1, 10), order="A-1", on="2026-03-01")
    work("2026-03-02")
    spent = spending.spend(
        member(noa, points), Wanted(amount=Decimal(4), key="a"), now=at("2026-03-03")
    )
    spending.release(spent.membership, "a", now=at("2026-03-04"))
    row = merging.merge(dana, noa, now=at("2026-03-05"))
    work("2026-03-20")
    merging.undo(row, now=at("2026-03-21"))
    work("2026-03-21")
    buy(noa, ("TEA", 1, 10), order=sale.external_id, status="cancelled")
    orders.process_pending(now=at("2026-03-22"))

    ours = Entry.objects.filter(membership__programme=points)
    first = ours.get(kind="earned")
    parts = ours.filter(amount__gt=0).exclude(pk=first.pk)
    assert {one.kind for one in parts} == {"reversed", "transferred", "expired"}
    assert {one.origin_id for one in parts} == {first.pk}
    assert [kind for kind, _amount in entries(noa)].count("expired") >= 2
