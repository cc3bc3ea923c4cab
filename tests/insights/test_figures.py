"""Figures in words: value, doubt, and the reason where there is none."""

import pytest
from django.utils import translation

from insights import drawing, figures
from insights.figures import Unit
from insights.metrics.intervals import share
from insights.metrics.measures import Measure, Why, without


def kept(measure, **more):
    return figures.figure(
        "kept",
        "Retention",
        measure,
        Unit.PERCENT,
        sentence="900 of 1,000 stayed.",
        how="End less gained, by start.",
        **more,
    )


def test_figure_says_its_value_and_doubt():
    figure = kept(share(900, 1000), people_url="/people/", people=900)

    html = drawing.figure(figure, "")

    assert figure.shown == "90\N{NO-BREAK SPACE}%"
    assert "Likely between 88\N{NO-BREAK SPACE}% and 92\N{NO-BREAK SPACE}%." in html
    assert '<a href="/people/">' in html
    assert "End less gained, by start." in html
    assert figure.as_data()["value"] == 0.9


@pytest.mark.parametrize("why", list(Why))
def test_figure_without_a_value_gives_its_reason(why):
    figure = kept(without(why, count=3, base=9))

    assert figure.shown == "3 of 9"
    assert len(figure.sentence) > 20
    assert "%(" not in figure.sentence
    assert figure.doubt == ""


def test_nobody_is_a_dash_and_never_a_nought():
    assert kept(without(Why.NOBODY)).shown == "\N{EN DASH}"


def test_what_is_not_over_is_said():
    html = drawing.figure(kept(share(40, 50), is_over=False), "")

    assert "Not over" in html


def test_rounding_never_makes_all_or_none():
    assert figures.percent(0.9996) == "99.9\N{NO-BREAK SPACE}%"
    assert figures.percent(1) == "100\N{NO-BREAK SPACE}%"
    assert figures.percent(0.0213) == "2.1\N{NO-BREAK SPACE}%"
    assert figures.percent(1.234) == "123\N{NO-BREAK SPACE}%"


def test_units_are_written_each_in_its_way():
    assert figures.written(1234.5, Unit.MONEY, "GBP") == "£1,234.50"
    assert figures.written(-12.4, Unit.POINTS) == "\N{MINUS SIGN}12"
    assert figures.written(34.3, Unit.MONTHS) == "34"
    assert figures.written(2.34, Unit.RATIO) == "2.3"
    assert figures.written(26 / 27, Unit.RATIO) == "0.96"
    with translation.override("he"):
        assert figures.percent(0.5).startswith("\N{LEFT-TO-RIGHT ISOLATE}")


def test_measure_keeps_count_of_what_it_could_not_say():
    assert kept(Measure(None, 1, 2, why=Why.TOO_FEW)).as_data()["value"] is None
