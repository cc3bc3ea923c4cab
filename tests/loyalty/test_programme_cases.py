"""Worked cases of programmes, each with its arithmetic."""

from datetime import date
from decimal import Decimal as D

import pytest

from crm.access import Role
from crm.models import Order, ProductRule
from crm.services import merging
from loyalty.choices import EarnEvent, Expiry, Measure, Rounding
from loyalty.errors import HandLimitReached, NotAMember, ProgrammeOff
from loyalty.rules.programmes import expiry
from loyalty.rules.programmes.earning import OrderFacts, Terms, entitled, units_of
from loyalty.rules.programmes.expiry import ExpiryRule
from loyalty.selectors.programme_forecast import forecast
from loyalty.selectors.programmes import standing
from loyalty.services.programmes import (
    manual_entries,
    offers,
    programmes,
    rules,
    spending,
)
from loyalty.services.programmes.spending import Wanted
from tests.factories import CustomerFactory, UserFactory
from tests.loyalty import reward_shop
from tests.loyalty.programme_shop import (
    START,
    at,
    balance,
    bring_back,
    buy,
    card,
    entries,
    lots,
    member,
    open_shop,
    people,
    programme,
    work,
)

HALF_UP = Rounding.HALF_UP


def order(number=1, on="2026-03-01", hour=12, **values):
    values = {"goods": D(90), "kept": D(90), "items": D(3), "currency": "EUR", **values}
    return OrderFacts(id=number, at=at(on, hour), on=date.fromisoformat(on), **values)


def terms(**values):
    return Terms(**{"units": D(1), "measure": Measure.MONEY, "per": D(1),
                    "currency": "EUR", **values})  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "asked", "units"),
    [
        # 29.99 / 1 = 29.99, full euros only: 29.
        (order(goods=D("29.99"), kept=D("29.99")), terms(), 29),
        # 29.99 half up: 30; 29.50 half up: 30; 29.49: 29.
        (order(goods=D("29.99"), kept=D("29.99")), terms(rounding=HALF_UP), 30),
        (order(goods=D("29.5"), kept=D("29.5")), terms(rounding=HALF_UP), 30),
        (order(goods=D("29.49"), kept=D("29.49")), terms(rounding=HALF_UP), 29),
        # 90 less 9 discount: 81; of which 30 of 90 count: 30 x 81 / 90 = 27.
        (order(discount=D(9)), terms(), 81),
        (order(kept=D(30), discount=D(9)), terms(), 27),
        # 90 less 9 discount and 21 paid with points: 60.
        (order(discount=D(9), paid=D(21)), terms(), 60),
        # More discount than goods: 0, and never less.
        (order(discount=D(100)), terms(), 0),
        # 119 with 19 % tax in it: 119 / 1.19 = 100, exactly.
        (order(goods=D(119), kept=D(119)), terms(tax_percent=D(19)), 100),
        # 5 points for each 10: 5 x 90 / 10 = 45; times 1.5: 67.5, down: 67.
        (order(), terms(units=D(5), per=D(10), factor=D("1.5")), 67),
        # A third of 30 less a third of 10: 30 x 20 / 30 = 20, no 19.99….
        (order(goods=D(30), kept=D(30), discount=D(10)), terms(), 20),
        # Below the minimum of 100: nothing; 100 itself: 100.
        (order(), terms(minimum=D(100)), 0),
        (order(goods=D(100), kept=D(100)), terms(minimum=D(100)), 100),
        # A cap of 50 an order.
        (order(), terms(cap_order=D(50)), 50),
        # Orders in dollars earn nothing under a rule in euros.
        (order(currency="USD"), terms(), 0),
        # With a discount, where such orders are left out.
        (order(discount=D(1)), terms(not_discounted=True), 0),
        (order(has_offer=True), terms(not_discounted=True), 0),
        # A stamp for each of three items; one for the visit; none if all came back.
        (order(), terms(measure=Measure.ITEM, per=None), 3),
        (order(), terms(measure=Measure.VISIT, per=None), 1),
        (order(kept=D(0), items=D(0)), terms(measure=Measure.VISIT, per=None), 0),
        # Cashback of 2 % in money: 2 x 12.345 / 100 = 0.2469. In yen (0 places) 0, in
        # euros (2) 0.24, in dinars (3) 0.246; half up 0.25 and 0.247.
        (order(goods=D("12.345"), kept=D("12.345")), terms(units=D(2), per=D(100)), 0),
        (order(goods=D("12.345"), kept=D("12.345")),
         terms(units=D(2), per=D(100), places=2), D("0.24")),
        (order(goods=D("12.345"), kept=D("12.345")),
         terms(units=D(2), per=D(100), places=3), D("0.246")),
        (order(goods=D("12.345"), kept=D("12.345")),
         terms(units=D(2), per=D(100), places=3, rounding=HALF_UP), D("0.247")),
    ],
)  # fmt: skip
def test_what_one_order_earns(facts, asked, units):
    assert units_of(facts, asked) == units


