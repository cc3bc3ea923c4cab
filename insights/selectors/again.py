"""Who bought again, as figures: the rate, the days between orders, and each cell of the
cohorts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import F, Sum
from django.utils.translation import gettext as _

from insights import words
from insights.figures import Figure, Unit, figure, written
from insights.metrics import retention as metrics
from insights.metrics.measures import Measure
from insights.metrics.periods import ONE_DAY, Period
from insights.models import CohortCell, Definition
from insights.selectors import definition as definitions
from insights.selectors.cohorts import (
    Cohorts,
    cell_name,
    everybody,
    people_url,
)
from insights.selectors.rows import rows_of
from insights.selectors.second_order import watched
from insights.sql.again import by_first_quarter
from web import formats


@dataclass(frozen=True)
class Buyers:
    """How many ever bought, and how many of them on a second day."""

    people: int
    came_back: int


def cells(row: Definition, found: Cohorts) -> Iterator[Figure]:
    """The whole table: each cohort with its size and cells, and the means."""
    how, unit = how_cohorts(row), found.unit
    for cohort in found.shown:
        if size := found.size(cohort):
            yield figure(
                _key(cohort),
                _("First bought: %(cohort)s") % {"cohort": words.period(cohort)},
                Measure(size),
                Unit.PEOPLE,
                sentence="",
                how=how,
                people_url=found.url("buyers", cohort),
                people=size,
                is_over=cohort.is_over(found.horizon),
            )
            yield from _cells(found, cohort, how)
    for step, mean in enumerate(found.means()):
        yield figure(
            f"cohort.{unit}.mean.{step}",
            _("Mean of all cohorts, column %(column)s") % {"column": step},
            mean,
            Unit.PERCENT,
            sentence="",
            how=how,
            people_url=found.mean_url(step) if mean.count else None,
            people=mean.count,
        )


def _cells(found: Cohorts, cohort: Period, how: str) -> Iterator[Figure]:
    for step, period in enumerate(found.later(cohort)):
        people = found.active(cohort, period)
        [measure] = metrics.cohort(found.size(cohort), [people])
        yield figure(
            f"{_key(cohort)}.{step}",
            cell_name(cohort, period),
            measure,
            Unit.PERCENT,
            sentence="",
            how=how,
            people_url=found.url("bought", cohort, period) if people else None,
            people=people,
            is_over=period.is_over(found.horizon),
        )


def side(row: Definition, found: Cohorts, cohort: Period) -> list[Figure]:
    """One cohort as a side of a comparison: how many there are, and what share of them
    bought so many periods later."""
    size, how = found.size(cohort), how_cohorts(row)
    first = figure(
        "size",
        _("First bought then"),
        Measure(size),
        Unit.PEOPLE,
        sentence="",
        how=how,
        people_url=found.url("buyers", cohort),
        people=size,
        is_over=cohort.is_over(found.horizon),
    )
    later = [
        replace(one, key=f"step-{step}", title=words.after(cohort.unit, step))
        for step, one in enumerate(_cells(found, cohort, how))
    ]
    return [first, *later[1:]]


def _key(cohort: Period) -> str:
    return f"cohort.{cohort.unit}.{cohort.starts_on.isoformat()}"


def how_cohorts(row: Definition) -> str:
    """How the table is counted."""
    table = _(
        "A line is everybody whose first order was in that time. Column 0 is that time"
        " itself, 1 the next one, and so on: the share of the line who bought on any"
        " day of it. A hatched figure is of a time that is not over; it is in no mean."
        " Under 30 people no share is shown."
    )
    return f"{table} {words.whatever_the_days(row)}"


def repeat_rate(row: Definition, horizon: date, buyers: Buyers) -> Figure:
    """Of all who ever bought: who bought on a second day."""
    return figure(
        "repeat_rate",
        _("Repeat rate"),
        metrics.repeat_rate(buyers.people, buyers.came_back),
        Unit.PERCENT,
        sentence=_("Of %(buyers)s who ever bought, %(again)s bought on a second day.")
        % {
            "buyers": formats.number(buyers.people),
            "again": formats.number(buyers.came_back),
        },
        how=_(
            "People who bought on two days or more, divided by all who bought. Orders"
            " that were cancelled or given back whole do not count. Whoever is new had"
            " little time to come back: the cohorts show that."
        )
        + f" {words.whatever_the_days(row)}",
        people_url=people_url("repeated", everybody(known(horizon))),
        people=buyers.came_back,
    )


def known(horizon: date) -> date:
    """The day after the last of which everything is known: what was bought on it counts
    where nothing is told of a time that is over."""
    return horizon + ONE_DAY


def buyers(row: Definition, horizon: date) -> Buyers:
    """By the sums, but where there are orders of days to come, which are in those."""
    if definitions.has_orders_to_come(row, known(horizon)):
        found = watched(known(horizon))
        return Buyers(found.people, found.came_back)
    sums = CohortCell.objects.filter(unit="year", cohort=F("period")).aggregate(
        buyers=Sum("people", default=0), again=Sum("repeated", default=0)
    )
    return Buyers(sums["buyers"], sums["again"])


def by_quarter(
    row: Definition, since: date, horizon: date
) -> Mapping[date, tuple[int, int]]:
    """The same of those who first bought in each quarter from this day on: by the first
    day of the quarter, how many, and how many of them on a second day."""
    if definitions.has_orders_to_come(row, known(horizon)):
        counted = rows_of(by_first_quarter(since, known(horizon)))
        return {cohort: (people, again) for cohort, people, again in counted}
    sums = CohortCell.objects.filter(
        unit="quarter", cohort=F("period"), cohort__gte=since
    ).values_list("cohort", "people", "repeated")
    return {cohort: (people, again) for cohort, people, again in sums}


def between_orders(
    row: Definition, horizon: date, gaps: Mapping[int, int], buyers: Buyers
) -> Figure:
    """The middle of all times between an order and the next one, of those who bought
    on two days at least. `gaps`: days between two orders, and how often."""
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
        )
        + f" {words.whatever_the_days(row)}",
        people_url=people_url("repeated", everybody(known(horizon))),
        people=buyers.came_back,
    )
