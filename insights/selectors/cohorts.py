"""Who first bought when, and who of them bought again: a table with every figure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.db.models import F, Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from psycopg.sql import SQL

from insights import words
from insights.figures import Figure, Unit, figure, percent, written
from insights.metrics import periods
from insights.metrics import retention as metrics
from insights.metrics.measures import Measure, Why, without
from insights.metrics.periods import Period
from insights.models import CohortCell, Definition
from insights.selectors import kept
from insights.selectors.definition import GAPS
from web import formats

# Rows and columns of the table, and how far back figures look.
SHOWN = {"month": 13, "quarter": 9, "year": 8}
_BACK = SQL(
    "SELECT days[2] - days[1], count(*) FROM insights_buyer"
    " WHERE cardinality(days) > 1 GROUP BY 1"
)
# By the number of the day, so that the answer is the same however far is known.
_WAITING = SQL(
    "SELECT days[1] - DATE '0001-01-01' + 1, count(*) FROM insights_buyer"
    " WHERE cardinality(days) = 1 GROUP BY 1"
)
# What is asked of all buyers alike.
STATEMENTS = (GAPS, _BACK, _WAITING)


@dataclass(frozen=True)
class Cell:
    """One figure of the table. `tone` 1 to 5: how dark; 0 where there is no share."""

    shown: str
    doubt: str
    tone: int
    url: str
    is_over: bool


@dataclass(frozen=True)
class Line:
    """A cohort: who first bought in one period."""

    label: str
    size: int
    url: str
    cells: list[Cell | None]


@dataclass(frozen=True)
class Table:
    """`names` are those of the columns; `means` of all cohorts where a cell is over."""

    names: list[str]
    lines: list[Line]
    means: list[str]


def table(unit: str, horizon: date) -> Table:
    """The newest cohorts, and what became of them in the periods that followed."""
    newest = periods.containing(horizon, unit)
    cohorts = list(periods.until(newest, SHOWN[unit]))
    found = _people(unit, cohorts[0].starts_on)
    lines = [_line(cohort, cohorts, found, horizon) for cohort in cohorts]
    triangle = [_known(cohort, cohorts, found, horizon) for cohort in cohorts]
    means = metrics.mean_of_cohorts(triangle)
    return Table(
        names=[str(at) for at in range(len(cohorts))],
        lines=[line for line in lines if line.size],
        means=[_share(mean) for mean in means],
    )


def figures(unit: str, horizon: date) -> list[Figure]:
    """Every cell of the table as a figure, for files: a cohort after the other."""
    cohorts = list(periods.until(periods.containing(horizon, unit), SHOWN[unit]))
    found = _people(unit, cohorts[0].starts_on)
    return [
        figure(
            f"cohort-{at}",
            _("%(cohort)s in %(period)s")
            % {"cohort": words.period(cohort), "period": words.period(period)},
            metrics.cohort(size, [found.get((cohort.starts_on, period.starts_on), 0)])[
                0
            ],
            Unit.PERCENT,
            sentence="",
            how=_(
                "Of those who first bought in the first one: who bought in the other."
            ),
            is_over=period.is_over(horizon),
        )
        for cohort in cohorts
        if (size := found.get((cohort.starts_on, cohort.starts_on), 0))
        for at, period in enumerate(one for one in cohorts if one >= cohort)
    ]


def _people(unit: str, since: date) -> Mapping[tuple[date, date], int]:
    rows = CohortCell.objects.filter(unit=unit, cohort__gte=since)
    found = rows.values_list("cohort", "period", "people")
    return {(cohort, period): people for cohort, period, people in found}


def _known(
    cohort: Period,
    shown: Sequence[Period],
    found: Mapping[tuple[date, date], int],
    horizon: date,
) -> tuple[int, list[int | None]]:
    """Its size, and who bought in each period from the first on; None: not over."""
    size = found.get((cohort.starts_on, cohort.starts_on), 0)
    later = [one for one in shown if one >= cohort]
    return size, [
        found.get((cohort.starts_on, one.starts_on), 0)
        if one.is_over(horizon) and size
        else None
        for one in later
    ]


def _line(
    cohort: Period,
    shown: Sequence[Period],
    found: Mapping[tuple[date, date], int],
    horizon: date,
) -> Line:
    size = found.get((cohort.starts_on, cohort.starts_on), 0)
    later = [one for one in shown if one >= cohort]
    cells: list[Cell | None] = [
        _cell(
            cohort, one, size, found.get((cohort.starts_on, one.starts_on), 0), horizon
        )
        for one in later
    ]
    cells += [None] * (len(shown) - len(later))
    return Line(words.period(cohort), size, people_url("buyers", cohort), cells)


def _cell(
    cohort: Period, period: Period, size: int, people: int, horizon: date
) -> Cell:
    [measure] = metrics.cohort(size, [people])
    low, high = measure.low, measure.high
    doubt = "" if low is None or high is None else f"{percent(low)} – {percent(high)}"
    return Cell(
        shown=_share(measure),
        doubt=doubt,
        tone=0 if measure.value is None else min(5, 1 + int(measure.value * 5)),
        url=people_url("bought", cohort, period) if people else "",
        is_over=period.is_over(horizon),
    )


def _share(measure: Measure) -> str:
    if measure.value is not None:
        return percent(measure.value)
    return _("Too few to say") if measure.why is Why.TOO_FEW else ""


def people_url(group: str, cohort: Period, period: Period | None = None) -> str:
    """The list of those who first bought in `cohort`, and bought again in `period`."""
    asked = period or cohort
    names = {
        "group": group,
        "basis": "orders",
        "first": asked.starts_on.isoformat(),
        "last": asked.last_day.isoformat(),
        "since": cohort.starts_on.isoformat(),
        "until": cohort.last_day.isoformat(),
    }
    return f"{reverse('insights:people')}?{urlencode(names)}"


def everybody(horizon: date) -> Period:
    """All who ever bought."""
    return Period(date(1900, 1, 1), horizon + periods.ONE_DAY)


def repeat_rate(row: Definition, horizon: date) -> Figure:
    """Of all who ever bought: who bought on a second day."""
    sums = CohortCell.objects.filter(unit="year", cohort=F("period")).aggregate(
        buyers=Sum("people", default=0), again=Sum("repeated", default=0)
    )
    buyers, again = sums["buyers"], sums["again"]
    return figure(
        "repeat_rate",
        _("Repeat rate"),
        metrics.repeat_rate(buyers, again),
        Unit.PERCENT,
        sentence=_("Of %(buyers)s who ever bought, %(again)s bought on a second day.")
        % {"buyers": formats.number(buyers), "again": formats.number(again)},
        how=_(
            "People who bought on two days or more, divided by all who bought. Orders"
            " that were cancelled or given back whole do not count. Whoever is new had"
            " little time to come back: the cohorts show that."
        ),
        people_url=people_url("repeated", everybody(horizon)),
        people=again,
    )


def between_orders(gaps: Mapping[int, int]) -> Figure:
    """The middle of all times between an order and the next one."""
    middle, most = metrics.gap(gaps), metrics.gap(gaps, 0.9)
    return figure(
        "between_orders",
        _("Days between orders"),
        middle,
        Unit.DAYS,
        sentence=_(
            "Half of all next orders came within %(half)s days, nine of ten within"
            " %(most)s. It is from %(orders)s pairs of orders."
        )
        % {
            "half": written(middle.value or 0, Unit.DAYS),
            "most": written(most.value or 0, Unit.DAYS),
            "orders": formats.number(middle.base),
        },
        how=_(
            "The days between each day with an order and the customer's next one. Who"
            " has bought only once is in none of them."
        ),
    )


def second_order(horizon: date) -> Figure:
    """Who has come back within 90 days of a first order, new ones counted as long as
    they were watched."""
    back = dict(kept.rows(_BACK))
    known = horizon.toordinal()
    waiting = {known - day: people for day, people in kept.rows(_WAITING)}
    steps = metrics.comes_back_within(back, waiting)
    reached = [step for step in steps if step.days <= 90]
    last = reached[-1] if reached else None
    measure = (
        Measure(last.share, base=last.waiting, low=last.low, high=last.high)
        if last
        else without(Why.TOO_FEW, base=sum(back.values()) + sum(waiting.values()))
    )
    return figure(
        "second_order",
        _("From the first to the second order"),
        measure,
        Unit.PERCENT,
        sentence=_("%(share)s have bought again within 90 days of their first order.")
        % {"share": "" if last is None else percent(last.share)},
        how=_(
            "By the method of Kaplan and Meier: whoever is new counts for as long as"
            " they were watched, so that newcomers do not make the rate look worse."
        ),
    )
