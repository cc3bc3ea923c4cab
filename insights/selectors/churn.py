"""Who left, by month; what that adds up to, and against one's own target."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.utils.translation import gettext as _

from insights import words
from insights.choices import Basis
from insights.figures import Figure, Unit, figure, percent, written
from insights.metrics import churn as metrics
from insights.metrics import periods
from insights.metrics.measures import Measure
from insights.metrics.periods import Period
from insights.models import Definition
from insights.money_charts import axis_up_to
from insights.selectors import spans
from insights.selectors.asked import Asked
from insights.selectors.spans import Counts
from web import formats
from web.charts import Chart, Point, Series, line_chart


@dataclass(frozen=True)
class Month:
    """The churn of one month."""

    label: str
    asked: Asked
    counts: Counts
    measure: Measure
    is_over: bool

    @property
    def shown(self) -> str:
        return "" if self.measure.value is None else percent(self.measure.value)

    @property
    def balance(self) -> metrics.Balance:
        return metrics.Balance(self.counts.new + self.counts.back, self.counts.lost)

    # A table asks for each of them.
    @cached_property
    def links(self) -> dict[str, str]:
        groups = ("start", "lost", "new", "back")
        return {group: self.asked.people_url(group) for group in groups}


def by_month(basis: Basis, horizon: date, *, months: int = 13) -> list[Month]:
    """The churn of the last months, the newest last."""
    shown = periods.until(periods.containing(horizon, "month"), months)
    counts = spans.over_time(basis, shown)
    return [
        Month(
            words.period(period),
            Asked(basis, period),
            found,
            metrics.monthly_churn(found.start, found.lost),
            period.is_over(horizon),
        )
        for period, found in zip(shown, counts, strict=True)
    ]


def six_months(
    row: Definition, basis: Basis, horizon: date
) -> tuple[Asked, Counts, Measure]:
    """Those who left in six months ÷ 6: steadier where few leave in one month."""
    last = periods.last_over(horizon, "month")
    first = periods.before(last, metrics.SIX - 1)
    asked = Asked(basis, Period(first.starts_on, last.ends_on))
    counts = _of_half_a_year(row, asked)
    return asked, counts, metrics.churn_a_month(counts.start, counts.lost)


def _of_half_a_year(row: Definition, asked: Asked) -> Counts:
    """From the sums where nobody can have come and left within six months."""
    lasts = row.days if asked.basis is Basis.ORDERS else 0
    if lasts < (asked.period.ends_on - asked.period.starts_on).days:
        return spans.counted(asked.basis, asked.period)
    first = periods.containing(asked.period.starts_on, "month")
    shown = [periods.before(first, -at) for at in range(metrics.SIX)]
    months = spans.over_time(asked.basis, shown)
    start, lost = months[0].start, sum(one.lost for one in months)
    new, back = sum(one.new for one in months), sum(one.back for one in months)
    # Who left and came back in these months was counted as both.
    return Counts(start, start - lost, lost, new, back, months[-1].end)


def rate(
    row: Definition, basis: Basis, horizon: date, months: Sequence[Month]
) -> Figure:
    """The churn a month of the last six months, with what it adds up to."""
    asked, counts, measure = six_months(row, basis, horizon)
    return figure(
        "churn",
        _("Churn a month, %(period)s") % {"period": words.period(asked.period)},
        measure,
        Unit.PERCENT,
        sentence=" ".join(
            [_who_left(counts), *adds_up(measure), *_target(row, measure)]
        ),
        how=how(row, basis),
        people_url=asked.people_url("lost"),
        people=counts.lost,
        trend=trend(months, row) if len(months) > 2 else None,
    )


def _who_left(counts: Counts) -> str:
    return _("Of %(start)s customers, %(lost)s left in six months.") % {
        "start": formats.number(counts.start),
        "lost": formats.number(counts.lost),
    }


def adds_up(measure: Measure) -> list[str]:
    """What the same churn would come to: half a year, a year, stay and half-life."""
    if not measure.value:
        return []
    stay = metrics.average_stay(measure.value).value
    half = metrics.half_life(measure.value).value
    if stay is None or half is None:
        return []
    return [
        _(
            "If that goes on, %(six)s are gone after six months and %(twelve)s after"
            " twelve: each month fewer are left to leave. A customer then stays for"
            " %(stay)s months on average; half are gone after %(half)s."
        )
        % {
            "six": percent(metrics.lost_after(measure.value, 6)),
            "twelve": percent(metrics.lost_after(measure.value, 12)),
            "stay": written(stay, Unit.MONTHS),
            "half": written(half, Unit.MONTHS),
        }
    ]


def _target(row: Definition, measure: Measure) -> list[str]:
    if row.churn_target is None or measure.value is None:
        return []
    target = float(row.churn_target) / 100
    shape = (
        _("That is within your target of %(target)s.")
        if measure.value <= target
        else _("That is above your target of %(target)s.")
    )
    return [shape % {"target": percent(target)}]


def how(row: Definition, basis: Basis) -> str:
    """How churn is counted, with what makes a customer."""
    formula = _(
        "Churn of a month is the customers who left in it, divided by those who were"
        " there when it began. Over six months it is those who left in them, divided by"
        " those who were there at the beginning, divided by six. By orders somebody"
        " leaves when the days after their last order are over: so what made them go"
        " lies that long before."
    )
    return f"{words.counted_by(row, basis)} {formula}"


def of_month(row: Definition, month: Month) -> Figure:
    """The figure of one month, for files."""
    return figure(
        f"churn.{month.asked.period.starts_on.isoformat()}",
        _("Churn, %(period)s") % {"period": month.label},
        month.measure,
        Unit.PERCENT,
        sentence=_("Of %(start)s customers, %(lost)s left.")
        % {
            "start": formats.number(month.counts.start),
            "lost": formats.number(month.counts.lost),
        },
        how=how(row, month.asked.basis),
        people_url=month.links["lost"],
        people=month.counts.lost,
        is_over=month.is_over,
    )


def trend(months: Sequence[Month], row: Definition) -> Chart:
    """The churn of each month, and one's own target as a line of its own."""
    most = max([month.measure.high or month.measure.value or 0 for month in months])
    target = float(row.churn_target) / 100 if row.churn_target else None
    series = [Series(_("Churn"), [_point(at, one) for at, one in enumerate(months)])]
    if target is not None:
        points = [
            Point(x=at, label=one.label, y=target, shown=percent(target))
            for at, one in enumerate(months)
        ]
        series.append(Series(_("Your target"), points))
    return line_chart(
        "churn", _("Churn by month"), series, axis_up_to(max(most, target or 0, 0.01))
    )


def _point(at: int, month: Month) -> Point:
    return Point(
        x=at,
        label=month.label,
        y=month.measure.value,
        shown=month.shown or _("too few to say"),
        low=month.measure.low,
        high=month.measure.high,
        is_over=month.is_over,
    )
