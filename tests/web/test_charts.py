"""Charts of web/charts: where lines, gaps, bands and bars stand, and their table."""

import re

import pytest
from django.template.loader import render_to_string

from web import charts
from web.charts import Axis, Point, Series

PERCENT = Axis(0, 1, [(0, "0 %"), (0.5, "50 %"), (1, "100 %")])


def trend(*values, **more):
    return [
        Point(at, f"M{at}", value, "few" if value is None else f"{value:.0%}", **more)
        for at, value in enumerate(values)
    ]


def wide(chart):
    return next(plot for plot in chart.plots if plot.is_wide)


def test_line_breaks_where_too_few_answered():
    chart = charts.line_chart(
        "t", "Kept", [Series("all", trend(0.5, 0.6, None, 0.7))], PERCENT
    )

    plot = wide(chart)
    assert plot.lines[0].path.count("M") == 2
    assert [dot.words for dot in plot.dots] == ["M3: 70%"]
    assert [end.text for end in plot.ends] == ["70%"]
    assert chart.rows[2].cells[0].shown == "few"
    assert chart.summary == "all: M0 50%, M3 70%"


def test_band_goes_there_and_back():
    points = trend(0.5, 0.6, low=0.4, high=0.8, doubt="40 % to 80 %")
    plot = wide(charts.line_chart("t", "Kept", [Series("all", points)], PERCENT))

    heights = [float(y) for y in re.findall(r"[ V]([\d.]+)", plot.lines[0].band)]
    assert plot.lines[0].band.endswith("Z")
    assert heights[0] == heights[1] < heights[2] == heights[3]


def test_a_point_alone_or_not_over_shows_its_interval_too():
    doubt = {"low": 0.4, "high": 0.8}
    lone = trend(0.5, None, **doubt)
    open_end = Point(2, "M2", 0.6, "60%", is_over=False, **doubt)
    unsure = trend(0.5, None)

    bands = [
        wide(charts.line_chart("t", "Kept", [Series("all", one)], PERCENT))
        .lines[0]
        .band
        for one in (lone, [*lone, open_end], unsure)
    ]

    assert [band.count("Z") for band in bands] == [1, 2, 0]
    above, below = (float(y) for y in re.findall(r"[ V]([\d.]+)", bands[0]))
    assert above < below


def test_a_lone_line_opens_what_stands_behind_each_place_and_several_do_not():
    points = [Point(at, f"M{at}", 0.5, "50%", url=f"/m{at}") for at in range(3)]
    chart = charts.line_chart("t", "Kept", [Series("all", points)], PERCENT)

    for plot in chart.plots:
        assert [strip.url for strip in plot.strips] == ["/m0", "/m1", "/m2"]
        ends = [float(one.x) + float(one.width) for one in plot.strips]
        assert ends[:2] == pytest.approx(
            [float(one.x) for one in plot.strips[1:]], abs=0.2
        )
    assert [row.cells[0].url for row in chart.rows] == ["/m0", "/m1", "/m2"]
    both = [Series("one", points), Series("two", points)]
    assert not wide(charts.line_chart("t", "Kept", both, PERCENT)).strips


def test_what_is_not_over_is_hatched_and_off_the_line():
    points = [*trend(0.5, 0.6), Point(2, "M2", 0.2, "20%", is_over=False)]
    chart = charts.line_chart("t", "Kept", [Series("all", points)], PERCENT)

    plot = wide(chart)
    assert len(plot.hatches) == 1
    assert plot.lines[0].path.count("L") == 1
    assert [dot.css for dot in plot.dots] == ["p-line-1", "p-line-1 p-open"]
    assert [row.is_over for row in chart.rows] == [True, True, False]


def test_labels_at_line_ends_do_not_touch():
    several = [Series(name, trend(0.5, 0.71)) for name in ("one", "two", "three")]

    for plot in charts.step_chart("t", "Kept", several, PERCENT).plots:
        places = sorted(float(end.y) for end in plot.ends)
        assert all(b - a >= 14 for a, b in zip(places, places[1:], strict=False))
        assert "H" in plot.lines[0].path
        assert "L" not in plot.lines[0].path


def test_labels_below_do_not_touch_where_places_are_not_equally_far_apart():
    """The last month begins a quarter of which the others have gone by."""
    places = zip((0, 3, 6, 9, 10), ("Dec", "Mar", "Jun", "Sep", "Oct"), strict=True)
    points = [Point(at, f"{month} 2026", 0.5, "50 %") for at, month in places]

    plot = wide(charts.line_chart("t", "Kept", [Series("all", points)], PERCENT))

    shown = [label.text for label in plot.labels]
    assert shown == ["Dec 2026", "Mar 2026", "Jun 2026", "Oct 2026"]


def test_bars_begin_at_nothing_and_keep_to_their_slots():
    counts = Axis(0, 10, [(0, "0"), (10, "10")])
    both = [Series("gained", trend(10, 5)), Series("lost", trend(0, 5))]
    for plot in charts.bar_chart("t", "Moves", both, counts).plots:
        floors = {round(float(bar.y) + float(bar.height), 1) for bar in plot.bars}
        assert floors == {plot.height - 24.0}
        assert all(0 < float(bar.x) < plot.width for bar in plot.bars)
    chart = charts.bar_chart("t", "Moves", both, counts)
    assert [name for _css, name in chart.keys] == ["gained", "lost"]
    assert {label.anchor for label in chart.plots[0].labels} == {"middle"}
    assert {bar.css for bar in chart.plots[0].bars} == {css for css, _ in chart.keys}
    assert charts.bar_chart("t", "Moves", both[:1], counts).keys == []
    assert charts.line_chart("t", "Moves", both, counts).keys == []
    with pytest.raises(ValueError, match="start at 0"):
        charts.bar_chart("t", "Moves", both, Axis(5, 10, []))


def test_chart_of_nothing_or_one_point_draws():
    for values in ((), (None,), (0.4,)):
        chart = charts.line_chart("t", "Kept", [Series("all", trend(*values))], PERCENT)
        assert len(chart.rows) == len(values)


def test_page_shows_drawings_for_readers_and_a_table():
    points = [*trend(0.5, 0.6), Point(2, "M2", 0.2, "<20%>", is_over=False)]
    chart = charts.line_chart("kept", "Kept", [Series("all", points)], PERCENT)

    html = render_to_string("_chart.html", {"chart": chart})

    assert html.count('role="img"') == 2
    assert html.count('direction="ltr"') == 2
    ids = re.findall(r'id="([^"]+)"', html)
    assert len(ids) == len(set(ids)) == 6
    named = " ".join(re.findall(r'labelledby="([^"]+)"', html)).split()
    assert len(named) == 4
    assert set(named) <= set(ids)
    assert "&lt;20%&gt;" in html
    assert "style=" not in html
    assert "(not over)" in html


@pytest.mark.parametrize(
    ("highest", "ticks"),
    [(0, [0, 1]), (1, [0, 1]), (3, [0, 5]), (9, [0, 5, 10]), (389, [0, 250, 500])],
)
def test_an_axis_of_numbers_ends_at_a_round_one(highest, ticks):
    axis = charts.axis_of_numbers(highest)
    assert [value for value, _text in axis.ticks] == ticks
    assert axis.high == ticks[-1]
