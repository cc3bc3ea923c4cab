"""Lines with their doubt, step curves and bars: drawn by the server as SVG, shown 1:1.

What goes in is numbers with their words; nothing here knows what they are of. Time goes
from left to right in every language.
"""

from collections.abc import Iterator, Sequence

from web.charts.axes import axis_of_numbers
from web.charts.bars import draw_bars
from web.charts.columns import NARROW, WIDE
from web.charts.lines import draw_lines
from web.charts.parts import Axis, Cell, Chart, Plot, Point, Row, Series

__all__ = [
    "Axis",
    "Chart",
    "Point",
    "Series",
    "axis_of_numbers",
    "bar_chart",
    "line_chart",
    "step_chart",
]


def line_chart(
    key: str, title: str, series: Sequence[Series], axis: Axis, *, summary: str = ""
) -> Chart:
    """Lines with their bands; a gap where there is no value."""
    return _chart(key, title, series, axis, summary=summary, is_step=False)


def step_chart(
    key: str, title: str, series: Sequence[Series], axis: Axis, *, summary: str = ""
) -> Chart:
    """Curves that keep their value until the next point."""
    return _chart(key, title, series, axis, summary=summary, is_step=True)


def bar_chart(
    key: str, title: str, series: Sequence[Series], axis: Axis, *, summary: str = ""
) -> Chart:
    """Bars from 0, side by side where there are several series."""
    if axis.low:
        raise ValueError("Bars start at 0.")
    plots = [draw_bars(series, axis, drawing) for drawing in (WIDE, NARROW)]
    return _whole(key, title, series, plots, summary)


def _chart(
    key: str,
    title: str,
    series: Sequence[Series],
    axis: Axis,
    *,
    summary: str,
    is_step: bool,
) -> Chart:
    plots = [draw_lines(series, axis, drawing, is_step) for drawing in (WIDE, NARROW)]
    return _whole(key, title, series, plots, summary)


def _whole(
    key: str,
    title: str,
    series: Sequence[Series],
    plots: list[Plot],
    summary: str,
) -> Chart:
    names = [one.name for one in series]
    rows = list(_rows(series))
    return Chart(key, title, summary or _in_words(names, rows), names, plots, rows)


def _rows(series: Sequence[Series]) -> Iterator[Row]:
    """One for each place on the axis, with a cell for each series."""
    places = {point.x: point for one in series for point in one.points}
    found = [{point.x: point for point in one.points} for one in series]
    for x in sorted(places):
        points = [by_place.get(x) for by_place in found]
        named = zip(series, points, strict=True)
        yield Row(
            places[x].label,
            [_cell(one.name, point) for one, point in named],
            all(one.is_over for one in points if one),
        )


def _cell(name: str, point: Point | None) -> Cell:
    if point is None:
        return Cell(name, "", "")
    return Cell(name, point.shown, point.doubt, point.url)


def _in_words(names: Sequence[str], rows: Sequence[Row]) -> str:
    """What a reader hears first: where each line begins and ends."""
    if not rows:
        return ""
    ends = (rows[0], rows[-1]) if len(rows) > 1 else (rows[0],)
    return "; ".join(
        f"{name}: " + ", ".join(f"{row.label} {row.cells[at].shown}" for row in ends)
        for at, name in enumerate(names)
    )
