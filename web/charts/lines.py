"""Lines, their bands and the labels at their ends."""

from collections.abc import Iterator, Sequence

from web.charts.columns import Drawing
from web.charts.frame import (
    LETTER,
    Frame,
    frame_of,
    grid,
    hatches,
    labels,
    short,
    strips,
    ticks,
)
from web.charts.parts import Axis, Dot, Label, Line, Plot, Point, Series

LINE_HEIGHT = 14.0
# Half of how wide a point is drawn.
DOT = 4.0


def draw_lines(
    series: Sequence[Series], axis: Axis, drawing: Drawing, is_step: bool
) -> Plot:
    """One width of a line or step chart."""
    texts = [_end_text(one, several=len(series) > 1) for one in series]
    room = 16 + max((len(text) for text in texts), default=0) * LETTER
    frame = frame_of(series, axis, drawing, room=min(room, drawing.width / 3))
    css = [f"p-line-{at % 4 + 1}" for at in range(len(series))]
    pairs = list(zip(series, css, strict=True))
    return Plot(
        width=drawing.width,
        height=frame.height,
        grid=grid(frame),
        ticks=ticks(frame),
        labels=labels(series, frame),
        hatches=hatches(series, frame),
        bars=[],
        lines=[_line(one.points, name, frame, is_step) for one, name in pairs],
        dots=[dot for one, name in pairs for dot in _dots(one, name, frame)],
        ends=_ends(series, texts, frame),
        strips=strips(series, frame),
    )


def _line(points: Sequence[Point], css: str, frame: Frame, is_step: bool) -> Line:
    runs = list(_runs(points))
    alone = [run[0] for run in runs if len(run) == 1]
    alone += [point for point in points if not point.is_over]
    return Line(
        css,
        "".join(_path([(p.x, p.y) for p in run], frame, is_step) for run in runs),
        "".join(_band(run, frame, is_step) for run in runs)
        + "".join(_upright(point, frame) for point in alone),
    )


def _runs(points: Sequence[Point]) -> Iterator[list[Point]]:
    """Neighbours that have a value and are over; a gap ends a run."""
    run: list[Point] = []
    for point in points:
        if point.y is not None and point.is_over:
            run.append(point)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _path(
    values: Sequence[tuple[float, float | None]], frame: Frame, is_step: bool
) -> str:
    path = ""
    for x, y in values:
        if y is None:
            continue
        across, down = short(frame.x(x)), short(frame.y(y))
        if not path:
            path = f"M{across} {down}"
        else:
            path += f"H{across}V{down}" if is_step else f"L{across} {down}"
    return path


def _band(run: Sequence[Point], frame: Frame, is_step: bool) -> str:
    known = [point for point in run if point.low is not None and point.high is not None]
    if len(known) < 2:
        return ""
    above = _path([(point.x, point.high) for point in known], frame, is_step)
    below = [(point.x, point.low) for point in reversed(known)]
    back = ""
    for x, y in below:
        across, down = short(frame.x(x)), short(frame.y(y or 0.0))
        back += f"V{down}H{across}" if is_step else f"L{across} {down}"
    return f"{above}{back}Z"


def _upright(point: Point, frame: Frame) -> str:
    """The interval of a point that is in no band, as wide as its dot."""
    if point.y is None or point.low is None or point.high is None:
        return ""
    x, above, below = frame.x(point.x), frame.y(point.high), frame.y(point.low)
    first, last = short(x - DOT), short(x + DOT)
    return f"M{first} {short(above)}H{last}V{short(below)}H{first}Z"


def _dots(one: Series, css: str, frame: Frame) -> Iterator[Dot]:
    """The last point, lone ones that no line would show, and those not over."""
    closed = [p for p in one.points if p.y is not None and p.is_over]
    lone = {run[0].x for run in _runs(one.points) if len(run) == 1}
    for point in one.points:
        is_last = bool(closed) and point is closed[-1]
        if point.y is None or (point.is_over and point.x not in lone and not is_last):
            continue
        yield Dot(
            css if point.is_over else f"{css} p-open",
            short(frame.x(point.x)),
            short(frame.y(point.y)),
            f"{point.label}: {point.shown}",
        )


def _end_text(one: Series, *, several: bool) -> str:
    last = _last(one)
    if last is None:
        return ""
    return f"{one.name} {last.shown}" if several else last.shown


def _last(one: Series) -> Point | None:
    closed = [p for p in one.points if p.y is not None and p.is_over]
    return closed[-1] if closed else None


def _ends(series: Sequence[Series], texts: Sequence[str], frame: Frame) -> list[Label]:
    """A label at the end of each line; those that would touch are pushed apart."""
    wanted = sorted(
        (frame.y(last.y or 0.0), frame.x(last.x), text, last is not one.points[-1])
        for one, text in zip(series, texts, strict=True)
        if (last := _last(one)) is not None
    )
    labels: list[Label] = []
    lowest = 0.0
    for y, x, text, is_followed in wanted:
        if is_followed and len(wanted) == 1:
            # What is not over stands to its right.
            above = y - 10 if y > 2 * LINE_HEIGHT else y + 20
            # Above the first place half of it would lie on the axis.
            fits = x - len(text) * LETTER / 2 >= frame.left
            anchor = "middle" if fits else "start"
            labels.append(Label(short(x), short(above), anchor, text))
            continue
        lowest = max(y + 4, lowest + LINE_HEIGHT)
        labels.append(Label(short(x + 8), short(lowest), "start", text))
    return labels
