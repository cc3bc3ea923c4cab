"""What goes with what: counted in baskets by the night, chosen and hidden by staff."""

from datetime import UTC, datetime, timedelta
from itertools import count
from math import exp, sqrt

import pytest
from django.db import IntegrityError, transaction

from crm.models import AuditEntry, Order
from loyalty.errors import NoComplement
from loyalty.models import Complement, ComplementRound
from loyalty.rules.complements import lift
from loyalty.services import complements
from tests.factories import (
    CustomerFactory,
    OrderFactory,
    OrderLineFactory,
    ProductFactory,
)

NOW = datetime(2026, 6, 10, 2, tzinfo=UTC)
DAY = timedelta(days=1)


# --- The rule ------------------------------------------------------------------------


def test_a_pair_by_chance_has_a_lift_of_one_and_a_bound_below_it():
    """100 of 1,000 have each, 10 both: as many as by chance."""
    found = lift(10, 100, 100, 1_000)

    assert found.value == 1
    spread = sqrt(1 / 10 - 2 / 100 + 1 / 1_000)
    assert found.low == pytest.approx(exp(-1.959964 * spread))


def test_many_customers_pass_few_with_the_same_lift():
    few, many = lift(20, 40, 40, 400), lift(200, 400, 400, 4_000)

    assert few.value == many.value == 5
    assert 1 < few.low < many.low < 5


def test_who_always_has_both_leaves_no_doubt_below_everybody():
    assert lift(50, 50, 50, 50).low == 1


# --- The count -----------------------------------------------------------------------


@pytest.fixture
def shop(db):
    """Coffee with filters in 30 baskets, each of another customer; 70 with tea, of
    which one has filters too; and a mug beside coffee by 19 customers only."""
    names = ("coffee", "filters", "tea", "mug")
    made = {name: ProductFactory(name=name) for name in names}
    for number in range(30):
        basket(*(made[one] for one in ("coffee", "filters")))
        if number < 19:
            basket(made["coffee"], made["mug"])
    for number in range(70):
        basket(made["tea"], *([made["filters"]] if not number else []))
    return made


BEFORE = NOW.date() - 30 * DAY


def basket(*products, on=BEFORE, customer=None, **line):
    order = OrderFactory(customer=customer or CustomerFactory(), ordered_on=on)
    for product in products:
        OrderLineFactory(order=order, product=product, **line)
    return order


def found():
    rows = Complement.objects.values_list("product__name", "goes_with__name", "pick")
    return sorted(rows)


BOTH = [("coffee", "filters", "found"), ("filters", "coffee", "found")]


def test_the_night_finds_what_twenty_customers_had_in_one_basket(shop):
    done = complements.work(now=NOW)

    assert (done, found()) == (3, BOTH)
    row = Complement.objects.get(product=shop["coffee"])
    # 119 customers: 49 with coffee, 31 with filters, 30 with both.
    expected = lift(30, 49, 31, 119)
    assert (row.customers, row.lift, row.lift_low) == (
        30,
        pytest.approx(expected.value),
        pytest.approx(expected.low),
    )
    assert complements.work(now=NOW + timedelta(hours=1)) == 0


def test_one_customer_with_thirty_baskets_is_one(db):
    one, other = ProductFactory(), ProductFactory()
    faithful = CustomerFactory()
    for _ in range(30):
        basket(one, other, customer=faithful)

    complements.work(now=NOW)

    assert found() == []


def test_a_huge_basket_says_nothing_of_what_lies_in_it(db):
    few = [ProductFactory() for _ in range(2)]
    many = [*few, *(ProductFactory() for _ in range(49))]
    for _ in range(20):
        basket(*many)

    complements.work(now=NOW)

    assert (len(many), found()) == (51, [])


@pytest.mark.parametrize(
    "line",
    [{"quantity": -1, "nature": "return"}, {"nature": "writeoff", "unit_price": 0}],
)
def test_what_was_not_bought_is_not_counted(db, line):
    one, other = ProductFactory(), ProductFactory()
    for _ in range(25):
        basket(one, other, **line)

    complements.work(now=NOW)

    assert found() == []


def test_slices_find_what_one_pass_finds(shop, monkeypatch):
    monkeypatch.setattr(complements, "SLICE", 1)
    passes = count()

    while not ComplementRound.objects.filter(ended_at__isnull=False).exists():
        complements.work(now=NOW, seconds=0)
        next(passes)

    assert (next(passes), found()) == (4, BOTH)


def test_a_day_later_what_is_bought_together_no_more_is_gone(shop):
    complements.work(now=NOW)
    complements.hide(Complement.objects.get(product=shop["filters"]), now=NOW)
    Order.objects.filter(lines__product=shop["filters"]).update(
        ordered_on=NOW.date() - 900 * DAY
    )
    shop["filters"].orderline_set.model.objects.filter(
        order__lines__product=shop["filters"]
    ).update(ordered_on=NOW.date() - 900 * DAY)

    complements.work(now=NOW + DAY)

    assert found() == [("filters", "coffee", "hidden")]
    assert Complement.objects.get().customers is None


# --- What staff choose ---------------------------------------------------------------


def test_a_choice_outlives_the_count_and_can_be_taken_back(shop):
    row = complements.choose(shop["tea"], shop["mug"], now=NOW)
    again = complements.choose(shop["tea"], shop["mug"], now=NOW)
    complements.work(now=NOW)

    assert row.pk == again.pk
    assert ("tea", "mug", "chosen") in found()

    complements.leave_to_count(row, now=NOW)

    assert found() == BOTH
    actions = AuditEntry.objects.values_list("action", flat=True)
    assert set(actions) >= {"complement.chosen", "complement.left_to_count"}


def test_what_is_hidden_stays_hidden_when_it_is_counted_again(shop):
    complements.work(now=NOW)
    complements.hide(Complement.objects.get(product=shop["coffee"]), now=NOW)

    complements.work(now=NOW + DAY)

    row = Complement.objects.get(product=shop["coffee"])
    assert (row.pick, row.customers) == ("hidden", 30)

    complements.leave_to_count(row, now=NOW)

    assert found() == BOTH


def test_a_product_does_not_go_with_itself(shop):
    with pytest.raises(NoComplement):
        complements.choose(shop["tea"], shop["tea"], now=NOW)

    with pytest.raises(IntegrityError, match="another"), transaction.atomic():
        Complement.objects.create(
            product=shop["tea"], goes_with=shop["tea"], pick="chosen"
        )


def test_what_was_found_has_its_figures(shop):
    with pytest.raises(IntegrityError, match="found_is_counted"), transaction.atomic():
        Complement.objects.create(product=shop["tea"], goes_with=shop["mug"])
