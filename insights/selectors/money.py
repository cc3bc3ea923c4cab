"""What customers of before bring now, as figures: one set a currency, never added."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from urllib.parse import urlencode

from crm.models import CoreMark
from insights import money_words as words
from insights.choices import Basis
from insights.figures import Figure, Unit, figure
from insights.metrics import revenue
from insights.metrics.intervals import PairSums, share
from insights.metrics.measures import Measure, Why, without
from insights.metrics.revenue import CurvePoint, Movement
from insights.metrics.spans import YEAR, Pair
from insights.models import MoneyEnd, MoneyPeriod, SpendCurve
from insights.selectors.asked import people_of
from insights.selectors.money_spans import counted, counted_by
from web.addresses import address

# Which group of people is behind which figure.
BEHIND = {
    "net-retention": "then",
    "gross-retention": "then",
    "revenue-churn": "fewer",
    "expansion": "more",
    "contraction": "less",
    "lost": "lost",
    "earlier-share": "earlier",
}


@dataclass(frozen=True)
class Whom:
    """A group of customers: one value of a dimension, a segment or a product."""

    by: str = "all"
    value: str = ""


@dataclass(frozen=True)
class Currency:
    """Everything that is said of one currency."""

    currency: str
    row: MoneyPeriod
    figures: list[Figure]
    trend: list[MoneyPeriod]
    curve: list[CurvePoint]

    @property
    def id(self) -> str:
        return f"{self.row.basis}-{self.currency}-"

    @property
    def basis_name(self) -> str:
        return words.basis_name(self.row)


def ends_known(months: int) -> list[date]:
    """The ends of the spans of this length that are summed up, the newest first."""
    rows = MoneyEnd.objects.filter(months=months)
    return list(rows.order_by("-ends_on").values_list("ends_on", flat=True).distinct())


def currencies(
    *, months: int = YEAR, ends_on: date | None = None, only: Collection[str] = ()
) -> list[Currency]:
    """Each currency with revenue in the span before `ends_on`, else in the newest one;
    orders before contracts, those of most people first. `only`: with these figures."""
    stored = MoneyPeriod.objects.select_related("end").filter(end__months=months)
    rows = list(stored.order_by("end__ends_on"))
    if not rows:
        return []
    end = ends_on or rows[-1].ends_on
    curves = {one.currency: one for one in SpendCurve.objects.all()}
    cores = {mark.currency: mark for mark in CoreMark.objects.all()}
    found = [row for row in rows if row.ends_on == end]
    found.sort(key=lambda row: (row.basis != Basis.ORDERS, -row.buyers, row.currency))
    return [_currency(row, rows, curves, cores, only) for row in found]


def _currency(
    row: MoneyPeriod,
    rows: Sequence[MoneyPeriod],
    curves: Mapping[str, SpendCurve],
    cores: Mapping[str, CoreMark],
    only: Collection[str],
) -> Currency:
    is_orders = row.basis == Basis.ORDERS
    curve = curves.get(row.currency) if is_orders else None
    core = cores.get(row.currency) if is_orders else None
    return Currency(
        currency=row.currency,
        row=row,
        figures=figures_of(row, curve, core, only=only),
        trend=[
            one
            for one in rows
            if (one.basis, one.currency) == (row.basis, row.currency)
            and one.ends_on <= row.ends_on
        ],
        curve=points(curve),
    )


def of_group(whom: Whom, *, pair: Pair, today: date) -> list[Figure]:
    """All figures of a group, counted now; of everybody from the sums."""
    if whom.by == "all":
        found = currencies(months=pair.months, ends_on=pair.ends_on)
        return [made for one in found for made in told_apart(one.row, one.figures)]
    people = people_of(whom.by, whom.value, before=pair.middle, today=today)
    return [
        made
        for basis in Basis
        for row in counted(pair, basis, today=today, people=people)
        for made in told_apart(row, figures_of(row, None, None, whom))
    ]


def by_value(by: str, *, pair: Pair, today: date) -> list[tuple[str, list[Figure]]]:
    """The same for each country, source or owner, with its value."""
    return [
        (value, told_apart(row, figures_of(row, None, None, Whom(by, value))))
        for basis in Basis
        for value, row in counted_by(by, pair, basis, today=today)
    ]


def told_apart(row: MoneyPeriod, figures: Sequence[Figure]) -> list[Figure]:
    """Those of contracts by their key from those of orders in the same currency."""
    if row.basis == Basis.ORDERS:
        return list(figures)
    return [
        replace(one, key=f"{one.key}.contract", title=f"{one.title} ({name})")
        for one in figures
        for name in (words.basis_name(row),)
    ]


def points(curve: SpendCurve | None) -> list[CurvePoint]:
    """The curve of the few who bring most; empty where too few bring anything."""
    if curve is None:
        return []
    return revenue.pareto_curve(list(zip(curve.people, curve.sums, strict=True)))


def movement(row: MoneyPeriod) -> Movement:
    """A stored row as the formulas take it."""
    return Movement(row.people, row.start, row.expansion, row.contraction, row.lost)


def net(row: MoneyPeriod) -> Measure:
    """Net revenue retention of a row; without a value where history is too short."""
    if not row.is_whole:
        return without(Why.SHORT_HISTORY, base=row.people)
    return revenue.net_retention(
        movement(row), _sums(row, movement(row).now, row.squares_now, row.products_now)
    )


def gross(row: MoneyPeriod) -> Measure:
    """Gross revenue retention of a row, likewise."""
    if not row.is_whole:
        return without(Why.SHORT_HISTORY, base=row.people)
    kept = row.start - row.contraction - row.lost
    return revenue.gross_retention(
        movement(row), _sums(row, kept, row.squares_kept, row.products_kept)
    )


def churn(row: MoneyPeriod) -> Measure:
    """The share of the revenue of then that is gone, likewise."""
    return revenue.revenue_churn(gross(row))


def told(basis: Basis, key: str) -> list[tuple[Currency, Figure]]:
    """One figure of each currency of a basis, those of most people first."""
    return [
        (one, made)
        for one in currencies(only=[key])
        if one.row.basis == basis.value
        for made in one.figures
    ]


def _sums(
    row: MoneyPeriod, brings: Decimal, squares: Decimal, products: Decimal
) -> PairSums:
    return PairSums(
        n=row.people,
        x=float(row.start),
        y=float(brings),
        xx=float(row.squares_then),
        yy=float(squares),
        xy=float(products),
    )


def earlier(row: MoneyPeriod) -> Measure:
    """The share of revenue from those who had bought before."""
    return revenue.earlier_share(row.earlier_revenue, row.revenue, row.buyers)


def figures_of(
    row: MoneyPeriod,
    curve: SpendCurve | None,
    core: CoreMark | None,
    whom: Whom | None = None,
    *,
    only: Collection[str] = (),
) -> list[Figure]:
    """All figures of one currency in the order of the page, or `only` those."""
    parts: list[tuple[str, Callable[[MoneyPeriod], Measure], Unit, int]] = [
        ("net-retention", net, Unit.PERCENT, row.people),
        ("gross-retention", gross, Unit.PERCENT, row.people),
        ("revenue-churn", churn, Unit.PERCENT, row.less_people + row.lost_people),
        ("expansion", _amount("expansion"), Unit.MONEY, row.more_people),
        ("contraction", _amount("contraction"), Unit.MONEY, row.less_people),
        ("lost", _amount("lost"), Unit.MONEY, row.lost_people),
        ("earlier-share", earlier, Unit.PERCENT, row.earlier_buyers),
    ]
    figures = []
    for key, of_row, unit, people in parts:
        if only and key not in only:
            continue
        measure = of_row(row)
        figures.append(
            figure(
                key,
                str(words.TITLES[key]),
                measure,
                unit,
                sentence=words.sentence(key, row, measure),
                how=words.how(key, row),
                people_url=people_url(row, BEHIND[key], whom),
                people=people,
                currency=row.currency,
            )
        )
    if only and "core" not in only:
        return figures
    return [*figures, *_core(row, curve, core)]


def _amount(column: str) -> Callable[[MoneyPeriod], Measure]:
    def measure(row: MoneyPeriod) -> Measure:
        if not row.people:
            return without(Why.NOBODY)
        if not row.is_whole:
            return without(Why.SHORT_HISTORY, base=row.people)
        return Measure(float(getattr(row, column)), base=row.people)

    return measure


def _core(
    row: MoneyPeriod, curve: SpendCurve | None, mark: CoreMark | None
) -> list[Figure]:
    """How few bring four fifths, and what the best fifth bring."""
    if mark is None or not mark.of_people:
        return []
    made = figure(
        "core",
        str(words.TITLES["core"]),
        share(mark.people, mark.of_people),
        Unit.PERCENT,
        sentence=words.core(revenue.share_of_the_best(points(curve)), mark),
        how=words.how("core", row),
        people_url=people_url(row, "core"),
        people=mark.people,
        currency=row.currency,
    )
    # All are counted, and none is drawn by lot: there is no interval.
    return [replace(made, low=None, high=None, movement=words.core_counted(mark))]


def people_url(row: MoneyPeriod, group: str, whom: Whom | None = None) -> str:
    """The list of those behind a figure of this row, of a group or of everybody."""
    named = {
        "basis": row.basis,
        "currency": row.currency,
        "of": group,
        "to": row.ends_on.isoformat(),
        "months": row.months,
    }
    if whom is not None:
        named |= {"by": whom.by, "value": whom.value}
    return f"{address('insights:money-people')}?{urlencode(named)}"
