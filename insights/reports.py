"""The figures of each page by name: for the report command and the API."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from crm import selectors as crm
from crm.models import Segment
from crm.rules.dates import zone_of
from insights import programme_figures, save_list_words
from insights.choices import Basis, Dimension
from insights.figures import Figure
from insights.metrics import periods
from insights.metrics.spans import YEAR, Pair
from insights.report_asks import (
    ANSWERED,
    BY,
    SUMMED,
    Ask,
    bases_known,
    groups_asked,
    of_basis,
    only_by,
    refuse,
)
from insights.selectors import (
    again,
    churn,
    cohorts,
    kept,
    money,
    origin_figures,
    overview,
    programmes,
    retention,
    save_list,
    scores,
    second_order,
    signals,
)
from insights.selectors.asked import SEGMENT, Asked
from insights.selectors.definition import bases, definition, gap_counts, horizon
from insights.selectors.groups import label_of
from insights.selectors.money import Whom
from insights.selectors.scores_asked import UNITS, ScoresAsked
from loyalty.models import Programme
from surveys.choices import CountedBy
from surveys.rules.spans import Unit
from web.errors import InvalidValue

_ALL = ("from", "to", "by", "segment")


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


def _overview(ask: Ask) -> Iterator[Figure]:
    refuse(ask, *_ALL)
    row = definition()
    for basis, known in bases_known(ask):
        for one in overview.figures(row, basis, horizon=known, today=ask.today):
            yield of_basis(one, basis)


def _retention(ask: Ask) -> Iterator[Figure]:
    row, is_narrowed = definition(), bool(ask.first or ask.last or ask.segment)
    only_by(ask, SUMMED)
    for basis, known in bases_known(ask):
        if ask.by == Dimension.ALL and not is_narrowed:
            yield from (of_basis(one, basis) for one in _over_time(basis, known, ask))
            continue
        for asked, label in groups_asked(ask, basis, known):
            found = retention.row_of(asked, label, horizon=known, today=ask.today)
            made = retention.rate(found, None, definition=row)
            title = f"{made.title}: {label}" if label else made.title
            yield of_basis(replace(made, title=title), basis)


def _over_time(basis: Basis, known: date, ask: Ask) -> Iterator[Figure]:
    """The last quarter that is over, and then every one, the newest first."""
    newest = periods.containing(known, "quarter")
    shown = periods.until(newest, retention.SHOWN["quarter"])
    found = retention.over_time(
        Asked(basis, newest), shown, horizon=known, today=ask.today
    )
    over = [one for one in found if one.is_over]
    for one in [*over[-1:], *reversed(found)]:
        yield retention.rate(one, None, definition=definition())


def _churn(ask: Ask) -> Iterator[Figure]:
    refuse(ask, *_ALL)
    row = definition()
    for basis, known in bases_known(ask):
        months = churn.by_month(basis, known)
        yield of_basis(churn.rate(row, basis, known, months), basis)
        for _currency, made in money.told(basis, "revenue-churn"):
            yield of_basis(made, basis)
        for one in months:
            yield of_basis(churn.of_month(row, one), basis)


def _repeat(ask: Ask) -> Iterator[Figure]:
    refuse(ask, *_ALL)
    row = definition()
    known = horizon(row, Basis.ORDERS, today=ask.today)
    if known is not None:
        buyers = again.buyers(row, known)
        yield again.repeat_rate(row, known, buyers)
        yield second_order.second_order(row, known)
        yield again.between_orders(row, known, gap_counts(), buyers)


def _cohorts(ask: Ask) -> Iterator[Figure]:
    """The tables by month, quarter and year, of everybody or of a segment."""
    refuse(ask, "from", "to", "by")
    row = definition()
    known = horizon(row, Basis.ORDERS, today=ask.today)
    if known is not None:
        for unit in periods.MONTHS:
            found = cohorts.of_group(unit, known, *_group(ask), today=ask.today)
            yield from again.cells(row, found)


def _money(ask: Ask) -> Iterator[Figure]:
    only_by(ask, SUMMED)
    refuse(ask, "from")
    ends_on = ask.last + periods.ONE_DAY if ask.last else None
    if ends_on and ends_on.day != 1:
        raise InvalidValue(fields={"to": "not_end_of_month"})
    known = money.ends_known(YEAR)
    if not known:
        return
    pair = Pair(ends_on or known[0], YEAR)
    if ask.by == Dimension.ALL or ask.segment is not None:
        yield from money.of_group(Whom(*_group(ask)), pair=pair, today=ask.today)
        return
    for value, found in money.by_value(ask.by, pair=pair, today=ask.today):
        for one in found:
            yield replace(one, title=f"{one.title}: {label_of(ask.by, value)}")


def _group(ask: Ask) -> tuple[str, str]:
    """Dimension and value of the segment that is asked for, else everybody."""
    return ("all", "") if ask.segment is None else (SEGMENT, str(ask.segment))


def _origins(ask: Ask) -> Iterator[Figure]:
    only_by(ask, SUMMED)
    for basis, known in bases_known(ask):
        for asked, label in groups_asked(ask, basis, known):
            for one in origin_figures.figures_of(asked, horizon=known, today=ask.today):
                title = f"{one.title}: {label}" if label else one.title
                yield of_basis(replace(one, title=title), basis)


def _signals(ask: Ask) -> Iterator[Figure]:
    refuse(ask, *_ALL)
    for basis, known in bases_known(ask):
        for one in signals.signals(basis, horizon=known, today=ask.today):
            yield of_basis(one, basis)


def _programmes(ask: Ask) -> Iterator[Figure]:
    """Of every programme that is not archived; members are compared in the span."""
    refuse(ask, "by", "segment")
    after = ask.last + periods.ONE_DAY if ask.last else ask.today
    first = ask.first or after - timedelta(days=programmes.USUAL_DAYS)
    span = programmes.span(first, after)
    for row in Programme.objects.filter(archived_at=None):
        for one in programme_figures.figures(row, span, today=ask.today):
            yield replace(one, title=f"{row.name}: {one.title}")


def _save_list(ask: Ask) -> Iterator[Figure]:
    """How many stand in each list, in all and for each reason."""
    refuse(ask, *_ALL)
    row = definition()
    for basis in bases(row):
        for currency in save_list.currencies(basis, today=ask.today):
            asked = save_list.whom(
                basis, today=ask.today, own=currency, currency=currency
            )
            counts = save_list.counts(asked)
            for one in save_list_words.figures(row, asked, counts):
                yield of_basis(one, basis)


def _scores(ask: Ask) -> Iterator[Figure]:
    """By month, by quarter and by 90 days, or of the days that are asked for. Of a
    segment without answers in confidence: a report does not know who reads it."""
    only_by(ask, ANSWERED)
    business = crm.business()
    segment = Segment.objects.filter(pk=ask.segment).first() if ask.segment else None
    asked = ScoresAsked(
        unit=Unit.QUARTER,
        today=ask.today,
        zone=zone_of(business.time_zone, "UTC"),
        by=ask.by,
        segment=segment,
        sees_confidential=False,
    )
    if ask.first or ask.last:
        if ask.by != CountedBy.ALL:
            refuse(ask, "from", "to")
        last = ask.last or ask.today
        days = (ask.first or last - timedelta(days=364), last)
        yield from scores.of_days(asked, days)
        return
    for unit in UNITS:
        for one in scores.scores(replace(asked, unit=unit)):
            yield from one.figures if unit is asked.unit else one.over_time


REPORTS: Mapping[str, Callable[[Ask], Iterator[Figure]]] = {
    "overview": _overview,
    "retention": _retention,
    "churn": _churn,
    "repeat": _repeat,
    "cohorts": _cohorts,
    "money": _money,
    "origins": _origins,
    "signals": _signals,
    "programmes": _programmes,
    "save-list": _save_list,
    "scores": _scores,
}
