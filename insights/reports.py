"""The figures of each page by name: for the report command and the API."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from crm.models import Segment
from insights import programme_figures
from insights.choices import Basis, Dimension
from insights.figures import Figure
from insights.metrics import periods
from insights.metrics.periods import Period
from insights.metrics.spans import YEAR, Pair
from insights.selectors import (
    churn,
    cohorts,
    kept,
    money,
    origin_figures,
    overview,
    programmes,
    retention,
    signals,
    spans,
)
from insights.selectors.asked import SEGMENT, Asked
from insights.selectors.definition import bases, definition, horizon
from insights.selectors.groups import label_of
from insights.selectors.money import Whom
from loyalty.models import Programme
from web.errors import InvalidValue

ONE_DAY = timedelta(days=1)
BY = (*(one.value for one in Dimension),)
_ALL = ("from", "to", "by", "segment")


@dataclass(frozen=True)
class Ask:
    """What a report is asked for; None and "all" leave it at the page's own default.

    `first` and `last` are days, both within the span; `by` is one of BY.
    """

    now: datetime
    today: date
    first: date | None = None
    last: date | None = None
    by: str = "all"
    segment: int | None = None


@dataclass(frozen=True)
class Report:
    """The figures of a report. `counted_at`: when the oldest of them was counted, which
    may be an hour ago (selectors/kept.py)."""

    figures: list[Figure]
    counted_at: datetime


def report(name: str, ask: Ask) -> Report:
    """A report by its name. Raises InvalidValue for what it cannot answer."""
    if ask.first and ask.last and ask.last < ask.first:
        raise InvalidValue(fields={"to": "before_from"})
    if ask.segment and not Segment.objects.filter(pk=ask.segment).exists():
        raise InvalidValue(fields={"segment": "unknown_segment"})
    if ask.by not in BY:
        raise InvalidValue(fields={"by": "unknown_choice"})
    if ask.segment is not None and ask.by != Dimension.ALL:
        raise InvalidValue(
            "A report is by value or of a segment, not both.",
            fields={"by": "not_with_segment"},
        )
    with kept.times() as read:
        found = list(REPORTS[name](ask))
    return Report(found, min((ask.now, *read)))


def _refuse(ask: Ask, *names: str) -> None:
    """Raise InvalidValue where one of these is given: the report knows nothing of it,
    and figures of everybody would be taken for figures of what was asked for."""
    given = {
        "from": ask.first is not None,
        "to": ask.last is not None,
        "by": ask.by != Dimension.ALL,
        "segment": ask.segment is not None,
    }
    if refused := [name for name in names if given[name]]:
        raise InvalidValue(
            f"This report cannot be narrowed by {', '.join(refused)}.",
            fields=dict.fromkeys(refused, "not_of_this_report"),
        )


def _overview(ask: Ask) -> Iterator[Figure]:
    _refuse(ask, *_ALL)
    row = definition()
    for basis, known in _known(ask):
        for one in overview.figures(row, basis, horizon=known, today=ask.today):
            yield _of_basis(one, basis)


def _retention(ask: Ask) -> Iterator[Figure]:
    row = definition()
    for basis, known in _known(ask):
        for asked, label in _asked(ask, basis, known):
            found = retention.row_of(asked, label, horizon=known, today=ask.today)
            made = retention.rate(found, None, definition=row)
            title = f"{made.title}: {label}" if label else made.title
            yield _of_basis(replace(made, title=title), basis)


def _churn(ask: Ask) -> Iterator[Figure]:
    _refuse(ask, *_ALL)
    row = definition()
    for basis, known in _known(ask):
        months = churn.by_month(basis, known)
        yield _of_basis(churn.rate(row, basis, known, months), basis)
        for _currency, made in money.told(basis, "revenue-churn"):
            yield _of_basis(made, basis)


def _repeat(ask: Ask) -> Iterator[Figure]:
    _refuse(ask, *_ALL)
    row = definition()
    for basis, known in _known(ask):
        if basis is Basis.ORDERS:
            yield cohorts.repeat_rate(row, known)
            yield cohorts.second_order(known)


def _money(ask: Ask) -> Iterator[Figure]:
    _refuse(ask, "from")
    ends_on = ask.last + ONE_DAY if ask.last else None
    if ends_on and ends_on.day != 1:
        raise InvalidValue(fields={"to": "not_end_of_month"})
    known = money.ends_known(YEAR)
    if not known:
        return
    pair = Pair(ends_on or known[0], YEAR)
    if ask.by == Dimension.ALL or ask.segment is not None:
        yield from money.of_group(_whom(ask), pair=pair, today=ask.today)
        return
    for value, found in money.by_value(ask.by, pair=pair, today=ask.today):
        for one in found:
            yield replace(one, title=f"{one.title}: {label_of(ask.by, value)}")


def _whom(ask: Ask) -> Whom:
    return Whom() if ask.segment is None else Whom(SEGMENT, str(ask.segment))


def _origins(ask: Ask) -> Iterator[Figure]:
    for basis, known in _known(ask):
        for asked, label in _asked(ask, basis, known):
            for one in origin_figures.figures_of(asked, horizon=known, today=ask.today):
                title = f"{one.title}: {label}" if label else one.title
                yield _of_basis(replace(one, title=title), basis)


def _known(ask: Ask) -> Iterator[tuple[Basis, date]]:
    """What the shop counts by, as far as anything is known of it."""
    row = definition()
    for basis in bases(row):
        known = horizon(row, basis, today=ask.today)
        if known is not None:
            yield basis, known


def _asked(ask: Ask, basis: Basis, known: date) -> Iterator[tuple[Asked, str]]:
    """One for everybody, or for each value, or for a segment; with its name."""
    asked = Asked(basis, _period(ask, known))
    if ask.segment is not None:
        value = str(ask.segment)
        yield asked.of(value, by=SEGMENT), label_of(SEGMENT, value)
    elif ask.by == Dimension.ALL:
        yield asked, ""
    else:
        for value in spans.values_of(basis, ask.by):
            yield asked.of(value, by=ask.by), label_of(ask.by, value)


def _period(ask: Ask, known: date) -> Period:
    """The span that is asked for, else the last quarter that is over."""
    if not (ask.first or ask.last):
        return periods.last_over(known, "quarter")
    last = ask.last or known
    return Period(ask.first or last - timedelta(days=364), last + ONE_DAY)


def _of_basis(made: Figure, basis: Basis) -> Figure:
    """Told from the same figure by another basis by its key."""
    return made if basis is Basis.ORDERS else replace(made, key=f"{made.key}.contract")


def _signals(ask: Ask) -> Iterator[Figure]:
    _refuse(ask, *_ALL)
    for basis, known in _known(ask):
        for one in signals.signals(basis, horizon=known, today=ask.today):
            yield _of_basis(one, basis)


def _programmes(ask: Ask) -> Iterator[Figure]:
    """Of every programme that is not archived; members are compared in the span."""
    _refuse(ask, "by", "segment")
    after = ask.last + ONE_DAY if ask.last else ask.today
    first = ask.first or after - timedelta(days=programmes.USUAL_DAYS)
    span = programmes.span(first, after)
    for row in Programme.objects.filter(archived_at=None):
        for one in programme_figures.figures(row, span, today=ask.today):
            yield replace(one, title=f"{row.name}: {one.title}")


REPORTS: Mapping[str, Callable[[Ask], Iterator[Figure]]] = {
    "overview": _overview,
    "retention": _retention,
    "churn": _churn,
    "repeat": _repeat,
    "money": _money,
    "origins": _origins,
    "signals": _signals,
    "programmes": _programmes,
}
