"""The drawings of the first page: how its figures came to be what they are."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.utils.translation import gettext as _

from insights import words
from insights.metrics.periods import Period
from insights.metrics.retention import repeat_rate
from insights.models import Definition
from insights.money_charts import axis_of_percent, point_of
from insights.selectors import again
from insights.selectors.spans import Counts
from web import formats
from web.charts import (
    Chart,
    Point,
    Series,
    axis_of_numbers,
    bar_chart,
    line_chart,
)


def customers(months: Sequence[Period], counts: Sequence[Counts]) -> Chart:
    """How many there were when each of these months was over."""
    ends = [one.end for one in counts]
    return line_chart(
        "customers",
        _("Customers when each month was over"),
        [Series(_("Customers"), _points(months, ends))],
        axis_of_numbers(max(ends)),
    )


def came_and_left(shown: Sequence[Period], counts: Sequence[Counts]) -> Chart:
    """Who came, for the first time or again, and who left, side by side."""
    came = [one.new + one.back for one in counts]
    left = [one.lost for one in counts]
    return bar_chart(
        "coming",
        _("Who came and who left"),
        [
            Series(_("Came"), _points(shown, came)),
            Series(_("Left"), _points(shown, left)),
        ],
        axis_of_numbers(max(*came, *left)),
    )


def repeated(row: Definition, shown: Sequence[Period], horizon: date) -> Chart:
    """Of those who first bought in each of these quarters: who has bought again since.

    A quarter is hatched until its last customers have had `row.days` to come back.
    """
    found = again.by_quarter(row, shown[0].starts_on, horizon)
    watched = horizon - timedelta(days=row.days)
    points = [
        point_of(
            place,
            words.period(period),
            repeat_rate(*found.get(period.starts_on, (0, 0))),
            is_over=period.is_over(watched),
        )
        for place, period in enumerate(shown)
    ]
    title = _("Bought again, by the quarter of the first order")
    series = [Series(_("Repeat rate"), points)]
    return line_chart("repeat_rate", title, series, axis_of_percent(1))


def _points(shown: Sequence[Period], values: Sequence[int]) -> list[Point]:
    # Everybody is counted and nobody drawn by lot: there is no interval.
    return [
        Point(place, words.period(period), value, formats.number(value))
        for place, (period, value) in enumerate(zip(shown, values, strict=True))
    ]
