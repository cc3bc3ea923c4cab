"""Where customers came from: how many, what they cost and what they brought so far."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Sum
from django.utils.translation import gettext as _
from psycopg.sql import SQL, Composable, Composed, Literal

from insights.metrics import cost, referrals
from insights.metrics.measures import Measure, Why, without
from insights.metrics.referrals import Bounds
from insights.models import Spend
from insights.selectors import kept
from insights.selectors.asked import PRODUCT, SEGMENT, Asked, who
from insights.selectors.once import once_a_page
from insights.selectors.rows import rows_of
from insights.sql import origins as sql

# Source and currency.
Key = tuple[str, str]


@dataclass(frozen=True)
class Money:
    """What one source cost and brought in one currency; `needed` is the break-even:
    what each of its customers must bring at least."""

    currency: str
    spend: Decimal
    value: Decimal
    cac: Measure
    needed: Measure
    months: Measure
    ratio: Measure


@dataclass(frozen=True)
class Origin:
    """One source: those gained in the span who named it, and their money."""

    source: str
    label: str
    gained: int
    people_url: str
    is_recommendation: bool
    money: Sequence[Money]


@dataclass(frozen=True)
class Shares:
    """The part of recommendations: of people, and of what they brought by currency."""

    said: int
    unknown: int
    total: int
    people: Bounds
    revenue: Mapping[str, Bounds]


@dataclass(frozen=True)
class Origins:
    """Where the customers gained in a span came from."""

    rows: Sequence[Origin]
    gained: int
    shares: Shares


def origins(asked: Asked, *, today: date) -> Origins:
    """All sources of which somebody came or that cost something in the span, the one
    with most customers first. What was spent is known of everybody alone."""
    of_gained, of_value = statements(asked, today=today)
    gained = {source: (count, months) for source, count, months in kept.rows(of_gained)}
    value = {
        (source, currency): Decimal(amount)
        for source, currency, amount in kept.rows(of_value)
    }
    spend = _spend(asked, set(gained)) if asked.by == "all" else {}
    sources = sorted(
        {*gained, *(source for source, _currency in spend)},
        key=lambda source: (-gained.get(source, (0, 0))[0], source),
    )
    rows = [_row(asked, one, gained, value, spend) for one in sources]
    return Origins(rows, sum(row.gained for row in rows), _shares(rows))


def statements(asked: Asked, *, today: date) -> tuple[Composed, Composed]:
    """How many each source brought, and what these brought so far."""
    span = (asked.period.starts_on, asked.period.ends_on)
    whom = who_came(asked, today=today)
    return (
        sql.gained(asked.basis, span, today, whom),
        sql.value(asked.basis, span, today, whom),
    )


def who_came(asked: Asked, *, today: date) -> Composable:
    """A condition on the spells `s`, as `who`: of a segment or a product, of which it
    takes long to know who is in it, those who came in the span, found once a page."""
    if asked.by in (SEGMENT, PRODUCT):
        return _newcomers(asked, today)
    return who(asked, today=today)


@once_a_page
def _newcomers(asked: Asked, today: date) -> Composable:
    span = (asked.period.starts_on, asked.period.ends_on)
    whom = who(asked, today=today)
    [(ids,)] = rows_of(sql.ids_of_gained(asked.basis, span, whom))
    return SQL("s.customer_id = ANY({}::bigint[])").format(Literal(ids))


def _spent(asked: Asked) -> list[tuple[str, str, Decimal]]:
    """Source, currency and sum, of the months that begin in the span."""
    rows = Spend.objects.filter(
        month__gte=asked.period.starts_on, month__lt=asked.period.ends_on
    )
    sums = rows.values_list("source", "currency").annotate(Sum("amount"))
    return list(sums.order_by("source", "currency"))


def _spend(asked: Asked, known: set[str]) -> dict[Key, Decimal]:
    """What was spent under the name that customers give it, whatever its capitals."""
    written = {source.casefold(): source for source in known}
    found: dict[Key, Decimal] = defaultdict(Decimal)
    for source, currency, amount in _spent(asked):
        found[written.get(source.casefold(), source), currency] += amount
    return found


def _row(
    asked: Asked,
    source: str,
    gained: Mapping[str, tuple[int, float]],
    value: Mapping[Key, Decimal],
    spend: Mapping[Key, Decimal],
) -> Origin:
    count, months = gained.get(source, (0, 0.0))
    currencies = sorted({code for one, code in (*value, *spend) if one == source})
    return Origin(
        source=source,
        label=source or _("Not known"),
        gained=count,
        people_url=asked.of(source, by="source").people_url("new"),
        is_recommendation=referrals.is_recommendation(source),
        money=[
            _money(
                code,
                count,
                months,
                value.get((source, code), Decimal(0)),
                spend.get((source, code), Decimal(0)),
            )
            for code in currencies
        ],
    )


def _money(
    currency: str, count: int, months: float, value: Decimal, spend: Decimal
) -> Money:
    cac = cost.acquisition_cost(spend, count)
    each = value / count if count else Decimal(0)
    a_month = value / Decimal(str(months)) if months else Decimal(0)
    return Money(
        currency=currency,
        spend=spend,
        value=value,
        cac=cac,
        needed=cost.break_even(cac),
        months=cost.months_to_earn_back(cac, a_month),
        ratio=cost.value_to_cost(each, cac),
    )


def cac(asked: Asked, gained: int) -> dict[str, Measure]:
    """All that was spent in the span, for each of those gained in it, by currency."""
    spent: dict[str, Decimal] = defaultdict(Decimal)
    for _source, currency, amount in _spent(asked):
        spent[currency] += amount
    return _cac(spent, gained)


def cac_of_all(found: Origins) -> dict[str, Measure]:
    """The same of sources that were looked at."""
    spent: dict[str, Decimal] = defaultdict(Decimal)
    for row in found.rows:
        for one in row.money:
            spent[one.currency] += one.spend
    return _cac(spent, found.gained)


def _cac(spent: Mapping[str, Decimal], gained: int) -> dict[str, Measure]:
    costs = {
        code: cost.acquisition_cost(amount, gained)
        for code, amount in sorted(spent.items())
        if amount
    }
    return costs or {"": without(Why.NO_SPEND, base=gained)}


def _shares(rows: Sequence[Origin]) -> Shares:
    """Low: who said so on the record. High: those of whom nothing is known, too."""
    said = sum(row.gained for row in rows if row.is_recommendation)
    unknown = sum(row.gained for row in rows if not row.source)
    total = sum(row.gained for row in rows)
    brought: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 3)
    for row in rows:
        for one in row.money:
            sums = brought[one.currency]
            sums[0] += one.value if row.is_recommendation else 0
            sums[1] += 0 if row.source else one.value
            sums[2] += one.value
    return Shares(
        said=said,
        unknown=unknown,
        total=total,
        people=referrals.bounds(said, unknown, total),
        revenue={
            code: referrals.bounds(*sums) for code, sums in sorted(brought.items())
        },
    )
