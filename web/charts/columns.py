"""Where the parts of a bar chart stand: drawn by the server as SVG, shown 1:1."""

from collections.abc import Sequence
from dataclasses import dataclass

HEIGHT = 200
TALLEST, FLOOR = 110.0, 130.0


@dataclass(frozen=True)
class Drawing:
    """A drawing of its own for each width, in pixels: a scaled one had 6 px text."""

    width: int
    margin: float
    gap: float

    def column(self, index: int, count: int) -> tuple[float, float]:
        """Return the left edge and the width of one of `count` columns."""
        room = self.width - 2 * self.margin - (count - 1) * self.gap
        wide = room / count
        return self.margin + index * (wide + self.gap), wide


WIDE = Drawing(width=720, margin=24, gap=8)
NARROW = Drawing(width=340, margin=6, gap=4)
DRAWINGS = (WIDE, NARROW)


@dataclass(frozen=True)
class Column:
    """What a bar shows: a count, what it is of, and where its link leads."""

    label: str
    count: int
    css: str
    url: str


@dataclass(frozen=True)
class Bar(Column):
    """A column with its place in the drawing."""

    x: str
    y: str
    width: str
    height: str
    middle: str
    label_y: str


@dataclass(frozen=True)
class Bracket:
    """A line under the columns `first` to `last`, with its name and share of all."""

    name: str
    share: str
    path: str
    middle: str
    url: str


@dataclass(frozen=True)
class BarChart:
    """A drawn chart of columns, and its summary for screen readers."""

    drawing: Drawing
    bars: list[Bar]
    brackets: list[Bracket]
    summary: str

    @property
    def is_wide(self) -> bool:
        """Whether it is drawn for a wide page."""
        return self.drawing is WIDE

    @property
    def width(self) -> int:
        """In units of the drawing."""
        return self.drawing.width

    @property
    def height(self) -> int:
        """In units of the drawing."""
        return HEIGHT


def bars(columns: Sequence[Column], drawing: Drawing) -> list[Bar]:
    """Return one bar for each column; heights begin at 0, the largest count is full."""
    most = max((column.count for column in columns), default=0) or 1
    return [
        _bar(column, TALLEST * column.count / most, *drawing.column(at, len(columns)))
        for at, column in enumerate(columns)
    ]


def _bar(column: Column, height: float, left: float, wide: float) -> Bar:
    return Bar(
        column.label,
        column.count,
        column.css,
        column.url,
        x=_short(left),
        y=_short(FLOOR - height),
        width=_short(wide),
        height=_short(height),
        middle=_short(left + wide / 2),
        label_y=_short(FLOOR - height - 6),
    )


def bracket(
    drawing: Drawing,
    *,
    columns: tuple[int, int, int],
    name: str,
    share: str,
    url: str,
) -> Bracket:
    """Return the line under some columns: the first, the last, and how many there are
    in the chart."""
    first, last, count = columns
    left, _wide = drawing.column(first, count)
    right, wide = drawing.column(last, count)
    right += wide
    return Bracket(
        name=name,
        share=share,
        path=f"M{_short(left)} 154v6H{_short(right)}v-6",
        middle=_short((left + right) / 2),
        url=url,
    )


def _short(value: float) -> str:
    """One decimal, with a point in every language."""
    return f"{value:.1f}"
