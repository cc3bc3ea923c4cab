"""How many came, from where, signals of loyalty and the repeat rate of periods that are
over, as they stand now: like selectors/closed.py."""

from collections.abc import Iterable, Iterator
from datetime import date
from functools import partial

from django.utils.translation import gettext as _

from insights import signal_words, words
from insights.choices import Basis, Closed
from insights.figures import Figure as Shown
from insights.metrics import periods
from insights.metrics.movement import Share
from insights.metrics.periods import Period
from insights.selectors import kept, signals, spans
from insights.selectors.asked import ALL, Asked
from insights.selectors.closed import Figure, made
from insights.selectors.signals import Signals
from insights.selectors.spans import Counts
from insights.sql.again import BOUGHT_BY_MONTH

# What is told of a quarter by its retention, and what by its cost.
_TOLD_OTHERWISE = frozenset({"churn", "cost"})


def of_gained(
    basis: Basis, rows: Iterable[tuple[Period, Counts]], horizon: date | None
) -> Iterator[Figure]:
    """Who came for the first time and who came back in each of these periods."""
    for period, counts in rows:
        if period.unit and period.is_over(horizon):
            for part, people, called in (
                ("new", counts.new, _new),
                ("back", counts.back, _back),
            ):
                yield made(
                    Closed.GAINED,
                    basis,
                    period,
                    count=people,
                    base=0,
                    part=part,
                    called=partial(called, period),
                )


def _new(period: Period) -> str:
    return _("Came for the first time, %(period)s") % {"period": words.period(period)}


def _back(period: Period) -> str:
    return _("Came back, %(period)s") % {"period": words.period(period)}


def of_sources(basis: Basis, period: Period, horizon: date | None) -> Iterator[Figure]:
    """Who came for the first time in a period, by each source that anybody named until
    then."""
    if not (period.unit and period.is_over(horizon)):
        return
    for source, counts in spans.by_value(basis, period, "source").items():
        yield made(
            Closed.SOURCE,
            basis,
            period,
            count=counts.new,
            base=0,
            part=source,
            called=partial(_from, source, period),
        )


def _from(source: str, period: Period) -> str:
    return _("Came for the first time, %(source)s, %(period)s") % {
        "source": source or _("Not known"),
        "period": words.period(period),
    }


def of_signals(found: Signals) -> Iterator[Figure]:
    """Of both quarters that the page shows."""
    for one in found.found:
        for period, share in ((found.now, one.now), (found.before, one.before)):
            yield from _of_signal(found.basis, period, one.name, share)


def of_sides(asked: Asked, shown: Iterable[Shown]) -> Iterator[Figure]:
    """Of a quarter that is compared; nothing is kept of groups."""
    for one in shown if asked.by == ALL else ():
        share = Share(one.count, one.base)
        yield from _of_signal(asked.basis, asked.period, one.key, share)


def _of_signal(
    basis: Basis, period: Period, name: str, share: Share
) -> Iterator[Figure]:
    if name not in _TOLD_OTHERWISE:
        yield made(
            Closed.SIGNAL,
            basis,
            period,
            count=share.count,
            base=share.base,
            part=name,
            called=partial(_signal, name, period),
        )


def _signal(name: str, period: Period) -> str:
    return f"{signal_words.titles()[name]}, {words.period(period)}"


def all_signals(basis: Basis, *, horizon: date, today: date) -> Iterator[Figure]:
    """Those of the last quarter that is over, and of the same one a year before."""
    return of_signals(signals.counted(basis, horizon=horizon, today=today))


def of_repeat(horizon: date) -> Iterator[Figure]:
    """The repeat rate as it was when the last quarter was over."""
    period = periods.last_over(horizon, "quarter")
    known = [
        (first, second)
        for month, first, second in kept.rows(BOUGHT_BY_MONTH)
        if date.fromisoformat(month) < period.ends_on
    ]
    if buyers := sum(first for first, _second in known):
        yield made(
            Closed.REPEAT,
            Basis.ORDERS,
            period,
            count=sum(second for _first, second in known),
            base=buyers,
            called=partial(_repeat, period),
        )


def _repeat(period: Period) -> str:
    return _("Repeat rate at the end of %(period)s") % {"period": words.period(period)}
