"""What was paid at the till is booked by the rules; what is taken back comes back."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from crm.access import Role
from crm.models import Order
from loyalty.errors import BalanceTooLow, HandLimitReached, ProgrammeOff
from loyalty.models import Entry, Grant, Lot, Membership
from loyalty.services.programmes import (
    booking,
    members,
    offers,
    orders,
    programmes,
    spending,
    undoing,
)
from loyalty.services.programmes.spending import Wanted
from tests.factories import NOW, CustomerFactory, UserFactory
from tests.loyalty import reward_shop
from tests.loyalty.programme_shop import (
    at,
    balance,
    bring_back,
    buy,
    lots,
    open_shop,
    programme,
)

pytestmark = pytest.mark.django_db
TODAY = NOW.date().isoformat()


@pytest.fixture(autouse=True)
def shop(time_machine):
    time_machine.move_to(NOW, tick=False)
    open_shop()


@pytest.fixture
def owner():
    return UserFactory(role="owner")


@pytest.fixture
def dana():
    return CustomerFactory()


def club(rule=None, **values):
    usual = {"units": 1, "measure": "money", "per": 1}
    made = programme({**usual, **(rule or {})}, **values)
    offers.set_limits(made, {Role.OWNER: Decimal(1_000)})
    return made


def pay(made, person, paid, owner, once="1", now=NOW):
    member = members.member_of(made, person, now=now)
    return booking.book(
        member, Decimal(paid), reason="Paid", once=once, staff=owner, now=now
    )


def test_it_earns_as_an_order_would_and_waits_as_long(owner, dana):
    # 121 with 21 % of tax in it are 100, twice: 200, from the fourteenth day on.
    made = club({"tax_percent": Decimal(21), "factor": Decimal(2)}, returns_days=14)

    for _twice in range(2):
        (entry,) = pay(made, dana, 121, owner)

    assert (entry.kind, entry.amount) == ("earned", 200)
    assert entry.available_on == NOW.date() + timedelta(days=14)
    assert entry.rule_version.rule.programme == made
    assert balance(dana) == 200


def test_the_caps_of_day_and_month_hold_over_orders_and_till(owner, dana):
    made = club({"cap_day": 50, "cap_month": 70})
    buy(dana, ("TEA", 1, 30), order="A-1", on=TODAY)
    orders.process_pending(now=NOW + timedelta(hours=3))

    pay(made, dana, 40, owner, once="1")  # 20 of the day are left
    assert balance(dana) == 50
    buy(dana, ("TEA", 1, 35), order="A-1", on=TODAY)  # 5 more, and the day is full
    orders.process_pending(now=NOW + timedelta(hours=3))
    assert balance(dana) == 50
    tomorrow = NOW + timedelta(days=1)
    pay(made, dana, 40, owner, once="2", now=tomorrow)  # 20 of the month are left
    assert balance(dana) == 70
    buy(dana, ("TEA", 1, 9), order="A-2", on=tomorrow.date().isoformat())
    orders.process_pending(now=tomorrow + timedelta(hours=6))
    assert balance(dana) == 70


def test_what_waits_is_undone_too_and_frees_the_cap_and_the_limit(owner, dana):
    made = club({"cap_day": 50}, returns_days=14)
    (entry,) = pay(made, dana, 50, owner)

    for _twice in range(2):
        undoing.undo(entry, reason="Undone", staff=owner, now=NOW)

    assert balance(dana) == 0
    assert [row.kind for row in Entry.objects.order_by("pk")] == ["earned", "reversed"]
    pay(made, dana, 50, owner, once="2")
    assert balance(dana) == 50


def test_what_was_spent_meanwhile_is_not_undone(owner, dana):
    made = club()
    (entry,) = pay(made, dana, 50, owner)
    spending.spend(
        Membership.objects.get(), Wanted(amount=Decimal(20), key="a"), now=NOW
    )

    with pytest.raises(BalanceTooLow):
        undoing.undo(entry, reason="Undone", staff=owner, now=NOW)

    assert balance(dana) == 30


def test_what_it_paid_off_is_owed_again(owner, dana):
    made = club()
    sale = buy(dana, ("TEA", 1, 30), order="A-1", on="2026-03-01")
    orders.process_pending(now=at("2026-03-02"))
    member = Membership.objects.get()
    spending.spend(member, Wanted(amount=Decimal(30), key="a"), now=at("2026-03-03"))
    bring_back(sale, ("TEA", 1, 30), on="2026-03-10")
    orders.process_pending(now=at("2026-03-12"))
    assert balance(dana) == -30

    (entry,) = pay(made, dana, 50, owner)
    assert balance(dana) == 20
    undoing.undo(entry, reason="Undone", staff=owner, now=NOW)

    assert balance(dana) == -30
    assert Membership.objects.get().owed == 30


def test_nobody_books_without_a_limit_or_while_it_is_off(owner, dana):
    made = club()
    with pytest.raises(HandLimitReached):
        pay(made, dana, 1_001, owner)
    with pytest.raises(HandLimitReached):
        pay(made, dana, 5, UserFactory(role="agent"))
    programmes.switch_off(made, now=NOW)
    with pytest.raises(ProgrammeOff):
        pay(made, dana, 5, owner)
    assert not Entry.objects.exists()


def test_a_reward_that_staff_take_back_gives_the_points_back(client, owner, dana):
    made = club(expiry="days", expires_after=400)
    reward = reward_shop.make(name="A cup", kind="product", stock=1)
    offers.offer(made, reward, price=Decimal(20), now=NOW)
    buy(dana, ("TEA", 1, 30), on="2026-03-01")
    orders.process_pending(now=NOW)
    before = lots(dana)
    spending.take_reward(
        Membership.objects.get(), made.offers.get(), key="a", user=owner, now=NOW
    )
    assert balance(dana) == 10
    client.force_login(owner)
    url = reverse("loyalty:grant-take-back", args=[Grant.objects.get().pk])

    for _twice in range(2):
        client.post(url)

    assert balance(dana) == 30
    ends = set(Lot.objects.filter(left__gt=0).values_list("expires_on", flat=True))
    assert ends == {Lot.objects.order_by("pk")[0].expires_on}
    assert str(ends.pop()) == before[0][1]
    assert Grant.objects.get().state == "taken_back"
    assert reward_shop.standing(reward)[0] == 0


def test_points_pay_the_order_of_their_currency_that_is_nearest(owner, dana):
    club(worth=Decimal("0.10"))
    buy(dana, ("TEA", 1, 100), order="A-0", on="2026-03-01")
    orders.process_pending(now=at("2026-03-02"))
    wanted = Wanted(amount=Decimal(50), key="a", order="A-1")  # pays 5.00
    spending.spend(Membership.objects.get(), wanted, now=at("2026-03-05"))
    buy(dana, ("TEA", 1, 20), order="A-1", on="2026-03-05", currency="USD")
    orders.process_pending(now=at("2026-03-06"))
    # In dollars it is another order: nothing of it earns, nothing comes back.
    assert balance(dana) == 50

    Order.objects.filter(external_id="A-1").update(source="other")
    buy(dana, ("TEA", 1, 20), order="A-1", on="2026-03-05")
    orders.process_pending(now=at("2026-03-06"))
    assert balance(dana) == 50 + 15  # 20 less the 5 that points paid
