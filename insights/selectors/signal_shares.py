"""What is counted for the signals of loyalty: the shares of two quarters or of two
groups, with those who are in both where somebody can be."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import Q, Sum
from psycopg.sql import Composable, Composed

from crm import selectors as crm
from insights.choices import Basis, Dimension
from insights.metrics import periods
from insights.metrics.difference import of_repeated
from insights.metrics.measures import Measure
from insights.metrics.movement import Both, Share, change_of_shares
from insights.metrics.periods import Period
from insights.metrics.referrals import is_recommendation
from insights.models import CohortCell
from insights.selectors import cohorts, kept, spans
from insights.selectors.asked import ALL, Asked, people_of
from insights.selectors.rows import rows_of
from insights.sql import people
from insights.sql import signal_groups as of_groups
from insights.sql import signals as sql
from web.rules.movement import Change


@dataclass(frozen=True)
class Signal:
    """The shares of both sides, and those who are in both where somebody can be."""

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
        """The same with the other side first."""
        both = self.both and replace(
            self.both, in_earlier=self.both.in_later, in_later=self.both.in_earlier
        )
        return Signal(self.name, self.before, self.now, both)


def quarters(horizon: date) -> tuple[Period, Period]:
    """The last one that is over, and the same one a year before."""
    now = periods.last_over(horizon, "quarter")
    return now, periods.before(now, 4)


def statements(basis: Basis, *, horizon: date) -> Iterator[Composable]:
    """What is asked of rows of which no sums are kept."""
    now, before = quarters(horizon)
    yield from _asked(basis, before, now).values()
    if basis is Basis.ORDERS:
        yield of_groups.DEBUTS


def _asked(basis: Basis, was: Period, now: Period) -> Mapping[str, Composed]:
    """Of everybody, by the names of signals."""
    found = {"churn": spans.in_both_statement(basis, [(was, now)])}
    if basis is Basis.ORDERS:
        found["repeat"] = people.bought_in_both(_days(was), _days(now))
    zone = crm.business().zone_name
    return found | {
        name: sql.compared(name, basis.value, zone, _days(was), _days(now))
        for name in _counted_names(basis)
    }


def shares(was: Asked, now: Asked, *, today: date) -> Iterator[Signal]:
    """Each that can be measured of customers of this basis; `was` is not the later
    one."""
    if was.by == now.by == ALL:
        return _of_everybody(now.basis, was.period, now.period)
    return _of_groups(was, now, today)


def _of_groups(was: Asked, now: Asked, today: date) -> Iterator[Signal]:
    """By one statement: nothing is kept of groups. Nobody comes for the first time
    twice, so of those nobody is on both sides."""
    said = spans.values_of(now.basis, Dimension.SOURCE.value)
    sides = of_groups.Sides(
        was=_days(was.period),
        now=_days(now.period),
        people=(_people(was, today), _people(now, today)),
        recommended=[*filter(is_recommendation, said)],
        zone=crm.business().zone_name,
    )
    is_by_orders = now.basis is Basis.ORDERS
    new = _novelties() if is_by_orders else of_groups.Novelties(None, [])
    names, statement = of_groups.of_both(now.basis.value, sides, new)
    [row] = rows_of(statement)
    for at, name in enumerate(names):
        base, count, of, counted, *met = row[8 * at : 8 * at + 8]
        both = None if name == "referred" else Both(*met)
        yield Signal(name, Share(counted, of), Share(count, base), both)


def _people(asked: Asked, today: date) -> Composable | None:
    return people_of(asked.by, asked.value, before=asked.period.starts_on, today=today)


def _novelties() -> of_groups.Novelties:
    """When each product was first sold, as it is kept."""
    rows = kept.rows(of_groups.DEBUTS)
    debuts = [(pk, date.fromisoformat(day)) for pk, day, _known_on in rows]
    since = min((date.fromisoformat(known) for *_debut, known in rows), default=None)
    return of_groups.Novelties(since, debuts)


def _of_everybody(basis: Basis, was: Period, now: Period) -> Iterator[Signal]:
    """From sums and from what is kept for an hour."""
    asked = _asked(basis, was, now)
    answers = dict(zip(asked, kept.rows_of_each(list(asked.values())), strict=True))
    before, after = spans.over_time(basis, [was, now])
    others = Both(*answers["churn"][0]).others
    yield Signal("churn", after.left, before.left, others)
    yield Signal("referred", _recommended(basis, now), _recommended(basis, was))
    if basis is Basis.ORDERS:
        both = Both(*answers["repeat"][0])
        yield Signal("repeat", _bought_before(now), _bought_before(was), both)
    for name in _counted_names(basis):
        [row] = answers[name]
        base, was_counted, of, counted, *met = row
        yield Signal(name, Share(counted, of), Share(was_counted, base), Both(*met))


def people_url(name: str, asked: Asked) -> str:
    """Where those stand who are counted in a quarter."""
    if name == "churn":
        return asked.people_url("lost")
    if name != "repeat":
        return asked.people_url(name)
    period, whom = asked.period, {"by": asked.by, "value": asked.value}
    began = cohorts.everybody(period.starts_on).starts_on
    return cohorts.people_url(
        "bought",
        Period(began, period.starts_on),
        period,
        **(whom if asked.by != ALL else {}),
    )


def _counted_names(basis: Basis) -> tuple[str, ...]:
    names = ("reviews", "praise", "shown", "complaints")
    return ("refunds", "novelty", *names) if basis is Basis.ORDERS else names


def _recommended(basis: Basis, period: Period) -> Share:
    """Nobody comes for the first time twice: nobody is in two quarters."""
    by_source = spans.by_value(basis, period, Dimension.SOURCE.value)
    new = {source: found.new for source, found in by_source.items()}
    said = sum(count for source, count in new.items() if is_recommendation(source))
    return Share(said, sum(new.values()))


def _bought_before(period: Period) -> Share:
    rows = CohortCell.objects.filter(unit=period.unit, period=period.starts_on)
    earlier = Q(cohort__lt=period.starts_on)
    found = rows.aggregate(
        again=Sum("people", filter=earlier, default=0), all=Sum("people", default=0)
    )
    return Share(found["again"], found["all"])


def _days(period: Period) -> tuple[date, date]:
    return period.starts_on, period.ends_on
