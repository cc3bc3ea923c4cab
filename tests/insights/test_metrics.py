"""The formulas of insights, against worked examples and published figures."""

from decimal import Decimal as D

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.metrics import churn, cost, intervals, movement, retention, revenue
from insights.metrics.measures import Measure, Why
from insights.metrics.movement import Both, Share
from insights.metrics.retention import Span
from web.rules.movement import Change, Moved, movements


def test_retention_is_that_of_the_worked_example():
    span = Span(start=1000, gained_new=150, gained_back=50, end=1100)

    kept = retention.retention(span)

    assert (kept.value, kept.count, kept.base) == (0.9, 900, 1000)
    assert (span.kept, span.lost, span.gained) == (900, 100, 200)
    assert kept.low < 0.9 < kept.high


@pytest.mark.parametrize(
    ("span", "why"),
    [
        (Span(0, 0, 0, 0), Why.NOBODY),
        (Span(1, 0, 0, 1), Why.TOO_FEW),
        (Span(29, 0, 0, 29), Why.TOO_FEW),
        (Span(0, 40, 2, 42), Why.EVERYBODY_NEW),
        (Span(50, 9, 0, 9), Why.EVERYBODY_LEFT),
    ],
)
def test_retention_without_a_figure_says_why(span, why):
    found = retention.retention(span)

    assert (found.value, found.why) == (None, why)


@given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 90), st.integers(0, 90))
@settings(max_examples=100)
def test_retention_is_never_zero_nor_above_one(start, kept, new, back):
    kept = min(start, kept)

    found = retention.retention(Span(start, new, back, kept + new + back))

    assert found.value is None or 0 < found.value <= 1
    assert found.value is None or 0 <= found.low <= found.value <= found.high <= 1


def test_more_kept_than_were_there_is_refused():
    with pytest.raises(ValueError, match="add up"):
        retention.retention(Span(start=10, gained_new=0, gained_back=0, end=11))


def test_churn_compounds_and_its_stay_is_no_half_life():
    assert round(churn.lost_after(0.10, 6), 3) == 0.469
    assert round(churn.lost_after(0.03, 6), 3) == 0.167
    assert churn.average_stay(0.02).value == pytest.approx(50)
    assert round(churn.half_life(0.02).value) == 34
    assert churn.average_stay(0).why is Why.NOBODY_LEFT
    assert churn.half_life(1).why is Why.EVERYBODY_LEFT


def test_churn_of_a_month_and_of_six_months_divided_by_six():
    assert churn.monthly_churn(500, 10).value == 0.02
    six = churn.churn_a_month(200, 24)
    assert (six.value, six.count, six.base) == (pytest.approx(0.02), 24, 200)
    assert six.low < six.value < six.high < 1 / 6
    assert churn.monthly_churn(0, 0).why is Why.NOBODY
    assert churn.churn_a_month(40, 40).why is Why.EVERYBODY_LEFT
    replaced = churn.Balance(gained=30, lost=20).replaced
    assert replaced.value == 1.5
    # 30 of 50: Wilson's 0.4618 to 0.7239, as odds.
    assert (replaced.low, replaced.high) == pytest.approx((0.858, 2.622), abs=2e-3)
    assert churn.Balance(gained=3, lost=2).replaced.low is None
    assert churn.Balance(gained=30, lost=0).replaced.why is Why.NOBODY_LEFT


def test_wilson_is_that_of_the_paper_by_newcombe():
    """Statistics in Medicine 17 (1998), table I, method 3: 81 of 263, 15 of 148, 0 of
    20 and 1 of 29."""
    for (count, base), expected in {
        (81, 263): (0.2553, 0.3662),
        (15, 148): (0.0624, 0.1605),
        (0, 20): (0.0, 0.1611),
        (1, 29): (0.0061, 0.1718),
    }.items():
        low, high = intervals.wilson(count, base)
        assert (round(low, 4), round(high, 4)) == expected


def test_the_curve_of_second_orders_is_that_of_a_published_example():
    """Remission of the 21 leukaemia patients on 6-MP (Freireich 1963), as every book on
    Kaplan and Meier has it, with enough watched for one day to be 30 people."""
    back = {6: 3, 7: 1, 10: 1, 13: 1, 16: 1, 22: 1, 23: 1}
    watched = {6: 1, 9: 1, 10: 1, 11: 1, 17: 1, 19: 1, 20: 1, 25: 1, 32: 2, 34: 1}

    every = {**watched, 35: 1, 1: 9}
    steps = retention.read_off(back, every, list(back))

    assert [round(1 - step.share, 4) for step in steps] == [
        *(0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482)
    ]
    assert all(0 < step.low < step.share < step.high < 1 for step in steps)
    assert retention.read_off(back, watched, list(back)) == []
    read = retention.read_off(back, every, [5, 10, 12, 36])
    assert [(step.days, round(1 - step.share, 4), step.waiting) for step in read] == [
        *((10, 0.7529, 15), (12, 0.7529, 12))
    ]
    assert retention.watched_until(back, every, 12) == 13
    assert retention.watched_until(back, every, 99) == 0


def test_cohorts_leave_out_what_is_not_over():
    row = retention.cohort(40, [40, 10, 0, None])

    assert [cell.value for cell in row] == [1, 0.25, 0, None]
    assert row[3].why is Why.NOT_OVER
    mean = retention.mean_of_cohorts([(40, [40, 10, None]), (60, [60, None, None])])
    assert [(one.count, one.base) for one in mean] == [(100, 100), (10, 40)]


