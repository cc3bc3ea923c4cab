"""The calendar of contacts: what goes on each of the next 60 days, and what not."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache, partial
from typing import NamedTuple

from django.urls import reverse
from django.utils.formats import date_format, get_format
from django.utils.translation import get_language

from crm.page_parts import CalendarItems, parts_for
from crm.request_context import RequestContext
from crm.rules import days_off
from messaging import kinds
from messaging.models import Automation
from messaging.rules.simulation import ForecastDecision
from messaging.selectors.calendar_figures import Figures, add, rows_of
from messaging.selectors.forecast_people import DECISIONS, Figure
from messaging.selectors.forecasts import kept
from messaging.services.forecast_mails import span

# What a day shows beside what goes on it.
_BESIDE = (
    ForecastDecision.WAITS,
    ForecastDecision.LAPSES,
    ForecastDecision.REFUSED,
    ForecastDecision.HELD,
)


class Number(NamedTuple):
    """So many mails, and the address of the people behind them."""

    decision: ForecastDecision
    mails: int
    href: str
    # They were due earlier and waited until this day.
    late: bool = False

    @property
    def label(self) -> str:
        """What becomes of these mails, in words."""
        return str(DECISIONS[self.decision])


@dataclass
class DayLine:
    """One automation on one day. `is_new`: it is off, and drawn beside; of another one,
    then, what it loses."""

    automation: Automation
    is_new: bool = False
    goes: list[Number] = field(default_factory=list)
    beside: list[Number] = field(default_factory=list)
    lost: list[Number] = field(default_factory=list)


@dataclass(frozen=True)
class Day:
    """`column`: where it stands in its week, from 1. `weekday` and `month`: in short.
    `holidays`: name and country. `items`: what apps bring, each with the template that
    draws it."""

    on: date
    weekday: str
    month: str
    column: int
    is_today: bool
    begins_month: bool
    lines: list[DayLine]
    holidays: list[tuple[str, str]]
    items: list[tuple[str, object]]

    @property
    def mails(self) -> int:
        """How many mails go on this day."""
        return sum(number.mails for line in self.lines for number in line.goes)


@dataclass(frozen=True)
class Row:
    """An automation over all days: a number for each decision, in their order."""

    automation: Automation
    is_new: bool
    numbers: list[Number | None]


@dataclass(frozen=True)
class Calendar:
    """`made_at` None: nothing has been worked out yet."""

    days: list[Day]
    rows: list[Row]
    weekdays: list[date]
    made_at: datetime | None
    is_stale: bool
    beside: Automation | None
    offs: list[Automation]


def calendar(context: RequestContext, beside: Automation | None) -> Calendar:
    """The next 60 days by the shop's calendar; `beside`: an automation that is off,
    with what it would add and what others would lose by it."""
    business, now = context.business, context.now
    first, last = span(business, now)
    figures: Figures = defaultdict(lambda: defaultdict(int))
    lost: Figures = defaultdict(lambda: defaultdict(int))
    with kept(None, now=now) as look:
        made_at, is_stale, countries = None, look.is_stale, [business.country]
        if look.found is not None:
            made_at = look.found.made_at
            countries += look.found.countries
            add(figures, rows_of(look.found, first, last), first, last)
    if beside is not None:
        with kept(beside, now=now) as draft:
            is_stale = is_stale or draft.is_stale
            if draft.found is not None:
                countries += draft.found.countries
                rows = rows_of(draft.found, first, last)
                own = rows.filter(automation=beside)
                add(figures, own, first, last)
                add(lost, rows.exclude(automation=beside), first, last)
    automations = _in_order({pk for _, pk in (*figures, *lost)})
    return Calendar(
        days=_days(
            context, (first, last), automations, figures, lost, beside, countries
        ),
        rows=_sums(automations, figures, beside),
        weekdays=[_week_begin(first) + timedelta(days=n) for n in range(7)],
        made_at=made_at,
        is_stale=is_stale,
        beside=beside,
        offs=_offs(),
    )


def _in_order(ids: Iterable[int]) -> list[Automation]:
    """What goes first where a limit lets only one go stands first."""
    return list(Automation.objects.filter(pk__in=list(ids)).order_by("priority", "id"))


def _days(
    context: RequestContext,
    days: tuple[date, date],
    automations: list[Automation],
    figures: Figures,
    lost: Figures,
    beside: Automation | None,
    countries: list[str],
) -> list[Day]:
    first, last = days
    holidays: dict[date, list[tuple[str, str]]] = defaultdict(list)
    for one in days_off.public_holidays(
        first, last, filter(None, countries), language=get_language() or ""
    ):
        holidays[one.on].append((", ".join(one.names), one.country))
    planned = _items(context, first, last)
    begin, people = _week_begin(first), reverse("messaging:forecast-people")
    # Of 60 days there are seven and three of them.
    weekday, month = (cache(partial(_in_short, form)) for form in ("D", "M"))
    return [
        Day(
            on=day,
            weekday=weekday(begin + timedelta(days=(day - begin).days % 7)),
            month=month(day.replace(day=1)),
            column=(day - begin).days % 7 + 1,
            is_today=day == first,
            begins_month=day == first or day.day == 1,
            lines=[
                line
                for each in automations
                if ((day, each.pk) in figures or (day, each.pk) in lost)
                and (line := _line(day, each, figures, lost, beside, people))
            ],
            holidays=holidays[day],
            items=planned[day],
        )
        for day in (first + timedelta(days=n) for n in range((last - first).days + 1))
    ]


def _in_short(form: str, day: date) -> str:
    return date_format(day, form)


def _items(
    context: RequestContext, first: date, last: date
) -> dict[date, list[tuple[str, object]]]:
    found: dict[date, list[tuple[str, object]]] = defaultdict(list)
    for part in parts_for(CalendarItems, context):
        for day, items in part.read(context, first, last).items():
            found[day] += [(part.template, item) for item in items]
    return found


def _line(
    day: date,
    automation: Automation,
    figures: Figures,
    lost: Figures,
    beside: Automation | None,
    people: str,
) -> DayLine | None:
    own = figures.get((day, automation.pk), {})
    gone = lost.get((day, automation.pk), {})
    is_new = automation == beside
    draft = beside.pk if beside and is_new else None

    def number(
        decision: ForecastDecision, mails: int, *, late: bool, of: int | None
    ) -> Number:
        figure = Figure(automation.pk, decision, day=day, late=late, beside=of)
        return Number(decision, mails, f"{people}?{figure.query}", late)

    line = DayLine(
        automation,
        is_new,
        goes=[
            number(decision, own[decision, late], late=late, of=draft)
            for decision, late in (
                (ForecastDecision.GOES, False),
                (ForecastDecision.WAITS, True),
            )
            if own.get((decision, late))
        ],
        beside=[
            number(decision, own[decision, False], late=False, of=draft)
            for decision in _BESIDE
            if own.get((decision, False))
        ],
        lost=[
            number(decision, mails, late=False, of=beside.pk if beside else None)
            for (decision, late), mails in gone.items()
            if not late
        ],
    )
    return line if line.goes or line.beside or line.lost else None


def _sums(
    automations: list[Automation], figures: Figures, beside: Automation | None
) -> list[Row]:
    people = reverse("messaging:forecast-people")
    sums: dict[tuple[int, ForecastDecision], int] = defaultdict(int)
    for (_, pk), found in figures.items():
        for (decision, late), mails in found.items():
            if not late:
                sums[pk, decision] += mails
    rows = []
    for each in automations:
        draft = each.pk if each == beside else None
        rows.append(
            Row(
                each,
                each == beside,
                [
                    Number(
                        decision,
                        sums[each.pk, decision],
                        f"{people}?{Figure(each.pk, decision, beside=draft).query}",
                    )
                    if sums[each.pk, decision]
                    else None
                    for decision in ForecastDecision
                ],
            )
        )
    return [row for row in rows if any(row.numbers)]


def _offs() -> list[Automation]:
    known = [kind.name for kind in kinds.swept_kinds()]
    rows = Automation.objects.in_use().filter(is_on=False, kind__in=known)
    return list(rows.order_by("name", "id"))


def _week_begin(day: date) -> date:
    """The first day of its week, as weeks begin in the reader's language."""
    first = int(get_format("FIRST_DAY_OF_WEEK"))
    return day - timedelta(days=(day.isoweekday() - first) % 7)