def test_caps_of_day_and_month_are_used_up_in_order():
    """At most 100 a day and 150 a month: 90; 10 of the second; then 50 of 90."""
    bought = [
        order(3, on="2026-03-02"), order(2, hour=13), order(1, hour=12),
        order(4, on="2026-04-01"),
    ]  # fmt: skip

    asked = terms(cap_day=D(100), cap_month=D(150))
    found = entitled((one, asked) for one in bought)

    assert found == {1: 90, 2: 10, 3: 50, 4: 90}


@pytest.mark.parametrize(
    ("rule", "earned", "last"),
    [
        (ExpiryRule(Expiry.NEVER), "2026-03-01", None),
        (ExpiryRule(Expiry.DAYS, 365), "2024-02-29", "2025-02-28"),
        (ExpiryRule(Expiry.DAYS, 366), "2024-02-29", "2025-03-01"),
        # Twelve months on from 29 February ends with February.
        (ExpiryRule(Expiry.MONTH_END, 12), "2024-02-29", "2025-02-28"),
        (ExpiryRule(Expiry.MONTH_END, 0), "2026-01-31", "2026-01-31"),
        (ExpiryRule(Expiry.MONTH_END, 1), "2026-01-31", "2026-02-28"),
        (ExpiryRule(Expiry.MONTH_END, 11), "2026-01-15", "2026-12-31"),
        (ExpiryRule(Expiry.MONTH_END, 12), "2026-12-01", "2027-12-31"),
        (ExpiryRule(Expiry.YEAR_END, 0), "2026-12-31", "2026-12-31"),
        (ExpiryRule(Expiry.YEAR_END, 1), "2026-01-01", "2027-12-31"),
        # Switched on in May: what is there from March counts from May.
        (ExpiryRule(Expiry.DAYS, 30, date(2026, 5, 1)), "2026-03-01", "2026-05-31"),
        (ExpiryRule(Expiry.INACTIVITY, 90), "2026-03-01", None),
    ],
)  # fmt: skip
def test_the_last_day_of_what_was_earned(rule, earned, last):
    day = expiry.last_day(rule, date.fromisoformat(earned))

    assert day == (last and date.fromisoformat(last))


@pytest.mark.parametrize(
    ("since", "last"),
    [
        (None, "2026-05-30"),
        # Switched on in May: whoever did something in March has their days from then.
        ("2026-05-01", "2026-07-30"),
        # Active since.
        ("2026-01-01", "2026-05-30"),
    ],
)
def test_the_last_day_of_who_does_nothing_more(since, last):
    """90 days from 1 March are 30 May; from 1 May they are 30 July."""
    rule = ExpiryRule(Expiry.INACTIVITY, 90, since and date.fromisoformat(since))

    assert expiry.inactive_after(rule, date(2026, 3, 1)) == date.fromisoformat(last)


# --- With a ledger -------------------------------------------------------------------


@pytest.fixture
def shop(db):
    open_shop()


