"""What is counted for the signals of loyalty: the shares of two quarters, with those
who are in both where somebody can be."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, Sum
from psycopg.sql import Composed

from crm import selectors as crm
from insights.choices import Basis
from insights.metrics import periods
from insights.metrics.difference import of_repeated
from insights.metrics.measures import Measure
from insights.metrics.movement import Both, Share, change_of_shares
from insights.metrics.periods import Period
from insights.metrics.referrals import is_recommendation
from insights.models import CohortCell
from insights.selectors import cohorts, kept, spans
from insights.selectors.asked import RECOMMENDED, Asked
from insights.sql import people
from insights.sql import signals as sql
from web.addresses import address
from web.rules.movement import Change


@dataclass(frozen=True)
class Signal:
    """The shares of both quarters, and those who are in both where somebody can be."""

    name: str
    now: Share
    before: Share
    both: Both | None = None

    @property
    def change(self) -> Change:
        return change_of_shares(self.before, self.now, self.both)

    @property
    def apart(self) -> Measure | None:
        """How far the two lie apart, with its doubt; None under ENOUGH_FOR_A_SHARE."""
        return of_repeated(self.before, self.now, self.both or Both())

    @property
    def turned(self) -> "Signal":
        """The same with the later quarter first."""
        both = self.both and replace(
            self.both, in_earlier=self.both.in_later, in_later=self.both.in_earlier
        )
        return Signal(self.name, self.before, self.now, both)


def quarters(horizon: date) -> tuple[Period, Period]:
    """The last one that is over, and the same one a year before."""
    now = periods.last_over(horizon, "quarter")
    return now, periods.before(now, 4)


def statements(basis: Basis, *, horizon: date) -> Iterator[Composed]:
    """What is asked of rows of which no sums are kept."""
    yield from _asked(basis, *quarters(horizon)).values()


def _asked(basis: Basis, now: Period, before: Period) -> Mapping[str, Composed]:
    """The same by the names of signals."""
    found = {"churn": spans.in_both_statement(basis, [(before, now)])}
    if basis is Basis.ORDERS:
        found["repeat"] = people.bought_in_both(
            (before.starts_on, before.ends_on), (now.starts_on, now.ends_on)
        )
    zone = crm.business().zone_name
    was, of = ((one.starts_on, one.ends_on) for one in (before, now))
    return found | {
        name: sql.compared(name, basis.value, zone, was, of)
        for name in _counted_names(basis)
    }


def shares(basis: Basis, now: Period, before: Period) -> Iterator[Signal]:
    """Each that can be measured of customers of this basis."""
    asked = _asked(basis, now, before)
    answers = dict(zip(asked, kept.rows_of_each(list(asked.values())), strict=True))
    yield _churn(basis, now, before, answers)
    yield _referred(basis, now, before)
    if basis is Basis.ORDERS:
        yield _repeat(now, before, answers)
    for name in _counted_names(basis):
        [row] = answers[name]
        was, was_counted, of, counted, *both = row
        yield Signal(name, Share(counted, of), Share(was_counted, was), Both(*both))


def people_url(name: str, basis: Basis, period: Period) -> str:
    """Where those stand who are counted in a quarter."""
    if name == "churn":
        return Asked(basis, period).people_url("lost")
    if name == "referred":
        return Asked(basis, period, RECOMMENDED).people_url("new")
    if name == "repeat":
        began = cohorts.everybody(period.starts_on).starts_on
        return cohorts.people_url("bought", Period(began, period.starts_on), period)
    named = {
        "group": name,
        "basis": basis.value,
        "first": period.starts_on.isoformat(),
        "last": period.last_day.isoformat(),
    }
    return f"{address('insights:people')}?{urlencode(named)}"


def _counted_names(basis: Basis) -> tuple[str, ...]:
    names = ("reviews", "praise", "shown", "complaints")
    return ("refunds", "novelty", *names) if basis is Basis.ORDERS else names


_Answers = Mapping[str, list[tuple[Any, ...]]]


def _churn(basis: Basis, now: Period, before: Period, answers: _Answers) -> Signal:
    earlier, later = spans.over_time(basis, [before, now])
    [both] = answers["churn"]
    return Signal("churn", later.left, earlier.left, Both(*both).others)


def _referred(basis: Basis, now: Period, before: Period) -> Signal:
    """Nobody comes for the first time twice: nobody is in both."""
    return Signal("referred", _recommended(basis, now), _recommended(basis, before))


def _recommended(basis: Basis, period: Period) -> Share:
    new = {
        source: counts.new
        for source, counts in spans.by_value(basis, period, "source").items()
    }
    said = sum(count for source, count in new.items() if is_recommendation(source))
    return Share(said, sum(new.values()))


def _repeat(now: Period, before: Period, answers: _Answers) -> Signal:
    [both] = answers["repeat"]
    return Signal("repeat", _bought_before(now), _bought_before(before), Both(*both))


def _bought_before(period: Period) -> Share:
    rows = CohortCell.objects.filter(unit=period.unit, period=period.starts_on)
    earlier = Q(cohort__lt=period.starts_on)
    found = rows.aggregate(
        again=Sum("people", filter=earlier, default=0), all=Sum("people", default=0)
    )
    return Share(found["again"], found["all"])
