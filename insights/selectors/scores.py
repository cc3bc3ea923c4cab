"""The recommendation scores of all surveys over time: surveys count, this composes."""

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from crm import segment_people
from crm.models import Segment
from insights import score_words as words
from insights.figures import Figure, Unit, figure
from insights.metrics.measures import Measure, Why, without
from surveys import result_words
from surveys.choices import CountedBy
from surveys.models import Survey
from surveys.rules import Enough, spans
from surveys.rules.questionnaire import Scale
from surveys.rules.scales import Result
from surveys.rules.spans import Unit as Span
from surveys.selectors import trend
from surveys.selectors.confidence import promised
from surveys.selectors.counts import Reader, days_are_kept
from surveys.selectors.trend import GroupScore, ScoreSpan
from surveys.sql.trend import of_people, without_confidential
from web.charts import Axis, Chart, Point, Series, line_chart
from web.formats import signed
from web.rules import movement
from web.rules.movement import Change, Moved

UNITS = (Span.MONTH, Span.QUARTER, Span.ROLLING)
AXIS = Axis(-100, 100, [(at, signed(at)) for at in (-100, -50, 0, 50, 100)])
GROUPS = (CountedBy.COUNTRY, CountedBy.LANGUAGE, CountedBy.PRODUCT)


@dataclass(frozen=True)
class SurveyScore:
    """One survey: its newest score as a figure, with the trend, and by group, each with
    what it is called. `leaves_out`: without what was answered in confidence."""

    survey: Survey
    figure: Figure
    groups: list[tuple[str, GroupScore]]
    leaves_out: bool


def scores(
    *,
    unit: Span,
    by: CountedBy,
    today: date,
    zone: ZoneInfo,
    segment: Segment | None = None,
    sees_confidential: bool = True,
) -> list[SurveyScore]:
    """Every survey of NPS in use. Of what is said to have moved, 5 % at most are
    chance.

    `by`: a group, or all; `segment`: of its members now. Either may be one person: not
    `sees_confidential` leaves out there what was answered in confidence.
    """
    is_narrow = segment is not None or by is not CountedBy.ALL
    secret = promised() if is_narrow and not sees_confidential else set()
    who = None
    if segment:
        who = of_people(segment_people.compiled(segment, today=today))
    is_kept = who is None and days_are_kept(zone)
    days = spans.newest(unit, today)
    readers: dict[Survey, Reader] = {}
    found: dict[Survey, list[ScoreSpan]] = {}
    changes: dict[str, Change] = {}
    for survey in Survey.objects.filter(kind="nps", archived_at=None).order_by("id"):
        of_survey = without_confidential(who) if survey.pk in secret else who
        reader = Reader(survey.pk, Scale.NPS, zone, of_survey, is_kept=is_kept)
        readers[survey] = reader
        found[survey] = trend.spans(reader, days, today=today)
        changes[str(survey.pk)] = _change(reader, found[survey], unit)
    moved = movement.movements(changes)
    return [
        SurveyScore(
            survey,
            _figure(survey, rows, unit, moved[str(survey.pk)], segment),
            _groups(readers[survey], by, today),
            leaves_out=survey.pk in secret,
        )
        for survey, rows in found.items()
    ]


def _groups(reader: Reader, by: CountedBy, today: date) -> list[tuple[str, GroupScore]]:
    """Of the last 12 months, this one among them."""
    if by is CountedBy.ALL:
        return []
    month = today.replace(day=1)
    year = spans.months(spans.add_months(month, -11), 12)
    found = trend.by_group(reader, by, year, spans.compared_months(today, 3))
    return [(result_words.group(by, one.value, one.name), one) for one in found]


def _change(reader: Reader, rows: list[ScoreSpan], unit: Span) -> Change:
    """Between the last two spans that are over and do not overlap."""
    over = [row for row in rows if row.is_over]
    before, after = over[-2], over[-1]
    if unit is Span.ROLLING:
        # The one drawn before it overlaps.
        last = after.first - spans.ONE_DAY
        [before] = trend.spans(reader, [spans.rolling(last)], today=after.last)
    return trend.span_change(reader, before, after)


def _figure(
    survey: Survey,
    rows: list[ScoreSpan],
    unit: Span,
    moved: Moved,
    segment: Segment | None,
) -> Figure:
    over = [row for row in rows if row.is_over]
    newest = over[-1]
    return figure(
        f"score-{survey.pk}",
        survey.name,
        _measure(newest.result, begun=rows[-1].result is not None),
        Unit.POINTS,
        sentence=words.sentence(newest),
        how=words.how(),
        people_url=_answers_url(survey, newest, segment) or None,
        people=newest.result.n if newest.result else 0,
        movement=words.moved(moved),
        trend=_chart(survey, rows, unit, segment)
        if any(row.result for row in rows)
        else None,
    )


def _measure(found: Result | None, *, begun: bool) -> Measure:
    """Of a span that is over; `begun`: the one after it has answers already."""
    if found is None:
        return without(Why.NOT_OVER if begun else Why.NOBODY)
    if found.enough is not Enough.FULL:
        return without(Why.TOO_FEW, count=found.n, base=found.n)
    return Measure(
        found.exact, count=found.n, base=found.n, low=found.low, high=found.high
    )


def _answers_url(survey: Survey, span: ScoreSpan, segment: Segment | None) -> str:
    """Of a span without answers: nowhere."""
    if span.result is None:
        return ""
    page = reverse("surveys:survey-answers", args=[survey.pk])
    days = {"from": span.first.isoformat(), "to": span.last.isoformat()}
    of = {"segment": str(segment.pk)} if segment else {}
    return f"{page}?{urlencode({**days, **of})}"


def _chart(
    survey: Survey, rows: list[ScoreSpan], unit: Span, segment: Segment | None
) -> Chart:
    first = next((at for at, row in enumerate(rows) if row.result), len(rows))
    points = [
        _point(at, row, unit, _answers_url(survey, row, segment))
        for at, row in enumerate(rows)
        if at >= first
    ]
    title = _("Score over time: %(survey)s") % {"survey": survey.name}
    return line_chart(f"score-{survey.pk}", title, [Series(_("Score"), points)], AXIS)


def _point(at: int, row: ScoreSpan, unit: Span, url: str) -> Point:
    label = words.label(row, unit)
    if row.result is None or not row.has_score:
        few = 0 if row.result is None else row.result.n
        return Point(at, label, None, words.too_few(few), is_over=row.is_over, url=url)
    return Point(
        at,
        label,
        row.result.exact,
        result_words.value(row.result),
        low=row.result.low,
        high=row.result.high,
        doubt=_doubt(row.result),
        is_over=row.is_over,
        url=url,
    )


def _doubt(result: Result) -> str:
    low, high = result_words.low(result), result_words.high(result)
    return f"{low} – {high}, n = {result.n}"