def test_gaps_and_repeat_rate():
    days = {10: 20, 30: 20, 365: 1}

    assert retention.gap(days).value == 30
    assert retention.gap(days, 0.25).value == 10
    assert retention.gap({5: 3}).why is Why.TOO_FEW
    assert retention.repeat_rate(100, 65).value == 0.65


def test_revenue_retention_tells_expansion_from_loss():
    moved = revenue.Movement(100, D(1000), D(300), D(100), D(150))

    assert revenue.gross_retention(moved).value == 0.75
    assert revenue.net_retention(moved).value == 1.05
    assert revenue.revenue_churn(revenue.gross_retention(moved)).value == 0.25
    assert moved.is_net_negative_churn


def test_the_doubt_of_what_is_kept_ends_at_all_of_it():
    """One of 35 alike is gone: by the ratio alone up to 103 % would be kept."""
    moved = revenue.Movement(35, D(350), D(0), D(0), D(10))
    sums = intervals.PairSums(n=35, x=350, y=340, xx=3500, yy=3400, xy=3400)

    gross = revenue.gross_retention(moved, sums)
    churn_ = revenue.revenue_churn(gross)

    assert intervals.ratio(sums).high == pytest.approx(1.027, abs=1e-3)
    assert (gross.high, churn_.low) == (1.0, 0.0)
    assert gross.low == pytest.approx(0.916, abs=1e-3)
    assert revenue.net_retention(moved, sums).high > 1


@pytest.mark.parametrize(
    ("moved", "why"),
    [
        (revenue.Movement(0, D(0), D(0), D(0), D(0)), Why.NOBODY),
        (revenue.Movement(40, D(-5), D(0), D(0), D(0)), Why.NO_REVENUE),
        (revenue.Movement(3, D(50), D(0), D(0), D(0)), Why.TOO_FEW),
    ],
)
def test_revenue_without_a_figure_says_why(moved, why):
    assert revenue.net_retention(moved).why is why
    assert not moved.is_net_negative_churn


def test_ratio_has_the_doubt_of_its_people():
    people = [(10.0, 10.0 + at % 5) for at in range(200)]
    xs, ys = zip(*people, strict=True)
    sums = intervals.PairSums(
        n=200,
        x=sum(xs),
        y=sum(ys),
        xx=sum(x * x for x in xs),
        yy=sum(y * y for y in ys),
        xy=sum(x * y for x, y in people),
    )

    found = intervals.ratio(sums)

    # All x alike: the ratio is a mean, and its error s / √n / 10.
    half = 1.959964 * (sum((y - 12) ** 2 for y in ys) / 199 / 200) ** 0.5 / 10
    assert found.value == pytest.approx(1.2)
    assert found.high - found.value == pytest.approx(half)


def test_share_of_revenue_from_earlier_customers():
    assert revenue.earlier_share(D(70), D(100), 50).value == 0.7
    assert revenue.earlier_share(D(0), D(-3), 50).why is Why.NO_REVENUE
    assert revenue.earlier_share(D(110), D(100), 50).why is Why.NO_REVENUE
    assert revenue.earlier_share(D(1), D(1), 0).why is Why.NOBODY


def test_pareto_curve_of_the_20_and_the_80():
    points = revenue.pareto_curve([(20, D(800)), (80, D(200))])

    assert revenue.share_of_the_best(points).value == 0.8
    assert revenue.share_of_the_best(points, 0.1).value == pytest.approx(0.4)
    assert (points[0].people, points[-1].revenue) == (0, 1)
    assert revenue.pareto_curve([(5, D(10))]) == []
    assert revenue.share_of_the_best([]).why is Why.TOO_FEW


def test_cost_and_when_it_is_earned_back():
    each = cost.acquisition_cost(D(3000), 10)

    assert each.value == 300
    assert cost.break_even(each).value == 300
    assert cost.break_even(each, D("0.5")).value == 600
    assert cost.months_to_earn_back(each, D(50), D("0.5")).value == 12
    assert cost.value_to_cost(D(900), each).value == 3
    assert cost.acquisition_cost(D(0), 10).why is Why.NO_SPEND
    assert cost.months_to_earn_back(each, D(0)).why is Why.NO_REVENUE
    assert cost.break_even(cost.acquisition_cost(D(9), 0)).why is Why.NOBODY


def test_benjamini_and_hochberg_name_what_their_paper_names():
    """The 15 p-values of their section 3.2: four are findings at 5 %."""
    ps = "0.0001 0.0004 0.0019 0.0095 0.0201 0.0278 0.0298 0.0344 0.0459 0.3240 0.4262"
    ps += " 0.5719 0.6528 0.7590 1.0000"
    changes = {f"{at}": Change(-0.1, float(p)) for at, p in enumerate(ps.split())}

    named = movements({**changes, "few": Change(0, None)})

    assert [key for key, how in named.items() if how is Moved.DOWN] == [*"0123"]
    assert named["few"] is Moved.UNKNOWN
    assert named["4"] is Moved.BY_CHANCE


def test_people_in_both_periods_are_one_cluster():
    earlier, later = Share(60, 100), Share(70, 100)

    apart = movement.change_of_shares(earlier, later)
    same = movement.change_of_shares(
        earlier, later, Both(base=100, in_both=60, in_earlier=60, in_later=70)
    )

    assert apart.p > 0.05 > same.p
    assert movement.change_of_shares(Share(3, 9), later).p is None
    assert movement.change_of_shares(Share(0, 30), Share(1, 30)).p > 0.05


def test_measure_has_a_value_or_a_reason():
    with pytest.raises(ValueError, match="either"):
        Measure(None)
