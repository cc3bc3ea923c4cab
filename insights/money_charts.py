"""The drawings of the Money page."""

from datetime import date

from django.utils.translation import gettext as _

from insights.figures import percent
from insights.metrics.measures import Measure
from insights.models import MoneyPeriod
from insights.selectors import money
from insights.selectors.money import Currency
from web import formats
from web.charts import Axis, Chart, Point, Series, line_chart

# As many points of the curve as a table can show.
EVERY = 5


def charts(one: Currency) -> list[Chart]:
    """Retention over time, and the curve of the few who bring most."""
    trend = retention_trend(one)
    found = [trend] if trend else []
    return [*found, _curve(one)] if one.curve else found


def _has_trend(one: Currency) -> bool:
    return sum(money.net(row).value is not None for row in one.trend) > 1


def retention_trend(one: Currency) -> Chart | None:
    """From the first span of which there is enough to say; None of a single one."""
    if not _has_trend(one):
        return None
    measures = [(row, money.net(row), money.gross(row)) for row in one.trend]
    known = [net.value is not None for _row, net, _gross in measures]
    measures = measures[known.index(True) :]
    highest = max(
        (end.high or end.value or 0 for _row, end, _gross in measures), default=1
    )
    net = [_point(row, each) for row, each, _gross in measures]
    gross = [_point(row, each) for row, _net, each in measures]
    return line_chart(
        f"{one.id}trend",
        _("Revenue retention over time, %(currency)s") % {"currency": one.currency},
        [Series(_("Net"), net), Series(_("Gross"), gross)],
        axis_of_percent(highest),
    )


def earlier_trend(one: Currency, most: int) -> Chart | None:
    """The share of revenue from customers of before, one point for each of the newest
    spans that have a whole one before them; None where there is only one."""
    rows = one.trend[-most:]
    points = [_point(row, money.earlier(row)) for row in rows if row.is_whole]
    if len(points) < 2:
        return None
    return line_chart(
        f"{one.id}earlier",
        _("Revenue from earlier customers over time, %(currency)s")
        % {"currency": one.currency},
        [Series(_("Share of revenue"), points)],
        axis_of_percent(1),
    )


def _point(row: MoneyPeriod, measure: Measure) -> Point:
    last = date.fromordinal(row.ends_on.toordinal() - 1)
    return point_of(row.ends_on.toordinal(), formats.short_month(last), measure)


def point_of(x: float, label: str, measure: Measure, *, is_over: bool = True) -> Point:
    """A measure that is a share as a point of a chart."""
    if measure.value is None:
        return Point(x, label, None, _("Too few to say"), is_over=is_over)
    doubt = ""
    if measure.low is not None and measure.high is not None:
        doubt = f"{percent(measure.low)} – {percent(measure.high)}"
    return Point(
        x,
        label,
        measure.value,
        percent(measure.value),
        low=measure.low,
        high=measure.high,
        doubt=doubt,
        is_over=is_over,
    )


def axis_of_percent(highest: float) -> Axis:
    """From nothing to all, or to as many times all as there is."""
    top = 1.0
    while top < highest and top < 4:
        top += 0.5
    step = 0.25 if top == 1 else 0.5
    ticks = [(at * step, percent(at * step)) for at in range(round(top / step) + 1)]
    return Axis(0.0, top, ticks)


def axis_up_to(highest: float) -> Axis:
    """From nothing to the next round share, for shares that may all be small."""
    steps = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
    high = next(step for step in steps if step >= min(highest, 1.0))
    return Axis(
        0, high, [(high * part / 2, percent(high * part / 2)) for part in range(3)]
    )


def _curve(one: Currency) -> Chart:
    shown = one.curve[::EVERY] if len(one.curve) > 2 * EVERY else one.curve
    if shown[-1] is not one.curve[-1]:
        shown = [*shown, one.curve[-1]]
    points = [
        Point(at.people, percent(at.people), at.revenue, percent(at.revenue))
        for at in shown
    ]
    return line_chart(
        f"{one.id}curve",
        _("What the best customers brought of all revenue, %(currency)s")
        % {"currency": one.currency},
        [Series(_("Share of revenue"), points)],
        axis_of_percent(1),
    )