def test_a_partial_return_after_a_spending(shop):
    """40 earned, 35 spent: 5. Half comes back: 40 - 20 earned, 5 - 20 = -15."""
    programme()
    dana = CustomerFactory()
    sale = buy(dana, ("TEA", 4, 10))
    work("2026-03-02")
    spending.spend(member(dana), Wanted(amount=D(35), key="a"), now=at("2026-03-03"))
    bring_back(sale, ("TEA", 2, 10))
    work("2026-03-11")

    assert balance(dana) == -15
    assert member(dana).owed == 15


def test_a_return_without_its_order_takes_from_the_latest_purchase(shop):
    """Tea for 8 in March and for 10 in April; one comes back in May: that of April."""
    programme()
    dana = CustomerFactory()
    buy(dana, ("TEA", 1, 8), order="A-1", on="2026-03-01")
    buy(dana, ("TEA", 1, 10), order="A-2", on="2026-04-01")
    buy(dana, ("TEA", -1, 9), order="R-1", on="2026-05-01")
    work("2026-05-02")

    assert balance(dana) == 8


def test_a_return_of_what_was_never_bought_takes_nothing(shop):
    """8 of tea; three cups for 27 come back that nobody sold: 8 - 0 = 8."""
    programme()
    dana = CustomerFactory()
    buy(dana, ("TEA", 1, 8))
    buy(dana, ("CUP", -3, 9), order="R-1", on="2026-05-01")
    work("2026-05-02")

    assert entries(dana) == [("earned", 8)]


def test_postage_and_discount_lines(shop):
    """20 of tea and 5 of postage, less a voucher of 4: 20 - 4 = 16."""
    ProductRule.objects.create(pattern="POST", nature="postage")
    programme()
    dana = CustomerFactory()
    buy(dana, ("TEA", 2, 10), ("POST", 1, 5), ("VOUCHER", 1, -4))
    work("2026-03-02")

    assert balance(dana) == 16


def test_an_order_half_of_which_points_paid_gets_half_of_them_back(shop):
    """10 points at 0.50 pay 5.00 of 20.00. One of two comes back: 5 points, too. It
    earned 15; half of that, 7.5, full euros: 7."""
    programme(worth=D("0.5"))
    dana = CustomerFactory()
    buy(dana, ("CUP", 1, 30), order="A-1")
    work("2026-03-02")
    spending.spend(
        member(dana), Wanted(amount=D(10), key="a", order="A-2"), now=at("2026-03-03")
    )
    sale = buy(dana, ("TEA", 2, 10), order="A-2", on="2026-03-03")
    work("2026-03-04")
    paid = balance(dana)
    bring_back(sale, ("TEA", 1, 10))
    work("2026-03-11")

    assert paid == 30 - 10 + 15
    assert balance(dana) == 30 - 5 + 7


def test_a_refund_after_a_merge_is_taken_from_who_is_left(shop):
    """Noa's 2 x 10 = 20 go to Dana; one comes back: 20 - 10 = 10 with her, 0 there."""
    programme()
    dana, noa = people()
    sale = buy(noa, ("TEA", 2, 10))
    work("2026-03-02")
    merging.merge(dana, noa, now=at("2026-03-03"))
    sale = Order.objects.get(pk=sale.pk)
    bring_back(sale, ("TEA", 1, 10))
    work("2026-03-11")

    assert (balance(dana), balance(noa)) == (10, 0)


def test_what_was_there_when_expiry_was_switched_on_counts_from_then(shop):
    """Earned in March; from 10 May on the end of the next month: 30 June, not April."""
    made = programme()
    dana = CustomerFactory()
    buy(dana, ("TEA", 1, 8))
    work("2026-03-02")
    programmes.change(
        made, version=made.version,
        values={"expiry": "month_end", "expires_after": 1}, now=at("2026-05-10"),
    )  # fmt: skip

    assert lots(dana) == [(8, "2026-06-30")]


def test_what_must_wait_runs_out_after_it_can_be_spent(shop):
    """There on 1 March, to be spent from the 15th on, good for 10 days: through the
    25th. On the 10th it becomes 5 days: that stays, as the 20th is sooner; what had no
    end is good through the 20th."""
    made = programme(returns_days=14, expiry="days", expires_after=10)
    endless = programme(name="Endless", returns_days=14)
    dana = CustomerFactory()
    buy(dana, ("TEA", 1, 8))
    work("2026-03-02")
    for one in (made, endless):
        programmes.change(
            one, version=one.version, now=at("2026-03-10"),
            values={"expiry": "days", "expires_after": 5},
        )  # fmt: skip

    assert lots(dana) == [(8, "2026-03-20"), (8, "2026-03-25")]


