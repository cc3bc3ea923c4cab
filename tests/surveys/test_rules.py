"""The score, its margin and the first turn, by published and hand-worked numbers."""

import csv
import json
import os
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from surveys.rules import (
    Band,
    Enough,
    NpsResult,
    call_back_by,
    classify,
    first_ask_on,
    is_low,
    is_urgent,
    nps,
    nps_of_counts,
)

DATA = Path(os.environ.get("PERENNIAL_DATA", "../shared/data"))
LONDON = ZoneInfo("Europe/London")
SATURDAY_AND_SUNDAY = frozenset({5, 6})
FRIDAY_AND_SATURDAY = frozenset({4, 5})


def result(promoters: int, passives: int, detractors: int) -> NpsResult:
    return NpsResult(promoters, passives, detractors)


@pytest.mark.parametrize("score", range(7))
def test_0_to_6_are_detractors(score):
    assert classify(score) is Band.DETRACTOR


@pytest.mark.parametrize("score", [7, 8])
def test_7_and_8_are_passives(score):
    assert classify(score) is Band.PASSIVE


@pytest.mark.parametrize("score", [9, 10])
def test_9_and_10_are_promoters(score):
    assert classify(score) is Band.PROMOTER


@pytest.mark.parametrize("score", [-1, 11])
def test_a_score_outside_the_scale_is_refused(score):
    with pytest.raises(ValueError, match="0 to 10"):
        classify(score)


def test_no_answers_have_no_score():
    assert nps([]) is None
    assert nps_of_counts({3: 0}) is None


def test_passives_stay_in_the_denominator():
    assert nps([10, 8, 7, 0]).score == 0
    assert nps([10, 9, 8, 0]).score == 25


def test_published_margin_of_a_large_survey():
    published = result(promoters=291, passives=476, detractors=395)

    assert published.n == 1162
    assert published.score == -9
    assert round(published.margin95, 1) == 4.4


def test_margin_of_thirty_answers_is_about_27_points():
    assert result(15, 10, 5).margin95 == pytest.approx(26.7, abs=0.1)


def test_published_score_of_a_real_survey():
    answers = DATA / "nps_carpentries_longterm.csv"
    if not answers.exists():
        pytest.skip("the shared data folder is not here (PERENNIAL_DATA)")
    expected = json.loads((DATA / "expected_dev.json").read_text())
    with answers.open(newline="") as file:
        scores = [
            int(row["score"])
            for row in csv.DictReader(file)
            if row["survey"] == "long-term-2020-03" and row["score"]
        ]

    assert nps(scores).score == expected["published"]["nps_2020_03"]["nps"]


def test_single_answers_and_counts_say_the_same():
    scores = [0, 0, 6, 7, 8, 9, 10, 10]

    assert nps(scores) == nps_of_counts(Counter(scores))


def test_the_interval_stays_on_the_scale():
    almost_all = result(promoters=39, passives=1, detractors=0)

    assert almost_all.high == 100
    assert -100 <= almost_all.low < almost_all.score


def test_all_the_same_answers_are_not_certainty():
    all_tens = nps([10] * 30)

    assert all_tens.score == 100
    assert all_tens.margin95 == 10
    assert (all_tens.low, all_tens.high) == (90, 100)


def test_the_margin_and_the_ends_are_of_one_interval():
    every = [
        result(promoters, passives, n - promoters - passives)
        for n in (10, 30, 31, 200)
        for promoters in range(n + 1)
        for passives in range(n - promoters + 1)
    ]

    assert len(every) > 20_000
    for one in every:
        assert one.margin95 > 0
        assert abs(one.low - max(-100, one.exact - one.margin95)) <= 0.5
        assert abs(one.high - min(100, one.exact + one.margin95)) <= 0.5
        assert one.low <= one.score <= one.high
        assert one.low < one.high


def test_where_answers_vary_the_published_formula_stands():
    """A real survey of 134 answers, of which 93 promote and 9 do not."""
    varied = result(promoters=93, passives=32, detractors=9)

    assert varied.exact == pytest.approx(62.69, abs=0.005)
    assert varied.exact - varied.margin95 == pytest.approx(52.41, abs=0.01)
    assert varied.exact + varied.margin95 == pytest.approx(72.96, abs=0.01)


def test_one_answer_spans_the_whole_scale():
    assert (nps([0]).low, nps([0]).high) == (-100, 100)


def test_a_million_answers_are_counted_at_once():
    million = nps_of_counts({0: 250_000, 8: 250_000, 10: 500_000})

    assert million.score == 25
    assert (million.low, million.high) == (25, 25)


@pytest.mark.parametrize(
    ("answers", "enough"),
    [
        (1, Enough.NOT_YET),
        (9, Enough.NOT_YET),
        (10, Enough.RANGE),
        (29, Enough.RANGE),
        (30, Enough.FULL),
    ],
)
def test_how_much_may_be_said(answers, enough):
    assert nps([10] * answers).enough is enough


def test_half_points_round_away_from_zero():
    assert result(promoters=1, passives=7, detractors=0).score == 13  # 12.5
    assert result(promoters=0, passives=7, detractors=1).score == -13


@pytest.mark.parametrize("step", [1, 2, 7, 100, 180])
@pytest.mark.parametrize("every_days", [30, 180, 365])
def test_first_turns_spread_evenly_whatever_the_step_of_the_ids(step, every_days):
    start = date(2026, 1, 1)
    people = every_days * 50
    days = Counter(
        first_ask_on(number * step, every_days, start) for number in range(people)
    )

    assert min(days) >= start
    assert (max(days) - start).days < every_days
    assert len(days) == every_days
    assert max(days.values()) <= 75  # 50 a day would be perfect


def test_the_first_turn_of_somebody_is_always_the_same_day():
    start = date(2026, 1, 1)

    assert first_ask_on(41, 180, start) == first_ask_on(41, 180, start)


def test_the_largest_id_has_a_turn():
    start = date(2026, 1, 1)

    assert 0 <= (first_ask_on(2**63 - 1, 730, start) - start).days < 730


@pytest.mark.parametrize(
    ("when", "by"),
    [
        ("2026-11-20 09:00", "2026-11-20 17:00"),  # Friday morning: today
        ("2026-11-20 14:59", "2026-11-20 17:00"),
        ("2026-11-20 15:00", "2026-11-23 12:00"),  # too late: Monday noon
        ("2026-11-21 10:00", "2026-11-23 12:00"),  # Saturday
        ("2026-11-23 23:59", "2026-11-24 12:00"),
    ],
)
def test_a_low_score_is_answered_within_working_hours(when, by):
    moment = datetime.fromisoformat(when).replace(tzinfo=LONDON)

    expected = datetime.fromisoformat(by).replace(tzinfo=LONDON)
    assert call_back_by(moment, SATURDAY_AND_SUNDAY) == expected


def test_sunday_is_a_working_day_where_the_weekend_begins_on_friday():
    jerusalem = ZoneInfo("Asia/Jerusalem")
    thursday_evening = datetime(2026, 11, 19, 18, 0, tzinfo=jerusalem)

    by = call_back_by(thursday_evening, FRIDAY_AND_SATURDAY)

    assert by == datetime(2026, 11, 22, 12, 0, tzinfo=jerusalem)


def test_6_is_low_and_3_is_urgent():
    assert [score for score in range(11) if is_low(score)] == [0, 1, 2, 3, 4, 5, 6]
    assert [score for score in range(11) if is_urgent(score)] == [0, 1, 2, 3]
