"""The backtest, on tables small enough to count by hand."""

from datetime import date, timedelta
from decimal import Decimal
from math import sqrt

import pytest

from loyalty.rules.backtest import Pair, Score, backtest, score
from loyalty.rules.reorder import Bought, Rhythm

CUTOFF = date(2026, 6, 1)
MONTHLY = (-100, -70, -40, -10)


def day(number):
    return CUTOFF + timedelta(number)


def pair(before, bought_on=None, *, customer=1, product=1, orders=None):
    return Pair(
        customer_id=customer,
        product_id=product,
        before=[Bought(day(number), Decimal(1)) for number in before],
        bought_on=None if bought_on is None else day(bought_on),
        rhythm=orders or Rhythm(day(before[-1]), 7),
    )


def counts(found: Score):
    return (
        found.pairs,
        found.predicted,
        found.bought_again,
        found.hits,
        found.median_error,
    )


def test_both_rules_on_a_table_worked_by_hand():
    found = backtest(
        [
            # Both say day 20.
            pair(MONTHLY, 13, customer=1),  # 7 days off: right
            pair(MONTHLY, 28, customer=2),  # 8 days off: wrong
            pair(MONTHLY, None, customer=3),  # never again: wrong
            # Intervals 20, 40, 40: plain expects day 30, shipped day 20.
            pair((-110, -90, -50, -10), 14, customer=4),
        ],
        cutoff=CUTOFF,
    )

    assert counts(found.every.plain) == (4, 4, 3, 1, 8)
    assert counts(found.every.shipped) == (4, 4, 3, 2, 7)


def test_pairs_whose_plain_day_is_over_are_counted_but_not_compared():
    over = (-125, -95, -65, -35)

    found = backtest([pair(over, 7), pair(MONTHLY, 20)], cutoff=CUTOFF)

    assert found.pairs == 2
    assert found.every.plain.pairs == 1
    # The shipped rule gives the first one a week from the cut-off, and is right.
    assert counts(found.shipped)[:4] == (2, 2, 2, 2)


def test_the_plain_day_may_be_the_cutoff_itself():
    found = backtest([pair((-90, -60, -30, -30 + 0), 0)], cutoff=CUTOFF, fewest=3)

    assert counts(found.every.plain)[:4] == (1, 1, 1, 1)


def test_too_few_purchases_before_the_cutoff_are_left_out():
    three = pair((-70, -40, -10), 20)

    assert backtest([three], cutoff=CUTOFF).pairs == 0
    assert backtest([three], cutoff=CUTOFF, fewest=3).pairs == 1


def test_the_tolerance_decides_what_is_right():
    late = [pair(MONTHLY, 28)]

    assert backtest(late, cutoff=CUTOFF, tolerance=7).every.plain.hits == 0
    assert backtest(late, cutoff=CUTOFF, tolerance=8).every.plain.hits == 1


def test_the_shipped_rule_is_silent_where_it_is_unsure():
    # 4 purchases over a year, all intervals far from each other.
    unsure = (-360, -330, -150, -30)

    found = backtest([pair(unsure, 90), pair(MONTHLY, 20)], cutoff=CUTOFF)

    assert counts(found.every.shipped)[:2] == (2, 2)
    assert counts(found.spoken.shipped)[:4] == (1, 1, 1, 1)
    assert counts(found.spoken.plain)[:4] == (1, 1, 1, 1)
    assert found.by_intervals[0].shipped.predicted == 1
    assert found.by_intervals[0].shipped.coverage == 50


def test_tables_by_intervals_and_by_product():
    found = backtest(
        [
            pair(MONTHLY, 20, product=5),
            pair(MONTHLY, 60, product=7, customer=2),
            pair((-130, *MONTHLY), 20, product=7),
        ],
        cutoff=CUTOFF,
        products=1,
    )

    intervals = {
        row.key: (row.plain.pairs, row.plain.hits) for row in found.by_intervals
    }
    assert intervals == {"3": (2, 1), "4": (1, 1)}
    assert [(row.key, row.plain.pairs) for row in found.by_product] == [("7", 2)]


def test_precision_against_coverage_asks_the_same_pairs_of_both():
    # Monthly, with a chance of 68 %; and 39 % where intervals are 20, 40 and 60 days.
    uneven = (-130, -110, -70, -10)

    found = backtest([pair(MONTHLY, 20), pair(uneven, 20)], cutoff=CUTOFF, fewest=4)

    rows = {row.key: row for row in found.by_confidence}
    text = {
        key: (row.shipped.predicted, row.plain.predicted) for key, row in rows.items()
    }
    assert (text["0.00"], text["0.25"], text["0.50"]) == ((2, 2), (2, 2), (1, 1))
    assert {row.shipped.pairs for row in found.by_confidence} == {2}


# --- Margins -------------------------------------------------------------------------


def trials(customers, per_customer, right):
    """So many customers with so many pairs each; the first `right` of them are hits."""
    return [
        pair(MONTHLY, 20 if customer < right else 40, customer=customer, product=number)
        for customer in range(customers)
        for number in range(per_customer)
    ]


def plain_score(pairs):
    return backtest(pairs, cutoff=CUTOFF).every.plain


def test_few_pairs_or_few_customers_make_no_percentage():
    assert plain_score(trials(29, 1, right=9)).precision is None
    assert plain_score(trials(9, 9, right=3)).precision is None
    assert plain_score(trials(30, 1, right=9)).precision == pytest.approx(30)


def test_the_margin_of_independent_pairs_is_that_of_a_share():
    found = plain_score(trials(100, 1, right=20))

    # 1.96 · √(0.2 · 0.8 / 100), with n - 1 for n.
    assert found.margin95 == pytest.approx(196 * sqrt(0.2 * 0.8 / 99))


def test_many_pairs_of_one_customer_count_as_one():
    alone, together = (
        plain_score(trials(50, 1, right=10)),
        plain_score(trials(50, 40, right=10)),
    )

    assert together.predicted == 40 * alone.predicted
    assert together.margin95 == pytest.approx(alone.margin95)


def test_a_gain_has_a_margin_of_its_own():
    better = [
        pair((-110, -90, -50, -10), 14, customer=100 + number) for number in range(20)
    ]

    found = backtest([*trials(80, 1, right=40), *better], cutoff=CUTOFF)

    # Of 100 pairs the 20 better ones are right with the shipped rule alone.
    assert found.every.gain == pytest.approx(20)
    assert found.every.gain_margin95 == pytest.approx(196 * sqrt(0.2 * 0.8 / 99))


def test_nothing_asked_is_nothing_said():
    found = score([], lambda trial: trial.plain_on)

    assert counts(found) == (0, 0, 0, 0, None)
    assert (found.coverage, found.precision) == (None, None)


def test_what_was_said_stands_beside_what_came():
    found = backtest(trials(40, 1, right=30), cutoff=CUTOFF)

    (only,) = found.calibration
    assert (only.low, only.high, only.pairs, only.came) == (0.6, 1.0, 40, 30)
    assert only.said == pytest.approx(0.676, abs=0.001)
