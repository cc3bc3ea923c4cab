"""What is counted for the signals of loyalty: the shares of two quarters or of two
groups, with those who are in both where somebody can be."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import Q, Sum
from psycopg.sql import SQL, Composable, Composed

from crm import selectors as crm
from insights.choices import Basis
from insights.metrics import periods
from insights.metrics.difference import of_repeated
from insights.metrics.measures import Measure
from insights.metrics.movement import Both, Share, change_of_shares
from insights.metrics.periods import Period
from insights.metrics.referrals import is_recommendation
from insights.models import CohortCell
from insights.selectors import cohorts, kept, retention, spans
from insights.selectors.asked import ALL, RECOMMENDED, Asked, people_of, who
from insights.selectors.rows import rows_of
from insights.selectors.spans import Counts
from insights.sql import people
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


def statements(basis: Basis, *, horizon: date, today: date) -> Iterator[Composed]:
    """What is asked of rows of which no sums are kept."""
    now, before = (Asked(basis, one) for one in quarters(horizon))
    yield from _asked(before, now, today).values()


def _asked(was: Asked, now: Asked, today: date) -> Mapping[str, Composed]:
    """The same by the names of signals. Of one quarter either side is counted alone:
    who is on both says nothing there."""
    people_was, people_now = of = _people((was, now), today)
    found = {}
    if was.period != now.period:
        spells = who(was, today=today), who(now, today=today)
        pair = (was.period, now.period)
        found["churn"] = spans.in_both_statement(now.basis, [pair], spells)
        if now.basis is Basis.ORDERS:
            groups = [one for one in of if one is not None]
            found["repeat"] = people.bought_in_both(_days(was), _days(now), groups)
    zone = crm.business().zone_name
    return found | {
        name: sql.compared(
            name,
            now.basis.value,
            zone,
            _days(was),
            _days(now),
            (people_was, people_now),
        )
        for name in _counted_names(now.basis)
    }


def shares(was: Asked, now: Asked, *, today: date) -> Iterator[Signal]:
    """Each that can be measured of customers of this basis; `was` is not the later
    one."""
    asked = _asked(was, now, today)
    answers = dict(zip(asked, kept.rows_of_each(list(asked.values())), strict=True))
    before, after = _counts(was, now, today)
    both = {
        name: Both(*answers[name][0]) for name in ("churn", "repeat") if name in answers
    }
    others = both["churn"].others if "churn" in both else None
    yield Signal("churn", after.left, before.left, others)
    yield Signal(
        "referred", _recommended(now, after, today), _recommended(was, before, today)
    )
    if now.basis is Basis.ORDERS:
        after_all, before_all = (_bought_before(one, today) for one in (now, was))
        yield Signal("repeat", after_all, before_all, both.get("repeat"))
    for name in _counted_names(now.basis):
        [row] = answers[name]
        base, was_counted, of, counted, *met = row
        yield Signal(name, Share(counted, of), Share(was_counted, base), Both(*met))


def _counts(was: Asked, now: Asked, today: date) -> Sequence[Counts]:
    if was.by == now.by == ALL:
        return spans.over_time(now.basis, [was.period, now.period])
    return [retention.counts_of(one, today=today) for one in (was, now)]


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


def _recommended(asked: Asked, counts: Counts, today: date) -> Share:
    """Nobody comes for the first time twice: nobody is in two quarters."""
    if asked.by == ALL:
        new = {
            source: found.new
            for source, found in spans.by_value(
                asked.basis, asked.period, "source"
            ).items()
        }
        said = sum(count for source, count in new.items() if is_recommendation(source))
        return Share(said, sum(new.values()))
    of_both = SQL(" AND ").join(
        who(one, today=today) for one in (asked, asked.of("", by=RECOMMENDED))
    )
    return Share(spans.counted(asked.basis, asked.period, of_both).new, counts.new)


def _bought_before(asked: Asked, today: date) -> Share:
    [of] = _people((asked,), today)
    if of is not None:
        return Share(*rows_of(people.bought_in(_days(asked), of))[0])
    period = asked.period
    rows = CohortCell.objects.filter(unit=period.unit, period=period.starts_on)
    earlier = Q(cohort__lt=period.starts_on)
    found = rows.aggregate(
        again=Sum("people", filter=earlier, default=0), all=Sum("people", default=0)
    )
    return Share(found["again"], found["all"])


def _people(sides: Sequence[Asked], today: date) -> list[Composable | None]:
    """A SELECT of the ids of each; None for everybody."""
    return [
        people_of(one.by, one.value, before=one.period.starts_on, today=today)
        for one in sides
    ]


def _days(asked: Asked) -> tuple[date, date]:
    return asked.period.starts_on, asked.period.ends_on
