"""Once or twice bought: by the product, by how long it lasts, by its season."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from loyalty.choices import Basis
from loyalty.models import NextPurchase, ProductRhythm
from loyalty.rules.first_reorder import Usual, basis_of, first_expected, season_starts
from loyalty.rules.pooling import DEFAULT, Groups, Moments, gone, learned
from loyalty.rules.reorder import Bought, Rhythm
from loyalty.services import next_purchases, pooling
from tests.factories import (
    CustomerFactory,
    OrderFactory,
    OrderLineFactory,
    ProductFactory,
)

JANUARY = date(2026, 1, 1)
# Of 60 buyers, 50 came back.
SURE = Usual(buyers=60, again=50)


def bought(*days, quantity=1):
    return [Bought(JANUARY + timedelta(day), Decimal(quantity)) for day in days]


def test_the_product_comes_before_its_supply_and_that_before_its_season():
    stated = Usual(days_of_supply=40, season=(11, 12))

    assert basis_of(SURE, DEFAULT) is Basis.PRODUCT
    assert basis_of(stated, DEFAULT) is Basis.SUPPLY
    assert basis_of(Usual(season=(11, 12)), DEFAULT) is Basis.SEASON
    assert basis_of(Usual(buyers=60, again=9), DEFAULT) is None
    assert basis_of(Usual(buyers=6_000, again=50), DEFAULT) is None


def test_what_lasts_forty_days_is_due_after_about_forty():
    usual = Usual(days_of_supply=40)

    once = first_expected(bought(0), usual)
    twice = first_expected(bought(0, quantity=2), usual)

    assert once.basis is Basis.SUPPLY
    assert (once.every, twice.every) == (40, 80)
    assert 33 <= (once.due_on - JANUARY).days <= 40
    assert once.confidence is None


def test_winter_boots_are_due_when_the_next_winter_begins():
    boots = Usual(season=(11, 12, 1, 2))

    assert season_starts(boots.season) == (11,)
    assert season_starts(range(1, 13)) == ()
    assert first_expected(bought(0), boots).due_on == date(2026, 11, 1)
    # Bought in October for this winter.
    assert first_expected(bought(280), boots).due_on == date(2027, 11, 1)
    # Years ago: it says nothing of the coming winter.
    assert first_expected(bought(0), boots, today=date(2029, 5, 1)) is None


def test_a_product_that_others_buy_again_is_expected_after_their_interval():
    found = first_expected(bought(0), SURE, Rhythm(JANUARY, 7))

    assert found.basis is Basis.PRODUCT
    assert 14 <= (found.due_on - JANUARY).days <= 30


def moments(**more):
    """Forty pairs of three intervals, each e^3 days long."""
    each = Groups(40, 40 * 9.0, 40 * 27.0)
    values = {
        "intervals": 120,
        "total": 360.0,
        "squares": 40 * 27.0,
        "pairs": each,
        "customers": each,
        "products": each,
        "quantity_days": 0.0,
        "quantity_squares": 0.0,
        "orders": 120,
        "order_total": 360.0,
        "order_squares": 40 * 27.0,
        "order_customers": each,
        "bought": 100,
        "bought_again": 60,
    }
    return Moments(**(values | more))


def test_a_shop_is_drawn_from_the_values_to_begin_with_to_its_own():
    found = learned(moments())

    # 120 of its own against 30, and 80 free ones against 30.
    assert found.mean == pytest.approx((360 + 30 * DEFAULT.mean) / 150)
    assert found.within == pytest.approx(30 * DEFAULT.within / 110)
    assert found.gone[0] == pytest.approx((40 + 30 * 0.6) / 130)
    assert found.quantity == 1
    used_by_taste = learned(moments(quantity_squares=1_000.0))
    assert used_by_taste.quantity == pytest.approx(5 / 1_005)


def test_nothing_bought_leaves_the_values_to_begin_with():
    none = Groups(0, 0.0, 0.0)
    zero = dict.fromkeys(vars(moments()), 0)
    empty = zero | dict.fromkeys(
        ("pairs", "customers", "products", "order_customers"), none
    )

    found = learned(Moments(**empty))

    assert (found.mean, found.within, found.gone) == (
        pytest.approx(DEFAULT.mean),
        pytest.approx(DEFAULT.within),
        DEFAULT.gone,
    )


def test_who_waits_longer_than_anybody_who_came_back_is_gone():
    soon = gone({2: 700}, {2: [(1.0, 300)]})[0]
    late = gone({2: 700}, {2: [(0.0, 300)]})[0]

    assert soon < 0.03
    assert late == pytest.approx((300 + 30 * DEFAULT.gone[2]) / 1_030)


@pytest.fixture
def shop(db):
    """Twelve people buy beans every 20 days, on four days; somebody has just begun."""
    beans = ProductFactory(name="Beans")
    for n in range(12):
        customer = CustomerFactory()
        for ago in (80, 60, 40, 20 + n % 3):
            buy(customer, beans, ago)
    buy(CustomerFactory(external_id="new"), beans, 0)
    return beans


NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def buy(customer, product, ago):
    order = OrderFactory(customer=customer, ordered_on=(NOW - timedelta(ago)).date())
    OrderLineFactory(order=order, product=product, quantity=1)
    next_purchases.mark([customer.pk], now=NOW)


def test_the_upkeep_says_of_a_beginner_what_it_knows_of_the_product(shop):
    next_purchases.process_pending(now=NOW)

    row = NextPurchase.objects.get(customer__external_id="new")
    assert (row.basis, row.intervals) == ("product", 0)
    assert 12 <= (row.due_on - NOW.date()).days <= 25
    rhythm = ProductRhythm.objects.get()
    # The beginner bought today, of which nothing is learned yet.
    assert (rhythm.buyers, rhythm.again, rhythm.intervals) == (12, 12, 36)


def test_it_is_learned_once_a_day(shop):
    assert pooling.learn_when_old(now=NOW)
    assert not pooling.learn_when_old(now=NOW + timedelta(hours=23))
    assert pooling.learn_when_old(now=NOW + timedelta(hours=25))
