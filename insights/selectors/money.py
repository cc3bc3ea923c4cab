"""What customers of before bring now, as figures: one set a currency, never added."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from urllib.parse import urlencode

from django.db import connection
from django.urls import reverse
from psycopg.sql import Composable

from crm.models import CoreMark
from insights import money_words as words
from insights.choices import Basis
from insights.figures import Figure, Unit, figure
from insights.metrics import revenue
from insights.metrics.intervals import PairSums, share
from insights.metrics.measures import Measure, Why, without
from insights.metrics.revenue import CurvePoint, Movement
from insights.metrics.spans import YEAR, Pair
from insights.models import MoneyMark, MoneyPeriod, SpendCurve
from insights.services.money import bounds, counted
from insights.sql import money as sql

# Which group of people is behind which figure.
BEHIND = {
    "net-retention": "then",
    "gross-retention": "then",
    "expansion": "more",
    "contraction": "less",
    "lost": "lost",
    "earlier-share": "earlier",
}


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


@dataclass(frozen=True)
class Age:
    """When the sums were made, and whether something has changed since."""

    counted_at: datetime | None
    is_stale: bool


def age() -> Age:
    """How old the sums are that a page shows."""
    last = MoneyPeriod.objects.order_by("-counted_at").first()
    return Age(last.counted_at if last else None, MoneyMark.objects.exists())


def ends_known(months: int) -> list[date]:
    """The ends of the spans of this length that are summed up, the newest first."""
    rows = MoneyPeriod.objects.filter(months=months)
    return list(rows.order_by("-ends_on").values_list("ends_on", flat=True).distinct())


def currencies(*, months: int = YEAR, ends_on: date | None = None) -> list[Currency]:
    """Each currency with revenue in the span before `ends_on`, else in the newest one;
    orders before contracts, those of most people first."""
    rows = list(MoneyPeriod.objects.filter(months=months).order_by("ends_on"))
    if not rows:
        return []
    end = ends_on or rows[-1].ends_on
    curves = {one.currency: one for one in SpendCurve.objects.all()}
    cores = {mark.currency: mark for mark in CoreMark.objects.all()}
    found = [row for row in rows if row.ends_on == end]
    found.sort(key=lambda row: (row.basis != Basis.ORDERS, -row.buyers, row.currency))
    return [_currency(row, rows, curves, cores) for row in found]


def _currency(
    row: MoneyPeriod,
    rows: Sequence[MoneyPeriod],
    curves: Mapping[str, SpendCurve],
    cores: Mapping[str, CoreMark],
) -> Currency:
    is_orders = row.basis == Basis.ORDERS
    curve = curves.get(row.currency) if is_orders else None
    core = cores.get(row.currency) if is_orders else None
    return Currency(
        currency=row.currency,
        row=row,
        figures=figures_of(row, curve, core),
        trend=[
            one
            for one in rows
            if (one.basis, one.currency) == (row.basis, row.currency)
            and one.ends_on <= row.ends_on
        ],
        curve=points(curve),
    )


def in_segment(
    people: Composable, *, pair: Pair, today: date, now: datetime
) -> list[tuple[MoneyPeriod, list[Figure]]]:
    """The figures of a segment's people, counted now. Their lists are of everybody, so
    none is named."""
    rows = [
        row
        for basis in Basis
        if (known := bounds(basis, today))
        for row in counted([pair], basis, first=known[0], now=now, people=people)
    ]
    return [(row, figures_of(row, None, None)) for row in rows]


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


def _sums(
    row: MoneyPeriod, brings: Decimal, squares: float, products: float
) -> PairSums:
    return PairSums(
        n=row.people,
        x=float(row.start),
        y=float(brings),
        xx=row.squares_then,
        yy=squares,
        xy=products,
    )


def earlier(row: MoneyPeriod) -> Measure:
    """The share of revenue from those who had bought before."""
    return revenue.earlier_share(row.earlier_revenue, row.revenue, row.buyers)


def figures_of(
    row: MoneyPeriod, curve: SpendCurve | None, core: CoreMark | None
) -> list[Figure]:
    """All figures of one currency in the order of the page."""
    parts = [
        ("net-retention", net(row), Unit.PERCENT, row.people),
        ("gross-retention", gross(row), Unit.PERCENT, row.people),
        ("expansion", _amount(row, row.expansion), Unit.MONEY, row.more_people),
        ("contraction", _amount(row, row.contraction), Unit.MONEY, row.less_people),
        ("lost", _amount(row, row.lost), Unit.MONEY, row.lost_people),
        ("earlier-share", earlier(row), Unit.PERCENT, row.earlier_buyers),
    ]
    figures = [
        figure(
            key,
            words.titles()[key],
            measure,
            unit,
            sentence=words.sentence(key, row, measure),
            how=words.how(key, row),
            people_url=people_url(row, BEHIND[key]),
            people=people,
            currency=row.currency,
        )
        for key, measure, unit, people in parts
    ]
    return [*figures, *_core(row, curve, core)]


def _amount(row: MoneyPeriod, amount: Decimal) -> Measure:
    if not row.people:
        return without(Why.NOBODY)
    if not row.is_whole:
        return without(Why.SHORT_HISTORY, base=row.people)
    return Measure(float(amount), base=row.people)


def _core(
    row: MoneyPeriod, curve: SpendCurve | None, mark: CoreMark | None
) -> list[Figure]:
    """How few bring four fifths, and what the best fifth bring."""
    if mark is None or not mark.of_people:
        return []
    made = figure(
        "core",
        words.titles()["core"],
        share(mark.people, mark.of_people),
        Unit.PERCENT,
        sentence=words.core(revenue.share_of_the_best(points(curve)), mark),
        how=words.how("core", row),
        people_url=people_url(row, "core"),
        people=mark.people,
        currency=row.currency,
    )
    # All are counted, and none is drawn by lot: there is no interval.
    return [replace(made, low=None, high=None)]


def people_url(row: MoneyPeriod, group: str) -> str:
    """The list of those behind a figure of this row."""
    named = {
        "basis": row.basis,
        "currency": row.currency,
        "of": group,
        "to": row.ends_on.isoformat(),
        "months": row.months,
    }
    return f"{reverse('insights:money-people')}?{urlencode(named)}"


@dataclass(frozen=True)
class Spender:
    """Somebody behind a figure: what they brought before, and bring now."""

    customer_id: int
    was: Decimal
    brings: Decimal

    @property
    def stake(self) -> Decimal:
        return abs(self.brings - self.was)


def spenders(
    pair: Pair,
    basis: Basis,
    currency: str,
    group: str,
    *,
    after: tuple[Decimal, int] | None,
    most: int,
) -> Sequence[Spender]:
    """Those of a group, the most at stake first; `after`: the stake and id of a row."""
    stake, pk = after or (None, None)
    given = {"after_stake": stake, "after_id": pk, "most": most}
    query = (
        sql.core(currency)
        if group == "core"
        else sql.spenders(pair, basis, currency, group)
    )
    with connection.cursor() as cursor:
        cursor.execute(query, given)
        return [Spender(*row) for row in cursor.fetchall()]
