"""The signals of loyalty: the last quarter that is over, beside the same one a year
before, so that both have the same season."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from django.db.models import Q, Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from psycopg.sql import Composed

from crm import selectors as crm
from insights import signal_words, words
from insights.choices import Basis
from insights.figures import Figure, Unit, figure, written
from insights.metrics import periods
from insights.metrics.intervals import share
from insights.metrics.measures import Measure
from insights.metrics.movement import Both, Share, change_of_shares
from insights.metrics.periods import Period
from insights.metrics.referrals import is_recommendation
from insights.models import CohortCell, Definition
from insights.selectors import cohorts, kept, origins, spans
from insights.selectors.asked import RECOMMENDED, Asked
from insights.selectors.definition import definition
from insights.sql import people
from insights.sql import signals as sql
from web.rules.movement import Change, Moved, movements

# More of these is better; of the others less.
_GAINS = frozenset(
    {"referred", "reviews", "novelty", "repeat", "praise", "shown", "complaints"}
)


@dataclass(frozen=True)
class _Signal:
    """The shares of both quarters, and those who are in both where that is known."""

    name: str
    now: Share
    before: Share
    people_url: str
    both: Both | None = None

    @property
    def change(self) -> Change:
        return change_of_shares(self.before, self.now, self.both)


def signals(basis: Basis, *, horizon: date, today: date) -> list[Figure]:
    """Each as a figure; of all that is said to have moved 5 % at most are chance."""
    row = definition()
    return [
        replace(one, how=f"{one.how} {signal_words.definition(one.key, row, basis)}")
        for one in _signals(basis, horizon)
    ]


def _signals(basis: Basis, horizon: date) -> list[Figure]:
    now, before = _quarters(horizon)
    found = list(_shares(basis, now, before))
    moved = movements({one.name: one.change for one in found})
    return [
        *_costs(basis, now, before),
        *(_figure(one, now, before, moved[one.name]) for one in found),
    ]


def statements(basis: Basis, *, horizon: date) -> Iterator[Composed]:
    """What is asked of rows of which no sums are kept."""
    now, before = _quarters(horizon)
    yield spans.in_both_statement(basis, [(before, now)])
    if basis is Basis.ORDERS:
        yield _bought_in_both(before, now)
    for name in _counted_names(basis):
        yield _statement(name, basis, now, before)


def sides(
    basis: Basis, before: Period, now: Period
) -> tuple[list[Figure], list[Figure]]:
    """The shares of two quarters, each as a side of a comparison."""
    row = definition()
    earlier, later = _shares(basis, before, now), _shares(basis, now, before)
    return [_side(one, row, basis) for one in earlier], [
        _side(one, row, basis) for one in later
    ]


def _side(one: _Signal, row: Definition, basis: Basis) -> Figure:
    how = (
        f"{signal_words.how(one.name)} {signal_words.definition(one.name, row, basis)}"
    )
    return figure(
        one.name,
        signal_words.titles()[one.name],
        _measure(one.now),
        Unit.PERCENT,
        sentence=signal_words.sentence(one.name, one.now.count, one.now.base),
        how=how,
        people_url=one.people_url,
        people=one.now.count,
    )


def _quarters(horizon: date) -> tuple[Period, Period]:
    now = periods.last_over(horizon, "quarter")
    return now, periods.before(now, 4)


def _counted_names(basis: Basis) -> tuple[str, ...]:
    names = ("reviews", "praise", "shown", "complaints")
    return ("refunds", "novelty", *names) if basis is Basis.ORDERS else names


def _figure(one: _Signal, now: Period, before: Period, moved: Moved) -> Figure:
    return figure(
        one.name,
        _title(one.name, now),
        _measure(one.now),
        Unit.PERCENT,
        sentence=signal_words.sentence(one.name, one.now.count, one.now.base),
        how=signal_words.how(one.name),
        people_url=one.people_url,
        people=one.now.count,
        movement=signal_words.moved(
            moved,
            words.period(before),
            _measure(one.before).value,
            is_gain=one.name in _GAINS,
        ),
    )


def _title(name: str, now: Period) -> str:
    return f"{signal_words.titles()[name]}, {words.period(now)}"


def _measure(one: Share) -> Measure:
    return share(one.count, one.base)


def _shares(basis: Basis, now: Period, before: Period) -> Iterator[_Signal]:
    yield _churn(basis, now, before)
    yield _referred(basis, now, before)
    if basis is Basis.ORDERS:
        yield _repeat(now, before)
    for name in _counted_names(basis):
        yield _counted(name, basis, now, before)


def _churn(basis: Basis, now: Period, before: Period) -> _Signal:
    earlier, later = spans.over_time(basis, [before, now])
    return _Signal(
        "churn",
        Share(later.lost, later.start),
        Share(earlier.lost, earlier.start),
        Asked(basis, now).people_url("lost"),
        spans.in_both(basis, [(before, now)])[0].others,
    )


def _referred(basis: Basis, now: Period, before: Period) -> _Signal:
    return _Signal(
        "referred",
        _recommended(basis, now),
        _recommended(basis, before),
        Asked(basis, now, RECOMMENDED).people_url("new"),
    )


def _recommended(basis: Basis, period: Period) -> Share:
    new = {
        source: counts.new
        for source, counts in spans.by_value(basis, period, "source").items()
    }
    said = sum(count for source, count in new.items() if is_recommendation(source))
    return Share(said, sum(new.values()))


def _repeat(now: Period, before: Period) -> _Signal:
    earlier = Period(cohorts.everybody(now.starts_on).starts_on, now.starts_on)
    return _Signal(
        "repeat",
        _bought_before(now),
        _bought_before(before),
        cohorts.people_url("bought", earlier, now),
        Both(*kept.rows(_bought_in_both(before, now))[0]),
    )


def _bought_in_both(before: Period, now: Period) -> Composed:
    return people.bought_in_both(
        (before.starts_on, before.ends_on), (now.starts_on, now.ends_on)
    )


def _bought_before(period: Period) -> Share:
    rows = CohortCell.objects.filter(unit=period.unit, period=period.starts_on)
    earlier = Q(cohort__lt=period.starts_on)
    found = rows.aggregate(
        again=Sum("people", filter=earlier, default=0), all=Sum("people", default=0)
    )
    return Share(found["again"], found["all"])


def _statement(name: str, basis: Basis, now: Period, before: Period) -> Composed:
    zone = crm.business().zone_name
    was, of = ((one.starts_on, one.ends_on) for one in (before, now))
    return sql.compared(name, basis.value, zone, was, of)


def _counted(name: str, basis: Basis, now: Period, before: Period) -> _Signal:
    [row] = kept.rows(_statement(name, basis, now, before))
    was, was_counted, of, counted, *both = row
    named = {
        "group": name,
        "basis": basis.value,
        "first": now.starts_on.isoformat(),
        "last": now.last_day.isoformat(),
    }
    return _Signal(
        name,
        Share(counted, of),
        Share(was_counted, was),
        f"{reverse('insights:people')}?{urlencode(named)}",
        Both(*both),
    )


def _costs(basis: Basis, now: Period, before: Period) -> Iterator[Figure]:
    """One a currency: all that was spent, for each customer gained."""
    asked = Asked(basis, now)
    [was_gained, gained] = (
        counts.new for counts in spans.over_time(basis, [before, now])
    )
    earlier = origins.cac(asked.at(before), was_gained)
    for currency, measure in origins.cac(asked, gained).items():
        was = earlier.get(currency)
        yield figure(
            f"cost-{currency}".rstrip("-"),
            _title("cost", now),
            measure,
            Unit.MONEY,
            sentence=_("So much was spent for each of %(n)s who came.")
            % {"n": measure.base},
            how=signal_words.how("cost"),
            people_url=asked.people_url("new"),
            people=gained,
            currency=currency,
            movement=_cost_before(was, currency, words.period(before)),
        )


def _cost_before(was: Measure | None, currency: str, period: str) -> str:
    if was is None or was.value is None:
        return _("Nothing to compare with in %(period)s.") % {"period": period}
    return _("In %(period)s it was %(cost)s.") % {
        "period": period,
        "cost": written(was.value, Unit.MONEY, currency),
    }
