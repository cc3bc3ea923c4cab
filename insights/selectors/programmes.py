"""What a programme holds, what came and went by month, and who buys again."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Max
from psycopg.sql import Composable, Composed

from crm import selectors as crm
from insights import models
from insights.metrics.intervals import mean, share
from insights.metrics.measures import Measure, Why, without
from insights.selectors import kept
from insights.selectors.rows import rows_of
from insights.sql import held as held_sql
from insights.sql import programmes as sql
from insights.sql.programmes import Span
from loyalty.models import Programme
from web.rules import money
from web.rules.intervals import Sums

_NOTHING = Decimal(0)
# Days of the comparison that may be chosen.
DAYS = (30, 90, 180, 365)
USUAL_DAYS = 90
KINDS = (
    *("earned", "spent", "expired", "reversed", "adjusted", "imported"),
    "transferred",
)


@dataclass(frozen=True)
class Held:
    """So many units of so many people; what that is worth, where a unit pays."""

    units: Decimal = _NOTHING
    people: int = 0
    worth: Decimal | None = None


@dataclass(frozen=True)
class Outstanding:
    """What members have on a day. `open` can be used, and runs out by `months`, the
    last of them None: never; `pending` comes later; `over` ran out, and is posted with
    the next tick; `owed` is missing after returns. The sum of all entries is open +
    pending + over - owed."""

    open: Held
    pending: Held
    over: Held
    owed: Held
    balance: Decimal
    months: Sequence[tuple[date | None, Held]]


def outstanding(programme: Programme, *, today: date) -> Outstanding:
    """Of a great programme as it was counted within the hour."""
    held: dict[str, Held] = {}
    months: list[tuple[date | None, Held]] = []
    parts, [(owed, owing, balance)] = kept.rows_of_each(
        [sql.outstanding(programme, today), sql.owed(programme)]
    )
    for state, month, is_month, units, people in parts:
        found = _held(programme, Decimal(units), people)
        if not is_month:
            held[state] = found
        elif state == "open":
            months.append((_day(month), found))
    return Outstanding(
        open=held.get("open", _held(programme)),
        pending=held.get("pending", _held(programme)),
        over=held.get("over", _held(programme)),
        owed=_held(programme, Decimal(owed), owing),
        balance=Decimal(balance),
        months=months,
    )


def statements(today: date) -> Iterator[Composable]:
    """Those of every programme that take long where it has a million members."""
    for programme in Programme.objects.order_by("pk"):
        yield sql.outstanding(programme, today)
        yield sql.owed(programme)
        yield sql.by_month(programme)


def _day(told: date | str | None) -> date | None:
    """A day that was kept is a text of it."""
    return date.fromisoformat(told) if isinstance(told, str) else told


def _held(programme: Programme, units: Decimal = _NOTHING, people: int = 0) -> Held:
    worth = None
    if programme.worth is not None and programme.unit != "money":
        worth = money.round_money(units * programme.worth, programme.currency)
    return Held(units, people, worth)


@dataclass(frozen=True)
class Month:
    """What the entries of a month add up to by kind, and all entries until its end."""

    month: date
    sums: dict[str, Decimal]
    closing: Decimal


def by_month(programme: Programme) -> list[Month]:
    """Every month with an entry, the first one first."""
    sums: dict[date, dict[str, Decimal]] = {}
    for told, kind, amount in kept.rows(sql.by_month(programme)):
        month = _day(told)
        assert month is not None
        sums.setdefault(month, {})[kind] = Decimal(amount)
    found, closing = [], _NOTHING
    for month, of in sums.items():
        closing += sum(of.values(), _NOTHING)
        found.append(Month(month, of, closing))
    return found


def with_balance(programme: Programme, after: date) -> Composed:
    """Those who had or owed something at the end of the month before `after`, as a
    SELECT of ids."""
    rows = models.StaleMembership.objects.filter(membership__programme=programme)
    stale = list(rows.values_list("pk", flat=True))
    return held_sql.with_balance(programme, after, stale=stale)


@dataclass(frozen=True)
class Breakage:
    """What became of what orders and activities of a month earned, less what was
    taken back: so much is left, was used, and ran out. The share that ran out has a
    value once nothing is left."""

    month: date
    left: Decimal
    used: Decimal
    ran_out: Decimal

    @property
    def share(self) -> Measure:
        """Ran out ÷ (ran out + used); of all units, so it has no margin."""
        if self.left:
            return without(Why.NOT_OVER)
        whole = self.used + self.ran_out
        if whole <= 0:
            return without(Why.NOBODY)
        return Measure(float(self.ran_out / whole))


def breakage(programme: Programme) -> list[Breakage]:
    """Of every month in which something was earned, the first one first, as it was last
    counted."""
    rows = models.Breakage.objects.filter(programme=programme).order_by("month")
    return [
        Breakage(*row) for row in rows.values_list("month", "left", "used", "ran_out")
    ]


def breakage_counted_at(programme: Programme) -> datetime | None:
    """When that was last counted; None: not yet."""
    rows = models.Breakage.objects.filter(programme=programme)
    found: datetime | None = rows.aggregate(last=Max("counted_at"))["last"]
    return found


@dataclass(frozen=True)
class Side:
    """Members, or the others: people, who ordered again, orders a head, and what a head
    brought by currency."""

    people: int = 0
    again: int = 0
    orders: Sums = field(default_factory=lambda: Sums(0, 0.0, 0.0))
    brought: dict[str, Sums] = field(default_factory=dict)

    @property
    def share(self) -> Measure:
        return share(self.again, self.people)

    @property
    def per_head(self) -> Measure:
        return mean(self.orders)


def span(first: date, after: date) -> Span:
    """From one day to before another, in the shop's zone."""
    return Span(first, after, crm.business().begins(first))


def last_days(today: date, days: int = USUAL_DAYS) -> Span:
    """The days before today."""
    return span(today - timedelta(days=days), today)


def compared(programme: Programme, asked: Span) -> tuple[Side, Side]:
    """The others and the members, of whoever bought in the year before the span."""
    found = {False: Side(), True: Side()}
    for is_member, currency, people, again, total, squares in rows_of(
        sql.compared(programme, asked)
    ):
        side = found[is_member]
        if not currency:
            sums = Sums(people, float(total), float(squares))
            found[is_member] = Side(people, again, sums)
        else:
            # Whoever paid nothing in it brought nothing.
            side.brought[currency] = Sums(side.people, float(total), float(squares))
    return found[False], found[True]


def currencies(sides: Iterable[Side]) -> list[str]:
    """All in which somebody of either side paid."""
    return sorted({currency for side in sides for currency in side.brought})
