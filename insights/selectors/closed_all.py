"""All figures of periods that are over that are kept as they were."""

from collections.abc import Iterator
from datetime import date
from zoneinfo import ZoneInfo

from insights.choices import Basis
from insights.metrics import periods
from insights.models import MoneyPeriod
from insights.selectors import closed_counts, spans
from insights.selectors.closed import (
    WATCHED,
    Figure,
    of_cohorts,
    of_cost,
    of_earlier,
    of_money,
    of_people,
    of_scores,
)
from insights.selectors.cohorts import cohorts_of
from surveys.models import Survey
from surveys.rules.questionnaire import Scale
from surveys.rules.spans import Unit as Span
from surveys.rules.spans import newest
from surveys.selectors import trend
from surveys.selectors.counts import Reader


def everything(basis: Basis, horizon: date, today: date) -> Iterator[Figure]:
    """All that is kept of a basis: every figure of every period that is watched and
    over."""
    for unit in periods.MONTHS:
        over = list(periods.until(periods.last_over(horizon, unit), WATCHED))
        rows = list(zip(over, spans.over_time(basis, over), strict=True))
        yield from of_people(basis, rows, horizon)
        yield from of_cost(basis, rows, horizon)
        yield from closed_counts.of_gained(basis, rows, horizon)
        for period in over:
            yield from closed_counts.of_sources(basis, period, horizon)
        if basis is Basis.ORDERS:
            yield from of_cohorts(cohorts_of(unit, horizon))
    money = MoneyPeriod.objects.select_related("end").filter(end__basis=basis.value)
    yield from of_money(money)
    yield from of_earlier(money)
    yield from closed_counts.all_signals(basis, horizon=horizon, today=today)
    if basis is Basis.ORDERS:
        yield from closed_counts.of_repeat(horizon)


def all_scores(*, today: date, zone: ZoneInfo) -> Iterator[Figure]:
    """Those of every survey that are kept, which have no basis."""
    for survey in Survey.objects.filter(kind="nps", archived_at=None).order_by("id"):
        reader = Reader(survey.pk, Scale.NPS, zone)
        for span in (Span.MONTH, Span.QUARTER):
            found = trend.spans(reader, newest(span, today), today=today)
            yield from of_scores(survey, span.value, found)
