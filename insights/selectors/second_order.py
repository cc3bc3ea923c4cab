"""How soon a second order follows the first: the curve, its doubt and its figure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from psycopg.sql import SQL, Composed, Literal

from insights import words
from insights.figures import Figure, Unit, figure, percent
from insights.metrics import retention as metrics
from insights.metrics.measures import (
    ENOUGH_FOR_A_SHARE,
    Measure,
    Why,
    without,
)
from insights.metrics.retention import Step
from insights.models import Definition
from insights.money_charts import axis_up_to
from insights.selectors import kept
from insights.selectors.cohorts import everybody, people_url
from insights.sql.again import SOON, SOON_DAYS
from web import formats
from web.charts import Chart, Point, Series, step_chart

# The curve is drawn for so many days, and read off at places so far apart.
DRAWN, STEP = 360, 15
# What is dated in days to come is not known yet.
_BACK = SQL(
    "SELECT days[2] - days[1], count(*) FROM insights_buyer"
    " WHERE days[2] <= {known} GROUP BY 1"
)
_WAITING = SQL(
    "SELECT {known} - days[1], count(*) FROM insights_buyer"
    " WHERE days[1] <= {known} AND coalesce(days[2] > {known}, true) GROUP BY 1"
)


@dataclass(frozen=True)
class Watched:
    """{days until the second order: people}, and {days watched: people without one}."""

    back: Mapping[int, int]
    waiting: Mapping[int, int]

    @property
    def people(self) -> int:
        return self.came_back + sum(self.waiting.values())

    @property
    def came_back(self) -> int:
        """Those who bought on a second day."""
        return sum(self.back.values())


@dataclass(frozen=True)
class Curve:
    """The figure, and the drawing where there is enough for one; `at_risk` says of how
    many it is known."""

    figure: Figure
    chart: Chart | None
    at_risk: str


def statements(horizon: date) -> tuple[Composed, Composed]:
    """What is asked of all buyers: who came back, and who is still waited for."""
    known = Literal(horizon)
    return _BACK.format(known=known), _WAITING.format(known=known)


def watched(horizon: date) -> Watched:
    """Of everybody, as it is known on this day."""
    back, waiting = kept.rows_of_each(statements(horizon))
    return Watched(dict(back), dict(waiting))


def second_order(row: Definition, horizon: date) -> Figure:
    """Who has come back within SOON_DAYS of a first order, new ones counted as long as
    they were watched."""
    found = watched(horizon)
    steps = metrics.read_off(found.back, found.waiting, [SOON_DAYS])
    return _figure(row, horizon, found, steps)


def curve(row: Definition, horizon: date) -> Curve:
    """The same with its curve."""
    found = watched(horizon)
    days = sorted({*_places(found), SOON_DAYS})
    steps = metrics.read_off(found.back, found.waiting, days)
    drawn = [step for step in steps if step.waiting >= ENOUGH_FOR_A_SHARE]
    made = _figure(row, horizon, found, steps)
    return Curve(made, _chart(drawn), _at_risk(found, drawn))


def _figure(
    row: Definition, horizon: date, found: Watched, steps: Sequence[Step]
) -> Figure:
    last = next((step for step in steps if step.days == SOON_DAYS), None)
    measure = without(_why(found), base=found.people)
    if last is not None:
        measure = Measure(last.share, base=last.waiting, low=last.low, high=last.high)
    return figure(
        "second_order",
        _("From the first to the second order"),
        measure,
        Unit.PERCENT,
        sentence=_("%(share)s have bought again within %(days)s days of their first.")
        % {"share": "" if last is None else percent(last.share), "days": SOON_DAYS},
        how=f"{how()} {words.whatever_the_days(row)}",
        people_url=people_url(SOON, everybody(horizon)),
        people=sum(n for days, n in found.back.items() if days <= SOON_DAYS),
    )


def _why(found: Watched) -> Why:
    """Why there is no figure, where there is none."""
    if not found.people:
        return Why.NOBODY
    if found.people < ENOUGH_FOR_A_SHARE:
        return Why.TOO_FEW
    if metrics.watched_until(found.back, found.waiting, 1) < SOON_DAYS:
        return Why.NOT_OVER
    return Why.NOBODY_BACK


def how() -> str:
    """How the curve is reckoned."""
    return _(
        "By the method of Kaplan and Meier: whoever is new counts for as long as they"
        " were watched, so that newcomers do not make the rate look worse. At risk are"
        " those who were watched for so long and had not bought again before. The band"
        " is where the rate likely lies; the curve ends after a year, or where fewer"
        " than 30 are left. The people are those who have done so until now."
    )


def _places(found: Watched) -> Sequence[int]:
    """At which days the curve is read off: until fewer than enough are watched."""
    last = metrics.watched_until(found.back, found.waiting, ENOUGH_FOR_A_SHARE)
    return range(STEP, min(last, DRAWN) + 1, STEP)


def _chart(steps: Sequence[Step]) -> Chart | None:
    """None of fewer than two places."""
    if len(steps) < 2:
        return None
    points = [Point(0, words.days(0), 0.0, percent(0)), *(_point(one) for one in steps)]
    title = _("How many have bought again, by the days since their first order")
    series = [Series(_("Bought again"), points)]
    highest = max(step.high for step in steps)
    return step_chart("second-order", title, series, axis_up_to(highest))


def _point(step: Step) -> Point:
    return Point(
        step.days,
        words.days(step.days),
        step.share,
        percent(step.share),
        low=step.low,
        high=step.high,
        doubt=_("%(low)s – %(high)s, %(n)s at risk")
        % {
            "low": percent(step.low),
            "high": percent(step.high),
            "n": formats.number(step.waiting),
        },
    )


def _at_risk(found: Watched, steps: Sequence[Step]) -> str:
    """At the start, in the middle and at the end of the curve."""
    if not steps:
        return ""
    shown = [steps[len(steps) // 2], steps[-1]] if len(steps) > 2 else [steps[-1]]
    return _("At risk: %(all)s at the start, %(later)s.") % {
        "all": formats.number(found.people),
        "later": ", ".join(_left(shown)),
    }


def _left(steps: Sequence[Step]) -> Iterator[str]:
    for step in steps:
        yield _("%(n)s after %(days)s") % {
            "n": formats.number(step.waiting),
            "days": words.days(step.days),
        }
