"""What goes into a chart, and what a template draws of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from web.charts.columns import WIDE


def bar_css(at: int) -> str:
    """The class of the bars of a series, from 0."""
    return f"p-bar-{at % 4 + 1}"


@dataclass(frozen=True)
class Point:
    """A place on the axis with a value, its doubt, and both in words.

    `y` is None where there is too little to say; then `shown` says that. A value of a
    span that is not over is drawn apart and hatched.
    """

    x: float
    label: str
    y: float | None
    shown: str
    low: float | None = None
    high: float | None = None
    doubt: str = ""
    is_over: bool = True
    # Where the rows behind it are; empty where it opens nothing.
    url: str = ""


@dataclass(frozen=True)
class Series:
    """A named line of points."""

    name: str
    points: Sequence[Point]


@dataclass(frozen=True)
class Axis:
    """From where to where values go, and which of them are written beside the axis."""

    low: float
    high: float
    ticks: Sequence[tuple[float, str]]


@dataclass(frozen=True)
class Label:
    """A word at a place of the drawing."""

    x: str
    y: str
    anchor: str
    text: str


@dataclass(frozen=True)
class Rect:
    """A rectangle of the drawing."""

    css: str
    x: str
    y: str
    width: str
    height: str
    words: str = ""


@dataclass(frozen=True)
class Dot:
    """A dot of the drawing."""

    css: str
    x: str
    y: str
    words: str


@dataclass(frozen=True)
class Strip:
    """The room around a place on the axis, which opens what stands behind it."""

    url: str
    words: str
    x: str
    width: str


@dataclass(frozen=True)
class Line:
    """A line of the drawing, and the band of its interval."""

    css: str
    path: str
    band: str


@dataclass(frozen=True)
class Plot:
    """One width of a chart."""

    width: int
    height: int
    grid: list[str]
    ticks: list[Label]
    labels: list[Label]
    hatches: list[str]
    bars: list[Rect]
    lines: list[Line]
    dots: list[Dot]
    ends: list[Label]
    strips: list[Strip]

    @property
    def is_wide(self) -> bool:
        """Whether it is drawn for a wide page."""
        return self.width == WIDE.width

    @property
    def name(self) -> str:
        """“wide” or “narrow”, for its CSS class."""
        return "wide" if self.is_wide else "narrow"


@dataclass(frozen=True)
class Cell:
    """What a series says at a place, in words: the value and its doubt."""

    name: str
    shown: str
    doubt: str
    url: str = ""


@dataclass(frozen=True)
class Row:
    """A row of the table beside a chart."""

    label: str
    cells: list[Cell]
    is_over: bool


@dataclass(frozen=True)
class Chart:
    """A drawing in each width and the table behind it. `key` is unique on a page."""

    key: str
    title: str
    summary: str
    names: list[str]
    plots: list[Plot]
    rows: list[Row]

    @property
    def keys(self) -> list[tuple[str, str]]:
        """The class and the name of each of several series of bars, which have no
        name at an end as lines have."""
        has_bars = any(plot.bars for plot in self.plots)
        if not has_bars or len(self.names) < 2:
            return []
        return [(bar_css(at), name) for at, name in enumerate(self.names)]
