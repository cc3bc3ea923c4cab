"""CSAT and CES, and what repeated answers do to a movement: by published numbers."""

import csv
import os
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from surveys.rules import Enough, NpsResult, PersonSums, variance_of_change
from surveys.rules.questionnaire import Scale
from surveys.rules.scales import CsatResult, MeanResult, result_of, worth
from web.rules.intervals import Sums

DATA = Path(os.environ.get("PERENNIAL_DATA", "../shared/data"))


def test_satisfied_are_those_who_gave_4_or_5():
    found = result_of(Scale.CSAT, {1: 10, 2: 5, 3: 5, 4: 30, 5: 50, -1: 7})

    assert found == CsatResult(80, 100)
    assert found.exact == 80
    assert (round(found.low, 2), round(found.high, 2)) == (71.12, 86.66)


def test_the_share_of_the_satisfied_is_that_of_the_paper_by_newcombe():
    found = CsatResult(81, 263)

    assert (round(found.low, 2), round(found.high, 2)) == (25.53, 36.62)


def test_effort_is_a_mean_with_students_interval():
    """The ten extra hours of sleep of Student, Biometrika 6 (1908), whose interval R
    prints for its data set `sleep`: 0.8977 to 3.7623."""
    hours = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
    sums = Sums(10, sum(hours), sum(one**2 for one in hours))

    found = MeanResult(sums)

    assert found.exact == pytest.approx(2.33)
    assert found.exact - found.margin95 == pytest.approx(0.8977, abs=0.001)
    assert found.exact + found.margin95 == pytest.approx(3.7623, abs=0.001)


def test_all_the_same_effort_is_not_certainty():
    found = result_of(Scale.CES, {7: 30})

    assert (found.exact, found.high) == (7, 7)
    assert found.low == pytest.approx(6.9)


@pytest.mark.parametrize(
    ("answers", "said"),
    [(9, Enough.NOT_YET), (10, Enough.RANGE), (29, Enough.RANGE), (30, Enough.FULL)],
)
@pytest.mark.parametrize("scale", list(Scale))
def test_every_scale_says_as_much_of_so_many(scale, answers, said):
    assert result_of(scale, {4: answers}).enough is said


def test_a_score_of_another_scale_is_refused():
    with pytest.raises(ValueError, match="not on the scale"):
        result_of(Scale.CSAT, {6: 1})


def test_without_a_score_there_is_nothing_to_say():
    assert result_of(Scale.CSAT, {-1: 12, 4: 0}) is None


@given(
    some.sampled_from(list(Scale)),
    some.dictionaries(some.integers(1, 5), some.integers(1, 500), min_size=1),
)
def test_the_interval_holds_the_value(scale, counts):
    found = result_of(scale, counts)

    assert found.low <= found.exact + 0.5
    assert found.high >= found.exact - 0.5
    assert found.exact == pytest.approx(
        found.unit * sum(worth(scale, s) * n for s, n in counts.items()) / found.n
    )


def test_one_answer_of_each_person_has_the_variance_of_a_share():
    """Without anybody who answered twice the clusters change nothing."""
    before, after = CsatResult(50, 100), CsatResult(70, 100)
    apart = PersonSums(100, 50, 50, 100, 70, 70, 0, 0, 0, 0)

    found = variance_of_change(before, after, apart)

    assert found == pytest.approx(100**2 * (0.25 / 100 + 0.21 / 100))


def test_the_same_people_twice_move_by_less_chance():
    before, after = CsatResult(50, 100), CsatResult(70, 100)
    same = PersonSums(100, 50, 50, 100, 70, 70, 100, 70, 50, 50)

    found = variance_of_change(before, after, same)

    # McNemar: 20 changed their mind, all upwards.
    assert found == pytest.approx(100**2 * (20 / 100**2 - 20**2 / 100**3))


def test_where_all_agree_the_doubt_is_that_of_both_margins():
    """No answer differs from its span's mean; that everybody would is not known."""
    before, after = CsatResult(40, 40), CsatResult(90, 90)
    apart = PersonSums(40, 40, 40, 90, 90, 90, 0, 0, 0, 0)

    found = variance_of_change(before, after, apart)

    assert before.margin95 > after.margin95
    assert found == pytest.approx((before.margin95**2 + after.margin95**2) / 1.96**2)


def test_published_interval_of_a_real_survey():
    answers = DATA / "nps_carpentries_longterm.csv"
    if not answers.exists():
        pytest.skip("the shared data folder is not here (PERENNIAL_DATA)")
    with answers.open(newline="") as file:
        rows = [
            row for row in csv.DictReader(file) if row["survey"] == "long-term-2020-03"
        ]
    counts = Counter(int(row["score"]) for row in rows if row["score"])

    found = result_of(Scale.NPS, counts)

    assert len(rows) > found.n == 134
    assert found == NpsResult(93, 32, 9)
    ends = (found.exact - found.margin95, found.exact + found.margin95)
    assert f"{found.exact:.2f}" == "62.69"
    assert tuple(f"{end:.2f}" for end in ends) == ("52.41", "72.96")


def test_published_margin_of_1162_answers():
    found = NpsResult(291, 476, 395)

    assert found.n == 1162
    assert f"{found.exact:.2f} ± {found.margin95:.2f}" == "-8.95 ± 4.39"
