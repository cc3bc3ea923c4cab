"""The recommendation scores of all surveys over time: surveys count, this composes."""

from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext as _
from psycopg.sql import Composable

from insights import score_words as words
from insights.figures import Figure, Unit, figure
from insights.metrics import periods
from insights.metrics.measures import Measure, Why, without
from insights.metrics.periods import add_months
from surveys.models import Survey
from surveys.rules import Enough, NpsResult
from surveys.selectors import trend
from surveys.selectors.trend import GroupScore, ScoreSpan
from surveys.sql.trend import of_people
from web.charts import Axis, Chart, Point, Series, line_chart
from web.formats import signed
from web.rules import movement
from web.rules.movement import Change, Moved

MONTH, QUARTER, ROLLING = "month", "quarter", "rolling"
UNITS = (MONTH, QUARTER, ROLLING)
SHOWN = {MONTH: 24, QUARTER: 12, ROLLING: 24}
AXIS = Axis(-100, 100, [(at, signed(at)) for at in (-100, -50, 0, 50, 100)])
YEAR = timedelta(days=365)


@dataclass(frozen=True)
class SurveyScore:
    """One survey: its newest score as a figure, with the trend, and by group."""

    survey: Survey
    figure: Figure
    groups: list[GroupScore]


def scores(
    *,
    unit: str,
    by: str,
    today: date,
    zone: ZoneInfo,
    people: Composable | None = None,
) -> list[SurveyScore]:
    """Every survey of NPS in use. Of what is said to move, 5 % at most are chance.

    `by`: one of trend's groups, or empty; `people`: a SELECT of ids.
    """
    who = trend.EVERYBODY if people is None else of_people(people)
    days = spans(unit, today)
    found: dict[Survey, list[ScoreSpan]] = {}
    changes: dict[str, Change] = {}
    for survey in Survey.objects.filter(kind="nps", archived_at=None).order_by("id"):
        found[survey] = trend.spans(survey, days, zone=zone, today=today, who=who)
        changes[str(survey.pk)] = _change(survey, found[survey], unit, zone, who)
    moved = movement.movements(changes)
    return [
        SurveyScore(
            survey,
            _figure(survey, rows, unit, moved[str(survey.pk)]),
            trend.by_group(survey, by, first=today - YEAR, last=today, zone=zone)
            if by
            else [],
        )
        for survey, rows in found.items()
    ]


def spans(unit: str, today: date) -> list[tuple[date, date]]:
    """The newest spans of this unit, oldest first, as first and last days."""
    month = today.replace(day=1)
    if unit == ROLLING:
        ends = [add_months(month, -back) for back in range(SHOWN[unit] - 1, -1, -1)]
        lasts = [end - timedelta(days=1) for end in ends[1:]] + [today]
        return [(last - timedelta(days=trend.ROLLING_DAYS - 1), last) for last in lasts]
    shown = periods.until(periods.containing(today, unit), SHOWN[unit])
    return [(period.starts_on, period.last_day) for period in shown]


def _change(
    survey: Survey, rows: list[ScoreSpan], unit: str, zone: ZoneInfo, who: Composable
) -> Change:
    """Between the last two spans that are over and do not overlap."""
    over = [row for row in rows if row.is_over]
    before, after = over[-2], over[-1]
    if unit == ROLLING:
        # The one drawn before it overlaps.
        last = after.first - timedelta(days=1)
        first = last - timedelta(days=trend.ROLLING_DAYS - 1)
        [before] = trend.spans(
            survey, [(first, last)], zone=zone, today=after.last, who=who
        )
    found = trend.change(survey, before, after, zone=zone, who=who)
    return Change(0.0, None) if found is None else movement.change(*found)


def _figure(survey: Survey, rows: list[ScoreSpan], unit: str, moved: Moved) -> Figure:
    over = [row for row in rows if row.is_over]
    newest = over[-1]
    return figure(
        f"score-{survey.pk}",
        survey.name,
        _measure(newest.nps, begun=rows[-1].nps is not None),
        Unit.POINTS,
        sentence=words.sentence(newest),
        how=words.how(),
        people_url=_answers_url(survey, newest) if newest.nps else None,
        people=newest.nps.n if newest.nps else 0,
        movement=words.moved(moved),
        trend=_chart(survey, rows, unit) if any(row.nps for row in rows) else None,
    )


def _measure(nps: NpsResult | None, *, begun: bool) -> Measure:
    """Of a span that is over; `begun`: the one after it has answers already."""
    if nps is None:
        return without(Why.NOT_OVER if begun else Why.NOBODY)
    if nps.enough is not Enough.FULL:
        return without(Why.TOO_FEW, count=nps.n, base=nps.n)
    return Measure(nps.exact, count=nps.n, base=nps.n, low=nps.low, high=nps.high)


def _answers_url(survey: Survey, span: ScoreSpan) -> str:
    page = reverse("surveys:survey-answers", args=[survey.pk])
    return f"{page}?from={span.first.isoformat()}&to={span.last.isoformat()}"


def _chart(survey: Survey, rows: list[ScoreSpan], unit: str) -> Chart:
    first = next((at for at, row in enumerate(rows) if row.nps), len(rows))
    points = [_point(at, row, unit) for at, row in enumerate(rows) if at >= first]
    title = _("Score over time: %(survey)s") % {"survey": survey.name}
    return line_chart(f"score-{survey.pk}", title, [Series(_("Score"), points)], AXIS)


def _point(at: int, row: ScoreSpan, unit: str) -> Point:
    label = words.label(row, unit)
    if row.nps is None or not row.has_score:
        few = 0 if row.nps is None else row.nps.n
        return Point(at, label, None, words.too_few(few), is_over=row.is_over)
    return Point(
        at,
        label,
        row.nps.exact,
        signed(row.nps.score),
        low=row.nps.low,
        high=row.nps.high,
        doubt=f"{signed(row.nps.low)} – {signed(row.nps.high)}, n = {row.nps.n}",
        is_over=row.is_over,
    )
