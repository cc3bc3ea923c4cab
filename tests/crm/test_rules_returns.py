"""Which purchase a return gives back, by hand and for any sequence."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rules.choices import MatchBasis, Unmatched
from crm.rules.returns import Line, Match, Moved, Rest, Return, match

DAY = timedelta(days=1)
START = datetime(2026, 1, 1, tzinfo=UTC)
TEA = (1, 7, "EUR")


def bought(order, day, quantity, *, key="1", what=TEA):
    return Moved(
        Line(order, key), what, START + day * DAY, "main", str(order), Decimal(quantity)
    )


def back(order, day, quantity, *, key="1", what=TEA, **named):
    return Return(
        Line(order, key),
        what,
        START + day * DAY,
        "main",
        str(order),
        Decimal(quantity),
        **named,
    )


def shown(matches):
    return {
        (one.returned.order, one.purchase.order, one.purchase.key): int(one.quantity)
        for one in matches
    }


def test_the_last_bought_is_the_first_given_back():
    matches, rests = match(
        [back(9, 30, 3)], [bought(1, 1, 5), bought(2, 10, 2), bought(3, 40, 9)]
    )

    # 2 of the order of day 10 and 1 of that of day 1; day 40 is later.
    assert shown(matches) == {(9, 2, "1"): 2, (9, 1, "1"): 1}
    assert {one.basis for one in matches} == {MatchBasis.LATEST}
    assert rests == []


def test_what_came_back_before_is_not_given_back_again():
    matches, rests = match(
        [back(8, 20, 2), back(9, 30, 3)], [bought(1, 1, 3), bought(2, 25, 1)]
    )

    # Day 20 takes 2 of 3; day 30 takes the 1 of day 25 and the 1 that is left.
    assert shown(matches) == {(8, 1, "1"): 2, (9, 2, "1"): 1, (9, 1, "1"): 1}
    assert rests == [Rest(Line(9, "1"), Decimal(1), Unmatched.TOO_MANY)]


@pytest.mark.parametrize(
    "purchase",
    [
        bought(1, 31, 5),
        bought(1, 1, 5, what=(2, 7, "EUR")),
        bought(1, 1, 5, what=(1, 8, "EUR")),
        bought(1, 1, 5, what=(1, 7, "USD")),
    ],
    ids=["later", "of another", "other product", "other currency"],
)
def test_a_purchase_of_something_else_is_not_given_back(purchase):
    assert match([back(9, 30, 1)], [purchase]) == (
        [],
        [Rest(Line(9, "1"), Decimal(1), Unmatched.NO_PURCHASE)],
    )


def test_what_comes_back_at_the_moment_of_the_purchase_is_of_it():
    matches, rests = match([back(1, 1, 1, key="2")], [bought(1, 1, 3)])

    assert shown(matches) == {(1, 1, "1"): 1}
    assert not rests


def test_a_return_that_names_its_order_takes_from_it_and_from_no_other():
    purchases = [bought(1, 1, 1), bought(1, 1, 1, key="10"), bought(2, 20, 9)]
    matches, rests = match([back(9, 30, 3, named_order=1)], purchases)

    assert shown(matches) == {(9, 1, "1"): 1, (9, 1, "10"): 1}
    assert {one.basis for one in matches} == {MatchBasis.NAMED}
    assert rests == [Rest(Line(9, "1"), Decimal(1), Unmatched.TOO_MANY)]


def test_a_named_line_is_taken_whatever_product_it_is():
    small = bought(1, 1, 2, key="2", what=(1, 8, "EUR"))
    matches, _rests = match(
        [back(9, 30, 1, named_order=1, named_line="2")], [bought(1, 1, 5), small]
    )

    assert shown(matches) == {(9, 1, "2"): 1}


def test_what_is_named_is_not_taken_by_an_earlier_return_that_names_nothing():
    returns = [back(8, 20, 1), back(9, 30, 1, named_order=1)]
    matches, rests = match(returns, [bought(1, 1, 1)])

    assert shown(matches) == {(9, 1, "1"): 1}
    assert rests == [Rest(Line(8, "1"), Decimal(1), Unmatched.TOO_MANY)]


def test_a_person_is_believed_before_a_file():
    chosen = back(9, 30, 1, named_order=1, chosen=[Line(2, "1")])
    matches, rests = match([chosen], [bought(1, 1, 1), bought(2, 2, 1)])

    assert matches == [Match(Line(9, "1"), Line(2, "1"), Decimal(1), MatchBasis.CHOSEN)]
    assert not rests


@pytest.mark.parametrize(
    ("named", "reason"),
    [
        ({"why_not": Unmatched.ORDER_UNKNOWN}, "order_unknown"),
        ({"why_not": Unmatched.ORDER_OF_ANOTHER}, "order_of_another"),
        ({"named_order": 2}, "not_in_order"),
        ({"named_order": 1, "named_line": "7"}, "not_in_order"),
    ],
)
def test_what_is_named_and_not_there_gives_back_nothing(named, reason):
    matches, rests = match([back(9, 30, 1, **named)], [bought(1, 1, 5)])

    assert matches == []
    assert [one.reason.value for one in rests] == [reason]


MOVES = st.lists(
    st.tuples(
        st.integers(0, 8),  # day
        st.integers(1, 4),  # quantity
        st.booleans(),  # came back
        st.sampled_from([TEA, (1, 8, "EUR"), (1, 7, "USD")]),
    ),
    max_size=14,
)


@given(moves=MOVES, order=st.randoms(use_true_random=False))
def test_for_any_sequence_nothing_is_given_back_twice_and_nothing_is_lost(moves, order):
    returns, purchases = [], []
    for number, (day, quantity, is_back, what) in enumerate(moves, start=1):
        make, to = (back, returns) if is_back else (bought, purchases)
        to.append(make(number, day, quantity, what=what))

    matches, rests = match(returns, purchases)

    taken, given_back = Counter(), Counter()
    for one in matches:
        taken[one.purchase] += one.quantity
        given_back[one.returned] += one.quantity
    for rest in rests:
        given_back[rest.returned] += rest.quantity
    assert all(taken[one.line] <= one.quantity for one in purchases)
    assert given_back == {one.line: one.quantity for one in returns}
    what_of = {one.line: one for one in [*returns, *purchases]}
    assert all(
        what_of[one.returned].what == what_of[one.purchase].what
        and what_of[one.returned].at >= what_of[one.purchase].at
        for one in matches
    )

    order.shuffle(returns)
    order.shuffle(purchases)
    again, rests_again = match(returns, purchases)
    assert sorted(again) == sorted(matches)
    assert sorted(rests_again) == sorted(rests)
