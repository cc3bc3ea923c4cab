"""Figures of periods that are over, as they stand now: what is kept of them, and what
pages hold beside that."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import partial

from django.db.models import Sum
from django.utils.translation import gettext as _

from insights import money_words, words
from insights.choices import Basis, Closed
from insights.metrics import periods
from insights.metrics.periods import Period
from insights.metrics.spans import QUARTER
from insights.models import MoneyPeriod, Spend
from insights.selectors.cohorts import Cohorts, cell_name
from insights.selectors.spans import Counts
from surveys.models import Survey
from surveys.rules import NpsResult
from surveys.rules.spans import Unit as Span
from surveys.selectors.trend import ScoreSpan

# How many periods of each kind are looked at: what is older is closed for good.
WATCHED = 24
# Behind the currency, where it is not retention: of those who had bought before.
EARLIER = "-earlier"


@dataclass(frozen=True)
class Figure:
    """`count` of `base` in a period that is over, and what it is called, which is asked
    of the few that changed. `lost`: those who left are told of, and not those who were
    kept."""

    figure: Closed
    basis: str
    unit: str
    starts_on: date
    ends_on: date
    part: str
    called: Callable[[], str]
    count: Decimal
    base: Decimal
    lost: bool = False

    @property
    def label(self) -> str:
        return self.called()

    @property
    def key(self) -> tuple[str, str, str, date, str]:
        return self.figure.value, self.basis, self.unit, self.starts_on, self.part

    @property
    def currency(self) -> str:
        """Of a figure of money."""
        return self.part.removesuffix(EARLIER)


def made(
    figure: Closed,
    basis: Basis,
    period: Period,
    *,
    count: Decimal | int,
    base: Decimal | int,
    called: Callable[[], str],
    part: str = "",
    lost: bool = False,
) -> Figure:
    """Of a period of the calendar."""
    return Figure(
        figure=figure,
        basis=basis.value,
        unit=period.unit,
        starts_on=period.starts_on,
        ends_on=period.ends_on,
        part=part,
        called=called,
        count=Decimal(count),
        base=Decimal(base),
        lost=lost,
    )


def of_people(
    basis: Basis,
    rows: Iterable[tuple[Period, Counts]],
    horizon: date | None,
    *,
    lost: bool = False,
) -> Iterator[Figure]:
    """Who was kept, or left, in each of these periods of the calendar."""
    for period, counts in rows:
        if counts.start and period.unit and period.is_over(horizon):
            yield made(
                Closed.RETENTION,
                basis,
                period,
                count=counts.kept,
                base=counts.start,
                called=partial(_left if lost else _kept, period),
                lost=lost,
            )


def _kept(period: Period) -> str:
    return _("Retention, %(period)s") % {"period": words.period(period)}


def _left(period: Period) -> str:
    return _("Churn, %(period)s") % {"period": words.period(period)}


def of_cohorts(found: Cohorts) -> Iterator[Figure]:
    """Every cell of the table of cohorts."""
    for cohort in found.shown:
        if size := found.size(cohort):
            for period in found.later(cohort):
                if period.is_over(found.horizon):
                    yield made(
                        Closed.COHORT,
                        Basis.ORDERS,
                        period,
                        count=found.active(cohort, period),
                        base=size,
                        part=cohort.starts_on.isoformat(),
                        called=partial(cell_name, cohort, period),
                    )


def of_money(rows: Iterable[MoneyPeriod]) -> Iterator[Figure]:
    """Net revenue retention, of spans that have a whole one before them."""
    for row in rows:
        if row.is_whole and row.start > 0:
            now = row.start + row.expansion - row.contraction - row.lost
            yield _of_span(row, now, row.start, "net-retention")


def of_earlier(rows: Iterable[MoneyPeriod]) -> Iterator[Figure]:
    """The share of revenue from those who had bought before."""
    for row in rows:
        if row.revenue > 0:
            sums = row.earlier_revenue, row.revenue
            yield _of_span(row, *sums, "earlier-share", EARLIER)


def _of_span(
    row: MoneyPeriod, count: Decimal, base: Decimal, name: str, part: str = ""
) -> Figure:
    unit = "quarter" if row.months == QUARTER else "year"
    period = Period(periods.add_months(row.ends_on, -row.months), row.ends_on, unit)
    return made(
        Closed.REVENUE,
        Basis(row.basis),
        period,
        count=count,
        base=base,
        part=f"{row.currency}{part}",
        called=partial(_brought, name, row.currency, period),
    )


def _brought(name: str, currency: str, period: Period) -> str:
    until = words.period(Period(period.starts_on, period.ends_on))
    return f"{money_words.TITLES[name]}, {currency}, {until}"


def of_cost(
    basis: Basis, rows: Sequence[tuple[Period, Counts]], horizon: date | None
) -> Iterator[Figure]:
    """What was spent for those gained in each of these periods."""
    over = [one for one in rows if one[0].unit and one[0].is_over(horizon)]
    if not over:
        return
    lines = Spend.objects.filter(
        month__gte=min(period.starts_on for period, _counts in over),
        month__lt=max(period.ends_on for period, _counts in over),
    ).values_list("month", "currency")
    spent = list(lines.annotate(Sum("amount")).order_by("currency", "month"))
    for period, counts in over:
        sums: dict[str, Decimal] = {}
        for month, currency, amount in spent:
            if period.starts_on <= month < period.ends_on:
                sums[currency] = sums.get(currency, Decimal(0)) + amount
        for currency, amount in sums.items() if counts.new else ():
            yield made(
                Closed.COST,
                basis,
                period,
                count=amount,
                base=counts.new,
                part=currency,
                called=partial(_cost, period),
            )


def _cost(period: Period) -> str:
    return _("What a new customer costs, %(period)s") % {"period": words.period(period)}


def of_scores(survey: Survey, unit: str, rows: Iterable[ScoreSpan]) -> Iterator[Figure]:
    """The score of everybody, of spans that do not overlap."""
    for row in rows:
        if not isinstance(row.result, NpsResult) or unit == Span.ROLLING:
            continue
        if not row.is_over:
            continue
        ends_on = row.last + timedelta(days=1)
        yield Figure(
            figure=Closed.SCORE,
            basis="",
            unit=unit,
            starts_on=row.first,
            ends_on=ends_on,
            part=str(survey.pk),
            called=partial(_score, survey, Period(row.first, ends_on, unit)),
            count=Decimal(row.result.promoters - row.result.detractors),
            base=Decimal(row.result.n),
        )


def _score(survey: Survey, period: Period) -> str:
    return f"{survey.name}, {words.period(period)}"
