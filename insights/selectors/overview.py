"""The six figures that matter most, from the sums: the first page opens at once."""

from dataclasses import replace
from datetime import date

from django.utils.translation import gettext as _

from insights import overview_charts, words
from insights.choices import Basis
from insights.figures import Figure, Unit, figure
from insights.metrics import periods
from insights.metrics.churn import Balance
from insights.metrics.measures import Measure, Why, without
from insights.models import Definition
from insights.money_charts import earlier_trend, retention_trend
from insights.selectors import again, churn, money, retention, spans
from insights.selectors.asked import Asked
from insights.selectors.money import Currency
from web import formats
from web.rules.movement import movements

# How far back the drawings look.
MONTHS, QUARTERS = 13, 9
_KEPT, _EARLIER = "net-retention", "earlier-share"
# What is told of each currency: with those of `people_figures` there are six.
_MONEY = {Basis.ORDERS: (_EARLIER,), Basis.CONTRACT: (_KEPT, _EARLIER)}


def figures(
    row: Definition, basis: Basis, *, horizon: date, today: date
) -> list[Figure]:
    """All six, those of money once for each currency."""
    return [
        *people_figures(row, basis, horizon=horizon, today=today),
        *(made for _currency, figures in by_currency(basis) for made in figures),
    ]


def people_figures(
    row: Definition, basis: Basis, *, horizon: date, today: date
) -> list[Figure]:
    """How many there are, stay, leave, come back and come, each as a sentence; by
    contract nobody comes back for a second order."""
    found = [
        customers(row, basis, horizon),
        staying(row, basis, horizon=horizon, today=today),
        churn.rate(row, basis, horizon, churn.by_month(basis, horizon)),
        coming(row, basis, horizon),
    ]
    if basis is Basis.ORDERS:
        found.insert(3, _repeating(row, horizon))
    return found


def _repeating(row: Definition, horizon: date) -> Figure:
    """Who bought again, with the newcomers of each quarter as the trend."""
    shown = periods.until(periods.containing(horizon, "quarter"), QUARTERS)
    chart = overview_charts.repeated(row, shown, horizon)
    found = again.repeat_rate(row, horizon, again.buyers(row, horizon))
    return replace(found, trend=chart)


def by_currency(basis: Basis) -> list[tuple[Currency, list[Figure]]]:
    """What comes from customers of before, and by contract what they bring now: each
    currency by itself, those of most people first."""
    return [
        (one, [_with_trend(one, made) for made in one.figures])
        for one in money.currencies(only=_MONEY[basis])
        if one.row.basis == basis.value
    ]


def _with_trend(one: Currency, made: Figure) -> Figure:
    made = replace(made, title=f"{made.title}, {one.currency}")
    if made.key == _KEPT:
        return replace(made, trend=retention_trend(one))
    movement = words.counted_whole() if made.has_enough else ""
    return replace(made, trend=earlier_trend(one, MONTHS), movement=movement)


def customers(row: Definition, basis: Basis, horizon: date) -> Figure:
    """How many were customers at the end of the last month that is over."""
    months = periods.until(periods.last_over(horizon, "month"), MONTHS)
    asked, counts = Asked(basis, months[-1]), spans.over_time(basis, months)
    now, then = counts[-1].end, counts[0].end
    return figure(
        "customers",
        _("Customers"),
        Measure(now, count=now, base=now) if now else without(Why.NOBODY),
        Unit.PEOPLE,
        sentence=_(
            "So many were customers at the end of %(month)s; a year before, it was"
            " %(then)s."
        )
        % {"month": words.period(asked.period), "then": formats.number(then)},
        how=words.counted_by(row, basis),
        people_url=asked.people_url("end"),
        people=now,
        movement=words.counted_whole() if now else "",
        trend=overview_charts.customers(months, counts),
    )


def staying(row: Definition, basis: Basis, *, horizon: date, today: date) -> Figure:
    """Retention of the last quarter that is over, with those before it."""
    shown = periods.until(periods.containing(horizon, "quarter"), QUARTERS)
    asked = Asked(basis, shown[-1])
    rows = retention.over_time(asked, shown, horizon=horizon, today=today)
    over = [one for one in rows if one.is_over]
    chosen, before = (over or rows)[-1], over[-2] if len(over) > 1 else None
    moved = movements({"staying": retention.change(chosen, before, today=today)})
    return retention.rate(
        chosen,
        before,
        definition=row,
        chart=retention.trend(rows),
        moved=moved["staying"],
    )


def coming(row: Definition, basis: Basis, horizon: date) -> Figure:
    """Whether those who came in the last quarter replace those who left in it."""
    shown = periods.until(periods.last_over(horizon, "quarter"), QUARTERS)
    over_time = spans.over_time(basis, shown)
    asked, counts = Asked(basis, shown[-1]), over_time[-1]
    balance = Balance(counts.new + counts.back, counts.lost)
    return figure(
        "coming",
        _("Came for each one who left, %(period)s")
        % {"period": words.period(asked.period)},
        balance.replaced,
        Unit.RATIO,
        sentence=_(
            "%(new)s came for the first time and %(back)s came back; %(lost)s left."
        )
        % {
            "new": formats.number(counts.new),
            "back": formats.number(counts.back),
            "lost": formats.number(counts.lost),
        },
        how=words.retention_how(row, basis),
        people_url=asked.people_url("gained"),
        people=balance.gained,
        trend=overview_charts.came_and_left(shown, over_time),
    )
