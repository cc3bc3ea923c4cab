"""Within how many days repeated orders came: it proposes the definition's days."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from insights import words
from insights.figures import percent
from insights.metrics import retention as metrics
from insights.metrics.measures import Measure
from insights.models import Definition
from insights.selectors.cohorts import everybody, people_url
from insights.selectors.definition import gap_counts, proposed_days, within_limits
from insights.selectors.retention import PERCENT_AXIS
from web.charts import Chart, Point, Series, step_chart

# In how many places the curve is read off; nearly all orders came before the last.
PLACES = 12
ALMOST_ALL = 0.97


@dataclass(frozen=True)
class Place:
    """So many of all repeated orders had come within `days`."""

    days: int
    count: int
    share: float


@dataclass(frozen=True)
class GapCurve:
    """`orders`: how many orders followed another one of the same customer."""

    orders: int
    chart: Chart | None
    proposed: Measure
    # What may be set, nearest to the proposal; None: too few orders to propose any.
    days: int | None
    # The share that came within the days of the definition.
    within: float | None

    @property
    def people_url(self) -> str:
        """Those whose orders they are."""
        return people_url("repeated", everybody(date(2999, 12, 31)))


def curve(row: Definition) -> GapCurve:
    """The curve of this shop as it stands."""
    gaps = gap_counts()
    proposed = proposed_days(gaps)
    orders = sum(gaps.values())
    return GapCurve(
        orders=orders,
        chart=_chart(gaps, orders) if orders else None,
        proposed=proposed,
        days=None if proposed.value is None else within_limits(proposed.value),
        within=_place(gaps, row.days, orders).share if orders else None,
    )


def _chart(gaps: Mapping[int, int], orders: int) -> Chart:
    last = metrics.gap(gaps, ALMOST_ALL).value or max(gaps)
    # Steps of whole tens where they are longer than that.
    step = max(1, round(last / PLACES))
    step = step if step < 10 else -(-step // 10) * 10
    places = [_place(gaps, step * at, orders) for at in range(1, PLACES + 1)]
    points = [
        Point(
            x=place.days,
            label=words.days(place.days),
            y=place.share,
            shown=percent(place.share),
        )
        for place in places
    ]
    series = [Series(_("Repeated orders that had come"), points)]
    title = _("Within how many days orders were followed by another")
    return step_chart("gaps", title, series, PERCENT_AXIS)


def _place(gaps: Mapping[int, int], days: int, orders: int) -> Place:
    count = sum(often for gap, often in gaps.items() if gap <= days)
    return Place(days, count, count / orders)
