"""When a product is expected again: worked by hand, and what must always hold."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.rules.reorder import (
    LEAST_CONFIDENCE,
    SPREAD_DAYS,
    Bought,
    DueBy,
    Rhythm,
    enough_days,
    expected,
    plain,
    rhythm,
)

JANUARY = date(2026, 1, 1)


def after(days):
    return JANUARY + timedelta(days)


def bought(*days, quantity=1):
    return [Bought(after(day), Decimal(quantity)) for day in days]


def day_of(purchases, orders=None, today=None, slot=None):
    """The rule however unsure it is, so that a test is about one thing."""
    return expected(purchases, orders, today=today, slot=slot, least=0)


# --- The day -------------------------------------------------------------------------


def test_somebody_regular_is_expected_after_their_interval():
    found = expected(bought(0, 30, 60, 90))

    assert (found.last_on, found.due_on) == (after(90), after(120))
    assert (found.days, found.every, found.intervals) == (30, 30, 3)
    assert found.due_by is DueBy.INTERVAL


@pytest.mark.parametrize(
    ("days", "due", "every", "usual"),
    [
        ((0, 20, 60), 60 + 27, 30, (20, 40)),
        ((0, 10, 30, 60, 100), 100 + 21, 25, (20, 30)),
        # 30 five times and a summer away.
        ((0, 30, 60, 90, 180, 210, 240), 240 + 33, 30, (30, 30)),
    ],
)
def test_irregular_intervals_count_by_their_likeliest_fortnight(
    days, due, every, usual
):
    # An order a day ago that left the product out: the next one is long before.
    found = day_of(bought(*days), Rhythm(after(days[-1]), 7))

    assert found.due_on == after(due)
    assert (found.every, (found.low, found.high)) == (every, usual)


def test_nothing_is_expected_between_two_orders_of_the_customer():
    weekly, monthly = Rhythm(after(84), 7), Rhythm(after(84), 31)

    assert day_of(bought(0, 28, 56, 84), weekly).due_on == after(112)
    late = day_of(bought(0, 28, 56, 84), monthly)
    assert (late.due_on, late.due_by) == (after(115), DueBy.ORDER)


def test_an_order_that_left_the_product_out_moves_the_day_to_the_next_one():
    found = day_of(bought(0, 30, 60), Rhythm(after(85), 14))

    assert (found.due_on, found.due_by) == (after(99), DueBy.ORDER)


def test_no_one_is_expected_within_a_week_of_an_order():
    assert day_of(bought(0, 2, 4, 6, 8)).due_on >= after(15)


def test_a_day_that_passed_by_moves_to_a_week_from_today():
    on_time = day_of(bought(0, 30, 60), today=after(83))
    late = day_of(bought(0, 30, 60), today=after(91))

    assert (on_time.due_on, on_time.due_by) == (after(90), DueBy.INTERVAL)
    assert (late.due_on, late.due_by) == (after(98), DueBy.PASSED)


def test_a_day_within_a_week_is_named_a_week_from_now():
    """Half of its window would be over: later it is right more often."""
    soon = day_of(bought(0, 30, 60), today=after(86))

    assert (soon.due_on, soon.due_by) == (after(93), DueBy.INTERVAL)
    assert day_of(bought(0, 30, 60), Rhythm(after(86), 2)).due_on == after(93)


@pytest.mark.parametrize("slot", [0, 13, SPREAD_DAYS - 1])
def test_a_day_that_passed_by_moves_to_the_customers_own_of_four_weeks(slot):
    late = day_of(bought(0, 30, 60), today=after(91), slot=slot)

    assert late.due_by is DueBy.PASSED
    assert late.due_on.toordinal() % SPREAD_DAYS == slot
    assert after(91 + 7) <= late.due_on < after(91 + 7 + SPREAD_DAYS)


def test_asked_again_until_a_week_is_left_a_day_is_moved_to_the_same_one():
    slot = after(91 + 7 + 20).toordinal() % SPREAD_DAYS

    moved = {
        day_of(bought(0, 30, 60), today=after(day), slot=slot).due_on
        for day in range(91, 112)
    }

    assert moved == {after(91 + 7 + 20)}


def test_a_day_that_lies_ahead_is_no_customers_own():
    days = {day_of(bought(0, 30, 60), slot=slot).due_on for slot in range(SPREAD_DAYS)}

    assert days == {after(90)}


# --- Quantities ----------------------------------------------------------------------


def test_two_bags_last_twice_as_long():
    """Nearly: all that is known of the customer are the three single bags."""
    twice = [*bought(0, 30, 60), *bought(90, quantity=2)]

    assert after(90 + 52) <= day_of(twice).due_on <= after(90 + 60)
    assert 55 <= day_of(twice).days <= 60
    assert day_of(twice).every == 30


def test_an_interval_is_counted_by_what_was_bought_at_its_beginning():
    uneven = [*bought(0), *bought(30, quantity=2), *bought(90), *bought(120)]

    found = expected(uneven)

    # 30 days from one bag, 60 from two, 30 from one: all three say 30 a bag.
    assert (found.days, found.due_on) == (30, after(150))


def test_a_wild_quantity_counts_three_times_at_most():
    wedding = [*bought(0, 30, 60), *bought(90, quantity=500)]

    three = [*bought(0, 30, 60), *bought(90, quantity=3)]

    assert day_of(wedding) == day_of(three)


def test_the_same_day_is_one_purchase():
    twice_a_day = [*bought(0, 0, 30, 30, 60, 60, 90, 90)]

    assert expected(twice_a_day) == expected(bought(0, 30, 60, 90, quantity=2))


def test_what_came_back_or_was_free_of_quantity_is_no_purchase():
    returned = [*bought(0, 30, 60), *bought(70, quantity=-1), *bought(75, quantity=0)]

    assert expected(returned) == expected(bought(0, 30, 60))


# --- Saying nothing ------------------------------------------------------------------


@pytest.mark.parametrize("days", [(), (0,), (0, 30), (0, 0, 0, 30, 30)])
def test_fewer_than_three_days_are_no_rhythm(days):
    assert day_of(bought(*days)) is None
    assert plain(bought(*days)) is None


def test_nothing_is_shown_where_the_chance_is_small():
    # Two intervals in half a year, far from each other.
    seldom = bought(0, 50, 200)

    assert expected(seldom) is None
    assert day_of(seldom).confidence < LEAST_CONFIDENCE


def test_who_buys_often_or_regularly_is_sure_enough():
    often, regular = bought(0, 30, 45, 90), bought(0, 30, 60, 90)

    assert LEAST_CONFIDENCE < day_of(often).confidence < day_of(regular).confidence


def test_waiting_lowers_the_chance_and_then_ends_it():
    monthly = bought(0, 30, 60, 90)
    chances = [day_of(monthly, today=after(90 + days)).confidence for days in (0, 40)]

    assert chances == sorted(chances, reverse=True)
    assert expected(monthly, today=after(90 + 60)) is None
    assert day_of(monthly, today=after(90 + 365)) is None


def test_a_day_beyond_all_calendars_is_none():
    last = [Bought(date.max - timedelta(days), Decimal(1)) for days in (60, 30, 0)]

    assert day_of(last) is None
    assert plain(last) is None


# --- The plain rule and the rhythm ---------------------------------------------------


def test_the_plain_rule_is_the_last_purchase_and_the_median_gap():
    assert plain(bought(0, 10, 30, 70)) == after(70 + 20)
    assert plain(bought(0, 10, 30, 70), fewest=5) is None


def test_the_plain_rule_gives_half_a_day_to_the_even_number():
    assert plain(bought(0, 10, 21)) == after(21 + 10)
    assert plain(bought(0, 11, 23)) == after(23 + 12)


def test_a_rhythm_is_the_last_day_and_the_usual_gap():
    days = [after(day) for day in (40, 0, 10, 10, 41)]

    # 10, 30 and 1: their geometric mean is 7, drawn a little towards the shop's.
    assert rhythm(days) == Rhythm(after(41), 7)
    assert rhythm([JANUARY, JANUARY]) is None


# --- What must always hold -----------------------------------------------------------

days = st.integers(0, 2_000).map(after)
amounts = st.decimals("0.001", "9999", places=3)
purchases = st.lists(st.builds(Bought, days, amounts), max_size=25)
rhythms = st.none() | st.builds(Rhythm, days, st.integers(1, 400))


@given(purchases, rhythms, days, st.randoms(use_true_random=False))
def test_the_order_of_purchases_does_not_matter(purchases, orders, today, dice):
    before = day_of(purchases, orders, today)

    dice.shuffle(purchases)

    assert day_of(purchases, orders, today) == before


@given(purchases, rhythms, st.sampled_from([2, 4, 8]))
def test_doubling_all_quantities_changes_nothing(purchases, orders, times):
    more = [Bought(one.on, one.quantity * times) for one in purchases]

    assert day_of(more, orders) == day_of(purchases, orders)


@given(purchases, rhythms, st.none() | days)
def test_what_is_expected_makes_sense(purchases, orders, today):
    found = day_of(purchases, orders, today)
    if found is None:
        return

    assert found.due_on > found.last_on == max(one.on for one in purchases)
    assert found.due_on >= (today or found.last_on)
    assert found.days >= 1
    assert found.low <= found.every <= found.high
    assert 0 < found.confidence < 1
    assert found.intervals == len({one.on for one in purchases}) - 1


@given(purchases, rhythms, st.none() | days)
def test_being_unsure_silences_but_never_changes_the_day(purchases, orders, today):
    found = expected(purchases, orders, today=today)

    assert found is None or found == day_of(purchases, orders, today)


@given(purchases)
def test_fewer_than_three_days_say_nothing(purchases):
    if len({one.on for one in purchases}) < 3:
        assert day_of(purchases) is None


@pytest.mark.parametrize(
    ("span", "days"), [(None, 28), (7, 14), (31, 15), (90, 45), (400, 84)]
)
def test_who_has_enough_waits_half_of_what_it_lasts_them(span, days):
    assert enough_days(span) == days
