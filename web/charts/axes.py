"""Axes that several charts share."""

from web import formats
from web.charts.parts import Axis


def axis_of_numbers(highest: int) -> Axis:
    """From nothing to the next round number, 1, 2 or 5 with noughts, for counts."""
    top = next(
        digit * 10**power
        for power in range(12)
        for digit in (1, 2, 5)
        if digit * 10**power >= highest
    )
    values = (0, top // 2, top) if top % 2 == 0 else (0, top)
    return Axis(0, top, [(value, formats.number(value)) for value in values])