def test_caps_go_on_when_the_rule_is_changed(shop):
    """At most 100 in March: 60, then 40 of 60 under the next version, then nothing; at
    most 130 under the one after: 30 of 60."""
    made = programme({"units": 1, "measure": "money", "per": 1, "cap_month": 100})
    rule, dana = made.rules.get(), CustomerFactory()
    days = ("2026-03-01", "2026-03-05", "2026-03-06", "2026-03-09")
    rules.change(rule, values={"rounding": "half_up"}, now=at("2026-03-03"))
    rules.change(rule, values={"cap_month": 130}, now=at("2026-03-08"))
    for number, day in enumerate(days):
        buy(dana, ("TEA", 1, 60), order=f"A-{number}", on=day)
    work("2026-03-20")

    assert [units for _kind, units in entries(dana)] == [60, 40, 30]


def test_a_new_way_to_expire_never_ends_anything_sooner(shop):
    """1 March + 365 days = 1 March 2027; 10 May + 10 days = 20 May would be sooner."""
    made = programme(expiry="days", expires_after=365)
    dana = CustomerFactory()
    buy(dana, ("TEA", 1, 8))
    work("2026-03-02")
    programmes.change(
        made, version=made.version, values={"expires_after": 10}, now=at("2026-05-10")
    )

    assert lots(dana) == [(8, "2027-03-01")]


def test_who_does_nothing_for_long_loses_all_at_once(shop):
    """A member since 2 March, and nothing after; 90 days: good through 31 May."""
    programme(expiry="inactivity", expires_after=90)
    dana = CustomerFactory()
    buy(dana, ("TEA", 1, 8))
    work("2026-03-02")
    work("2026-05-31")
    there = balance(dana)
    work("2026-06-01")

    assert (there, balance(dana)) == (8, 0)


def test_yen_and_dinars_have_their_own_places(shop):
    """5 % of 1,999 yen: 99.95, 99 yen. Of 10.005 dinars: 0.50025, 0.500 dinars."""
    for currency in ("JPY", "KWD"):
        programme(
            unit="money", name=currency, currency=currency,
            rule={"units": D(5), "measure": "money", "per": 100, "currency": currency},
        )  # fmt: skip
    dana, noa = people()
    buy(dana, ("TEA", 1, 1999), order="A-1", currency="JPY")
    buy(noa, ("TEA", 1, "10.005"), order="A-2", currency="KWD")
    work("2026-03-02")

    assert (balance(dana), balance(noa)) == (99, D("0.5"))


def test_a_category_alone_earns_stamps(shop):
    """Three lattes of coffee and two cakes of none: 3 x 1 + 2 x 0 = 3."""
    card(rule={"units": 1, "measure": "item", "categories": ["Coffee"]})
    dana = CustomerFactory()
    buy(dana, ("LATTE", 3, 4, {"category": "Coffee"}), ("CAKE", 2, 5))
    work("2026-03-02")

    assert balance(dana) == 3


def test_a_full_card_is_a_reward_and_the_rest_stays(shop):
    """12 stamps, a card of 10: one reward, 2 stamps."""
    reward_shop.open_shop()
    made = card(rule={"units": 1, "measure": "item"})
    free = reward_shop.make("Coffee", kind="product")
    offers.offer(made, free, price=D(10), now=START)
    dana = CustomerFactory()
    buy(dana, ("LATTE", 12, 4))
    work("2026-03-02")
    first = spending.take_reward(
        member(dana), made.offers.get(), key="a", now=at("2026-03-03")
    )
    again = spending.take_reward(
        member(dana), made.offers.get(), key="a", now=at("2026-03-03")
    )

    assert first == again
    assert first.grant.code.text
    assert balance(dana) == 2
    spending.release(member(dana), "a", now=at("2026-03-03"))
    assert balance(dana) == 12


