"""Bars from 0, side by side where there are several series."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from web.charts.columns import Drawing
from web.charts.frame import Frame, frame_of, grid, hatches, labels, short, ticks
from web.charts.parts import Axis, Plot, Rect, Series, bar_css


def draw_bars(series: Sequence[Series], axis: Axis, drawing: Drawing) -> Plot:
    """One width of a bar chart; each bar has its words as a title."""
    frame = frame_of(series, axis, drawing, room=14)
    places = max((len(one.points) for one in series), default=1)
    slot = (frame.right - frame.left) / max(places, 1)
    # Bars stand in slots, so the first and last place are half a slot inside.
    inner = replace(frame, left=frame.left + slot / 2, right=frame.right - slot / 2)
    return Plot(
        width=drawing.width,
        height=frame.height,
        grid=grid(frame),
        ticks=ticks(frame),
        labels=labels(series, inner, in_slots=True),
        hatches=hatches(series, inner),
        bars=list(_bar_rects(series, inner, slot)),
        lines=[],
        dots=[],
        ends=[],
        strips=[],
    )


def _bar_rects(series: Sequence[Series], frame: Frame, slot: float) -> Iterator[Rect]:
    wide = max(slot * 0.8 / len(series), 1.0)
    floor = frame.y(0)
    for at, one in enumerate(series):
        for point in one.points:
            if point.y is None:
                continue
            top = frame.y(point.y)
            left = frame.x(point.x) - slot * 0.4 + at * wide
            yield Rect(
                bar_css(at),
                short(left),
                short(top),
                short(wide),
                short(floor - top),
                f"{point.label}, {one.name}: {point.shown}",
            )
