"""Where values stand in a drawing: axes, labels and what is not over."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from web.charts.columns import NARROW, WIDE, Drawing
from web.charts.parts import Axis, Label, Series, Strip

TOP, BOTTOM = 12.0, 24.0
# A label of the axis is about so many pixels a letter wide.
LETTER = 7.6
MOST_LABELS = {WIDE.width: 5, NARROW.width: 2}
HEIGHTS = {WIDE.width: 220, NARROW.width: 190}


@dataclass(frozen=True)
class Frame:
    """Where values stand in a drawing."""

    drawing: Drawing
    axis: Axis
    first: float
    last: float
    left: float
    right: float

    @property
    def height(self) -> int:
        """In units of the drawing."""
        return HEIGHTS[self.drawing.width]

    def x(self, value: float) -> float:
        """Where this value stands from left to right."""
        wide = self.last - self.first
        part = (value - self.first) / wide if wide else 0.5
        return self.left + part * (self.right - self.left)

    def y(self, value: float) -> float:
        """Where this value stands from top to bottom; beyond the axis: at its end."""
        wide = self.axis.high - self.axis.low
        part = (min(max(value, self.axis.low), self.axis.high) - self.axis.low) / wide
        floor = self.height - BOTTOM
        return floor - part * (floor - TOP)


def frame_of(
    series: Sequence[Series], axis: Axis, drawing: Drawing, *, room: float
) -> Frame:
    """Where these values stand, with `room` in pixels kept free at the right."""
    places = [point.x for one in series for point in one.points] or [0.0]
    longest = max((len(text) for _value, text in axis.ticks), default=0)
    return Frame(
        drawing=drawing,
        axis=axis,
        first=min(places),
        last=max(places),
        left=10 + longest * LETTER,
        right=drawing.width - room,
    )


def grid(frame: Frame) -> list[str]:
    """The path of a thin line for each value beside the axis."""
    return [
        f"M{short(frame.left)} {short(frame.y(value))}H{short(frame.right)}"
        for value, _text in frame.axis.ticks
    ]


def ticks(frame: Frame) -> list[Label]:
    """The values beside the axis."""
    return [
        Label(short(frame.left - 6), short(frame.y(value) + 4), "end", text)
        for value, text in frame.axis.ticks
    ]


def labels(
    series: Sequence[Series], frame: Frame, *, in_slots: bool = False
) -> list[Label]:
    """The first and the last place, and some between where there is room; all of them
    where each has room under its own bar.

    Those at the ends reach inwards, except under bars, which have room on both sides.
    """
    places = {point.x: point.label for one in series for point in one.points}
    every = sorted(places)
    longest = max(map(len, places.values()), default=0)
    slot = (frame.right - frame.left) / max(len(every) - 1, 1)
    fits = in_slots and longest * LETTER <= slot
    most = len(every) if fits else min(len(every), MOST_LABELS[frame.drawing.width])
    if not most:
        return []
    steps = [round(at * (len(every) - 1) / max(most - 1, 1)) for at in range(most)]
    chosen = list(dict.fromkeys(steps))
    if not in_slots:
        chosen = list(_with_room(chosen, every, longest, frame))
    y = short(frame.height - 6)
    return [
        Label(
            short(frame.x(every[at])),
            y,
            "middle" if in_slots else _anchor(at, len(every)),
            places[every[at]],
        )
        for at in chosen
    ]


def _with_room(
    steps: Sequence[int], every: Sequence[float], longest: int, frame: Frame
) -> Iterator[int]:
    """Those whose label touches neither the one before nor the last: places need not
    be equally far apart, and labels at the ends reach inwards."""
    wide = longest * LETTER
    free_from, last = 0.0, steps[-1]
    for at in steps:
        x = frame.x(every[at])
        ends = wide if at in (0, last) else wide / 2
        near_last = at not in (0, last) and x + ends > frame.x(every[last]) - wide
        if at == last or not near_last and (at == 0 or x - ends >= free_from):
            free_from = x + ends
            yield at


def _anchor(at: int, of: int) -> str:
    if of == 1:
        return "middle"
    return "start" if at == 0 else "end" if at == of - 1 else "middle"


def hatches(series: Sequence[Series], frame: Frame) -> list[str]:
    """What is not over, from half a place before it on, as a path to fill."""
    places = sorted({point.x for one in series for point in one.points})
    unfinished = [p.x for one in series for p in one.points if not p.is_over]
    if not unfinished:
        return []
    first = min(unfinished)
    at = places.index(first)
    left = frame.x((first + places[at - 1]) / 2 if at else first)
    right = max(frame.right, left + 4)
    floor = frame.height - BOTTOM
    return [f"M{short(left)} {short(TOP)}H{short(right)}V{short(floor)}H{short(left)}Z"]


def strips(series: Sequence[Series], frame: Frame) -> list[Strip]:
    """Of a single series whose points open something, the room around each of them,
    half-way to its neighbours. Of several lines it would not be known whose it is."""
    if len(series) != 1 or not any(point.url for point in series[0].points):
        return []
    places = [frame.x(point.x) for point in series[0].points]
    ends = [(one + other) / 2 for one, other in pairwise(places)]
    borders = [frame.left, *ends, frame.right]
    return [
        Strip(
            point.url,
            ": ".join(
                (point.label, " ".join(filter(None, (point.shown, point.doubt))))
            ),
            short(borders[at]),
            short(max(borders[at + 1] - borders[at], 1.0)),
        )
        for at, point in enumerate(series[0].points)
        if point.url
    ]


def short(value: float) -> str:
    """One decimal, with a point in every language."""
    return f"{value:.1f}"