def test_a_first_step_is_ticked_once(shop):
    """5 for the profile, ticked twice: 5 + 0 = 5."""
    made = programme()
    step = rules.add(
        made, event=EarnEvent.STEP, key="profile", values={"units": 5}, now=START
    )
    dana = CustomerFactory()

    first = manual_entries.tick(step, dana, now=at("2026-03-01"))
    again = manual_entries.tick(step, dana, now=at("2026-03-02"))

    assert first == again
    assert entries(dana) == [("earned", 5)]


def test_a_step_of_a_programme_that_is_off_is_refused(shop):
    made = programme()
    step = rules.add(
        made, event=EarnEvent.STEP, key="profile", values={"units": 5}, now=START
    )
    programmes.switch_off(made, now=at("2026-03-01"))

    with pytest.raises(ProgrammeOff):
        manual_entries.tick(step, CustomerFactory(), now=at("2026-03-02"))


def test_nobody_earns_in_a_programme_that_they_have_not_joined(shop):
    made = programme(takes_part="joining")
    step = rules.add(
        made, event=EarnEvent.STEP, key="profile", values={"units": 5}, now=START
    )

    with pytest.raises(NotAMember):
        manual_entries.tick(step, CustomerFactory(), now=at("2026-03-02"))


def test_a_role_moves_by_hand_what_it_may_in_a_day(shop):
    """At most 20: 15, then 6 would be 21; the next day 6."""
    made = programme()
    dana = CustomerFactory()
    buy(dana, ("TEA", 1, 8))
    work("2026-03-02")
    anna = UserFactory(role="agent")
    offers.set_limits(made, {Role.AGENT: D(20)})

    def give(amount, once, day):
        return manual_entries.adjust(
            member(dana), D(amount), reason="Late parcel", once=once, staff=anna,
            now=at(day),
        )  # fmt: skip

    first = give(15, "a", "2026-03-03")
    assert give(15, "a", "2026-03-03") == first
    with pytest.raises(HandLimitReached):
        give(6, "b", "2026-03-03")
    give(6, "b", "2026-03-04")

    assert balance(dana) == 8 + 15 + 6


def test_what_stands_on_a_day(shop):
    """8 earned on 1 March, good from the 8th for 30 days, through 7 April; nothing can
    be spent on the 2nd."""
    programme(returns_days=7, worth=D("0.5"), expiry="days", expires_after=30)
    dana = CustomerFactory()
    buy(dana, ("TEA", 1, 8))
    work("2026-03-02")

    early = standing(member(dana), today=date(2026, 3, 2))
    late = standing(member(dana), today=date(2026, 3, 8))

    assert (early.spendable, early.pending, early.pending_until) == (
        0, 8, date(2026, 3, 8),
    )  # fmt: skip
    assert (late.spendable, late.worth) == (8, 4)
    assert [(one.on, one.units) for one in late.expiring] == [(date(2026, 4, 7), 8)]


def test_a_forecast_is_what_switching_on_then_gives(shop):
    """30 euros at 1 point of 0.05 each: 1.50, which is 5 % off."""
    made = programme(on=False, start=at("2026-06-01"), worth=D("0.05"))
    dana, noa, far = people(3)
    buy(dana, ("TEA", 2, 10), order="A-1")
    buy(noa, ("TEA", 1, 10), order="A-2")
    buy(far, ("TEA", 1, 10), order="A-3", currency="USD")

    found = forecast(made, since=date(2026, 1, 1), now=at("2026-06-01"))
    programmes.switch_on(made, since=date(2026, 1, 1), now=at("2026-06-01"))
    work("2026-06-01")

    assert (found.buyers, found.members, found.orders, found.units) == (3, 2, 2, 30)
    assert (found.worth, found.discount) == (D("1.50"), 5)
    assert found.others == {"USD": 1}
    assert found.first == [(dana.pk, 20), (noa.pk, 10)]
    assert (balance(dana), balance(noa), balance(far)) == (20, 10, 0)
