"""What pages read of forecasts: figures of days, and the people behind them."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils.functional import Promise

from crm import selectors
from crm.models import Customer
from messaging import kinds
from messaging.models import Automation, Forecast, ForecastDay
from messaging.rules.simulation import ForecastDecision
from messaging.selectors.forecast_first import Taken, taken
from messaging.selectors.forecast_people import DECISIONS, Figure
from messaging.selectors.outbox import in_words
from messaging.services import forecast as services
from messaging.services import forecast_upkeep
from messaging.services.forecast_mails import span

DAYS_OF_A_PAGE = 30
# In a shop of so many customers a page works it out itself.
SMALL = 20_000


@dataclass(frozen=True)
class Kept:
    """A forecast to read; `found` None: nothing has been worked out yet. `is_stale`:
    something changed since, and it is being worked out again. `is_live`: worked out for
    this page alone, and gone after it."""

    found: Forecast | None
    is_stale: bool
    is_live: bool = False


@contextmanager
def kept(automation: Automation | None, *, now: datetime) -> Iterator[Kept]:
    """What is kept about everything that is on, or about an automation that is off.

    A small shop's page works it out where that is old, reads inside the block, and
    takes all of it back: looking changes nothing.
    """
    asked = [None] if automation is None else [None, automation]
    stale = [one for one in asked if not forecast_upkeep.is_fresh(one, now=now)]
    with transaction.atomic():
        # The task that works it out holds the same rows: no page waits for that.
        is_live = bool(stale) and _is_small() and forecast_upkeep.try_lock()
        if is_live:
            for one in stale:
                _bring_up_to_date(one, now)
                services.work_out(one, now=now)
        found = Forecast.objects.filter(automation=automation).first()
        is_old = automation in stale
        yield Kept(found, is_stale=is_old and not is_live, is_live=is_old and is_live)
        transaction.set_rollback(is_live)


def _bring_up_to_date(automation: Automation | None, now: datetime) -> None:
    """The tables that kinds maintain, as a sweep would."""
    for each in services.switched_on() if automation is None else [automation]:
        kinds.get(each.kind).refresh(each, now)


def _is_small() -> bool:
    return Customer.objects.order_by()[: SMALL + 1].count() <= SMALL


@dataclass(frozen=True)
class Lost:
    """Mails of another automation that would wait or not go because of this one."""

    automation: Automation
    decision: ForecastDecision
    mails: int
    figure: Figure


@dataclass(frozen=True)
class Line:
    """So many mails with one decision for one reason."""

    decision: str | Promise
    reason: str | Promise
    mails: int
    figure: Figure


@dataclass(frozen=True)
class Day:
    """What becomes of the mails due on a day: (decision, mails, whom it opens)."""

    day: date
    parts: list[tuple[str | Promise, int, Figure]]


@dataclass(frozen=True)
class Coming:
    """Mails of one automation due per day, every day of the span once.

    `going` counts those that would go at their hour, `going_today` those of the first
    day, and `by_day` says of each day that has any what becomes of them. `held` counts
    those that would not go at their hour as things stand: reason code to mails. Some of
    them are `waiting`, and go later; others are `lapsing`. `taken`: mails to its people
    that others of its kind send, because they go first.
    """

    made_at: datetime | None = None
    is_stale: bool = False
    days: list[tuple[date, int]] = field(default_factory=list)
    by_day: list[Day] = field(default_factory=list)
    going: int = 0
    going_today: int = 0
    held: Counter[str] = field(default_factory=Counter)
    waiting: Counter[str] = field(default_factory=Counter)
    lapsing: Counter[str] = field(default_factory=Counter)
    lines: list[Line] = field(default_factory=list)
    lost: list[Lost] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)

    @property
    def total(self) -> int:
        """How many mails go on all days."""
        return sum(count for _, count in self.days)

    @property
    def beside(self) -> int:
        """Those that are due and would not go at their hour."""
        return self.total - self.going


def coming(
    automation: Automation, *, now: datetime, days: int = DAYS_OF_A_PAGE
) -> Coming:
    """What it would send, or sends, in the next days, and what becomes of it."""
    with kept(None if automation.is_on else automation, now=now) as look:
        if look.found is None:
            return Coming(is_stale=True)
        return _coming(automation, look, look.found, now=now, days=days)


def _coming(
    automation: Automation, look: Kept, found: Forecast, *, now: datetime, days: int
) -> Coming:
    first, last = span(selectors.business(), now, days)
    per_day: Counter[date] = Counter()
    each_day: dict[date, Counter[str]] = defaultdict(Counter)
    by: dict[str, Counter[str]] = {
        decision.value: Counter() for decision in ForecastDecision
    }
    rows = ForecastDay.objects.filter(forecast=found, day__range=(first, last))
    own = rows.filter(automation=automation)
    for day, decision, code, mails in own.values_list(
        "day", "decision", "reason_code", "mails"
    ):
        per_day[day] += mails
        each_day[day][decision] += mails
        by[decision][code] += mails
    beside = found.automation_id
    waiting, lapsing = by[ForecastDecision.WAITS], by[ForecastDecision.LAPSES]
    return Coming(
        made_at=found.made_at,
        is_stale=look.is_stale,
        days=[
            (day, per_day[day])
            for day in (first + timedelta(days=ahead) for ahead in range(days))
        ],
        by_day=[
            Day(
                day,
                [
                    (
                        DECISIONS[decision],
                        each_day[day][decision],
                        Figure(automation.pk, decision, day=day, beside=beside),
                    )
                    for decision in ForecastDecision
                    if each_day[day][decision]
                ],
            )
            for day in sorted(each_day)
        ],
        going=by[ForecastDecision.GOES].total(),
        going_today=each_day[first][ForecastDecision.GOES],
        held=waiting
        + lapsing
        + by[ForecastDecision.REFUSED]
        + by[ForecastDecision.HELD],
        waiting=waiting,
        lapsing=lapsing,
        lines=[
            Line(
                DECISIONS[decision],
                in_words(code) if code else "",
                mails,
                Figure(automation.pk, decision, code=code, beside=beside),
            )
            for decision in ForecastDecision
            for code, mails in by[decision].most_common()
        ],
        lost=_lost(rows.exclude(automation=automation), automation) if beside else [],
        taken=taken(automation, first=first, last=last),
    )


def _lost(rows: "QuerySet[ForecastDay]", automation: Automation) -> list[Lost]:
    found = rows.values_list("automation", "decision").annotate(mails=Sum("mails"))
    sums = {(pk, decision): mails for pk, decision, mails in found}
    return [
        Lost(
            each,
            decision,
            sums[each.pk, decision],
            Figure(each.pk, decision, beside=automation.pk),
        )
        for each in Automation.objects.filter(pk__in=[pk for pk, _ in sums])
        for decision in ForecastDecision
        if (each.pk, decision) in sums
    ]
