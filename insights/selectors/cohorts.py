"""Who first bought when, and who of them bought again: a table with every figure."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from insights import words
from insights.figures import percent
from insights.metrics import periods
from insights.metrics import retention as metrics
from insights.metrics.measures import Measure, Why
from insights.metrics.periods import Period
from insights.models import CohortCell
from insights.selectors.asked import ALL, people_of
from insights.selectors.rows import rows_of
from insights.sql import again as sql
from insights.sql.again import LATER
from web.addresses import address

# Where a darker tone begins.
BINS = (0.05, 0.1, 0.2, 0.4, 0.6)
# Rows and columns of the table, and how far back figures look.
SHOWN = {"month": 13, "quarter": 9, "year": 8}


@dataclass(frozen=True)
class Cell:
    """One figure of the table. `tone` 1 to 6: how dark; 0 where there is no share."""

    shown: str
    doubt: str
    tone: int
    url: str
    is_over: bool

    @property
    def is_told(self) -> bool:
        """Whether there is a share; else `shown` says why not."""
        return self.tone > 0


@dataclass(frozen=True)
class Line:
    """A cohort: who first bought in one period."""

    label: str
    size: int
    url: str
    cells: list[Cell | None]


@dataclass(frozen=True)
class Mean:
    """Of all cohorts where the period is over, with the list of who bought in it; not
    `is_told`: `shown` says why there is no share."""

    shown: str
    url: str
    is_told: bool


@dataclass(frozen=True)
class Table:
    """`names` are those of the columns; `means` of all cohorts where a cell is over."""

    names: list[str]
    lines: list[Line]
    means: list[Mean]

    @property
    def tones(self) -> list[tuple[int, str]]:
        """Each tone with what it stands for."""
        names = [_("under %(share)s") % {"share": percent(BINS[0])}]
        names += [
            _("%(low)s to %(high)s") % {"low": percent(low), "high": percent(high)}
            for low, high in pairwise(BINS)
        ]
        names.append(_("%(share)s and more") % {"share": percent(BINS[-1])})
        return list(enumerate(names, start=1))


@dataclass(frozen=True)
class Cohorts:
    """Those that are shown, oldest first, and how many bought in which period; of a
    group alone where `by` and `value` name one."""

    shown: Sequence[Period]
    people: Mapping[tuple[date, date], int]
    horizon: date
    by: str = ALL
    value: str = ""

    @property
    def unit(self) -> str:
        return self.shown[0].unit

    def url(
        self, group: str, cohort: Period, period: Period | None = None, **more: str
    ) -> str:
        """As `people_url`, of this group."""
        if self.by != ALL:
            more |= {"by": self.by, "value": self.value}
        return people_url(group, cohort, period, **more)

    def size(self, cohort: Period) -> int:
        return self.active(cohort, cohort)

    def active(self, cohort: Period, period: Period) -> int:
        """How many of a cohort bought in a period."""
        return self.people.get((cohort.starts_on, period.starts_on), 0)

    def later(self, cohort: Period) -> list[Period]:
        """Its own period and those after it."""
        return [one for one in self.shown if one >= cohort]

    def means(self) -> list[Measure]:
        """By how many periods after the first one; none of those not over anywhere."""
        return metrics.mean_of_cohorts(
            (
                self.size(cohort),
                [
                    self.active(cohort, one)
                    if one.is_over(self.horizon) and self.size(cohort)
                    else None
                    for one in self.later(cohort)
                ],
            )
            for cohort in self.shown
        )

    def mean_url(self, step: int) -> str:
        """Those who bought so many periods after their first, of the cohorts of which
        that one is over."""
        over = [
            cohort
            for at, cohort in enumerate(self.shown[: len(self.shown) - step])
            if self.shown[at + step].is_over(self.horizon)
        ]
        span = Period(self.shown[0].starts_on, over[-1].ends_on)
        return self.url(LATER, span, unit=self.unit, step=str(step))


def cohorts_of(unit: str, horizon: date) -> Cohorts:
    """The newest ones, and what became of them in the periods that followed."""
    shown = _newest(unit, horizon)
    rows = CohortCell.objects.filter(unit=unit, cohort__gte=shown[0].starts_on)
    found = rows.values_list("cohort", "period", "people")
    return Cohorts(shown, _by_cell(found), horizon)


def of_group(unit: str, horizon: date, by: str, value: str, *, today: date) -> Cohorts:
    """The same of a segment, a country, a source or an owner, counted now."""
    people = people_of(by, value, before=today, today=today)
    if people is None:
        return cohorts_of(unit, horizon)
    shown = _newest(unit, horizon)
    found = rows_of(sql.cells(unit, shown[0].starts_on, people))
    return Cohorts(shown, _by_cell(found), horizon, by, value)


def _newest(unit: str, horizon: date) -> list[Period]:
    return list(periods.until(periods.containing(horizon, unit), SHOWN[unit]))


def _by_cell(
    rows: Iterable[tuple[date, date, int]],
) -> dict[tuple[date, date], int]:
    return {(cohort, period): number for cohort, period, number in rows}


def table(found: Cohorts) -> Table:
    """The same as lines, with a figure in each cell."""
    return Table(
        names=[str(at) for at in range(len(found.shown))],
        lines=[_line(found, cohort) for cohort in found.shown if found.size(cohort)],
        means=[
            Mean(
                _share(mean),
                found.mean_url(step) if mean.count else "",
                is_told=mean.value is not None,
            )
            for step, mean in enumerate(found.means())
        ],
    )


def _line(found: Cohorts, cohort: Period) -> Line:
    later = found.later(cohort)
    cells: list[Cell | None] = [_cell(found, cohort, one) for one in later]
    cells += [None] * (len(found.shown) - len(later))
    url = found.url("buyers", cohort)
    return Line(words.period(cohort), found.size(cohort), url, cells)


def _cell(found: Cohorts, cohort: Period, period: Period) -> Cell:
    people = found.active(cohort, period)
    [measure] = metrics.cohort(found.size(cohort), [people])
    low, high = measure.low, measure.high
    doubt = "" if low is None or high is None else f"{percent(low)} – {percent(high)}"
    return Cell(
        shown=_share(measure),
        doubt=doubt,
        tone=tone(measure),
        url=found.url("bought", cohort, period) if people else "",
        is_over=period.is_over(found.horizon),
    )


def cell_name(cohort: Period, period: Period) -> str:
    """What a cell is called outside its table."""
    return _("%(cohort)s in %(period)s") % {
        "cohort": words.period(cohort),
        "period": words.period(period),
    }


def tone(measure: Measure) -> int:
    """1 to 6: how dark a share is shown, in fixed bins; 0 where there is none."""
    return 0 if measure.value is None else 1 + bisect_right(BINS, measure.value)


def _share(measure: Measure) -> str:
    if measure.value is not None:
        return percent(measure.value)
    return _("Too few to say") if measure.why is Why.TOO_FEW else ""


def people_url(
    group: str, cohort: Period, period: Period | None = None, **more: str
) -> str:
    """The list of those who first bought in `cohort`, and bought again in `period`."""
    asked = period or cohort
    names = {
        "group": group,
        "basis": "orders",
        "first": asked.starts_on.isoformat(),
        "last": asked.last_day.isoformat(),
        "since": cohort.starts_on.isoformat(),
        "until": cohort.last_day.isoformat(),
        **more,
    }
    return f"{address('insights:people')}?{urlencode(names)}"


def everybody(horizon: date) -> Period:
    """All who ever bought."""
    return Period(date(1900, 1, 1), horizon + periods.ONE_DAY)
