"""Within how many days repeated orders came: it proposes the definition's days."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from insights.figures import percent
from insights.metrics.measures import Measure
from insights.models import Definition
from insights.selectors.definition import gap_counts, proposed_days, within_limits
from insights.selectors.retention import PERCENT_AXIS
from web import formats
from web.plots import Chart, Point, Series, step_chart

# Where the curve is read off.
PLACES = (7, 14, 30, 60, 90, 120, 180, 270, 365, 540, 730, 1095, 1460, 1825)


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


def curve(row: Definition) -> GapCurve:
    """The curve of this shop as it stands."""
    gaps = gap_counts()
    proposed = proposed_days(gaps)
    orders = sum(gaps.values())
    return GapCurve(
        orders=orders,
        chart=_chart([_place(gaps, days, orders) for days in PLACES])
        if orders
        else None,
        proposed=proposed,
        days=None if proposed.value is None else within_limits(proposed.value),
        within=_place(gaps, row.days, orders).share if orders else None,
    )


def _chart(places: list[Place]) -> Chart:
    points = [
        Point(
            x=place.days,
            label=_days(place.days),
            y=place.share,
            shown=percent(place.share),
        )
        for place in places
    ]
    series = [Series(_("Repeated orders that had come"), points)]
    title = _("Within how many days orders were followed by another")
    return step_chart("gaps", title, series, PERCENT_AXIS)


def _days(days: int) -> str:
    return ngettext("%(days)s day", "%(days)s days", days) % {
        "days": formats.number(days)
    }


def _place(gaps: Mapping[int, int], days: int, orders: int) -> Place:
    count = sum(often for gap, often in gaps.items() if gap <= days)
    return Place(days, count, count / orders)
