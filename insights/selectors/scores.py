"""The recommendation scores of all surveys over time: surveys count, this composes."""

from dataclasses import dataclass, replace
from datetime import date
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

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
from surveys.rules.spans import Days
from surveys.rules.spans import Unit as Span
from surveys.selectors import trend
from surveys.selectors.confidence import Confidence, promised
from surveys.selectors.counts import Reader, days_are_kept
from surveys.selectors.narrowing import Narrowing
from surveys.selectors.trend import GroupScore, ScoreSpan
from web.charts import Axis, Chart, Point, Series, line_chart
from web.formats import signed
from web.rules import movement
from web.rules.movement import Change, Moved

UNITS = (Span.MONTH, Span.QUARTER, Span.ROLLING)
AXIS = Axis(-100, 100, [(at, signed(at)) for at in (-100, -50, 0, 50, 100)])
GROUPS = (CountedBy.COUNTRY, CountedBy.LANGUAGE, CountedBy.PRODUCT)


@dataclass(frozen=True)
class SurveyScore:
    """One survey: its newest score as a figure, with the trend; each span and each
    group as a figure of its own, the groups with what few answers allow to say.
    `leaves_out`: without what was answered in confidence."""

    survey: Survey
    figure: Figure
    spans: list[Figure]
    groups: list[tuple[Figure, Result]]
    leaves_out: bool

    @property
    def over_time(self) -> list[Figure]:
        return [self.figure, *self.spans]

    @property
    def figures(self) -> list[Figure]:
        """All of them, for files and reports."""
        return [*self.over_time, *(one for one, _result in self.groups)]


@dataclass(frozen=True)
class ScoresAsked:
    """What a page of scores is asked for: `by`: a group, or all; `segment`: of its
    members now. Either may be one person: not `sees_confidential` leaves out there what
    was answered in confidence, of surveys that promised it."""

    unit: Span
    today: date
    zone: ZoneInfo
    by: CountedBy = CountedBy.ALL
    segment: Segment | None = None
    sees_confidential: bool = True

    @property
    def secret(self) -> set[int]:
        """The ids of surveys of which answers in confidence are left out."""
        is_narrow = self.segment is not None or self.by is not CountedBy.ALL
        return promised() if is_narrow and not self.sees_confidential else set()

    def reader(self, survey: Survey, secret: set[int], *, is_kept: bool) -> Reader:
        """The answers that are asked for; `secret`: as above, once for all surveys."""
        is_secret = survey.pk in secret
        narrowed = Narrowing(
            segment=self.segment,
            by=self.by,
            confidence=Confidence.NAMELESS if is_secret else Confidence.BY_NAME,
        )
        who = narrowed.who(today=self.today)
        return Reader(
            survey.pk, Scale.NPS, self.zone, who, is_kept=is_kept and who is None
        )

    def answers_url(self, survey: Survey, days: Days, value: str | None = None) -> str:
        """The list of answers from these days, of one value of the group."""
        named = {"from": days[0].isoformat(), "to": days[1].isoformat()}
        if self.segment:
            named["segment"] = str(self.segment.pk)
        if self.by is not CountedBy.ALL:
            named["by"] = self.by.value
        if value is not None:
            named["value"] = value
        page = reverse("surveys:survey-answers", args=[survey.pk])
        return f"{page}?{urlencode(named)}"


def scores(asked: ScoresAsked) -> list[SurveyScore]:
    """Every survey of NPS in use. Of what is said to have moved, 5 % at most are
    chance."""
    is_kept, secret = days_are_kept(asked.zone), asked.secret
    days = spans.newest(asked.unit, asked.today)
    readers: dict[Survey, Reader] = {}
    found: dict[Survey, list[ScoreSpan]] = {}
    changes: dict[str, Change] = {}
    for survey in _surveys():
        reader = asked.reader(survey, secret, is_kept=is_kept)
        readers[survey] = reader
        found[survey] = trend.spans(reader, days, today=asked.today)
        changes[str(survey.pk)] = _change(reader, found[survey], asked.unit)
    moved = movement.movements(changes)
    return [
        SurveyScore(
            survey,
            _figure(survey, rows, asked, moved[str(survey.pk)]),
            [_of_span(survey, row, asked) for row in rows if row.result],
            _groups(survey, readers[survey], asked),
            leaves_out=survey.pk in secret,
        )
        for survey, rows in found.items()
    ]


def of_days(asked: ScoresAsked, days: Days) -> list[Figure]:
    """The score of each survey of days of one's own."""
    is_kept, secret = days_are_kept(asked.zone), asked.secret
    return [
        replace(_of_span(survey, span, asked), key=f"score-{survey.pk}")
        for survey in _surveys()
        for span in trend.spans(
            asked.reader(survey, secret, is_kept=is_kept), [days], today=asked.today
        )
    ]


def _surveys() -> "QuerySet[Survey]":
    return Survey.objects.filter(kind="nps", archived_at=None).order_by("id")


def _groups(
    survey: Survey, reader: Reader, asked: ScoresAsked
) -> list[tuple[Figure, Result]]:
    """Of the last 12 months, this one among them."""
    if asked.by is CountedBy.ALL:
        return []
    month = asked.today.replace(day=1)
    year = spans.months(spans.add_months(month, -11), 12)
    compared = spans.compared_months(asked.today, 3)
    found = trend.by_group(reader, asked.by, year, compared)
    return [(_of_group(survey, one, year, asked), one.result) for one in found]


def _of_group(
    survey: Survey, found: GroupScore, days: Days, asked: ScoresAsked
) -> Figure:
    return figure(
        f"score-{survey.pk}.{asked.by.value}:{found.value}",
        result_words.group(asked.by, found.value, found.name),
        _measure(found.result),
        Unit.POINTS,
        sentence="",
        how=words.how(leaves_out=_leaves_out(asked)),
        people_url=asked.answers_url(survey, days, found.value),
        people=found.result.n,
    )


def _of_span(survey: Survey, span: ScoreSpan, asked: ScoresAsked) -> Figure:
    """One span of the trend."""
    return figure(
        f"score-{survey.pk}.{asked.unit.value}.{span.first.isoformat()}",
        survey.name,
        _measure(span.result),
        Unit.POINTS,
        sentence=words.sentence(span),
        how=words.how(leaves_out=_leaves_out(asked)),
        people_url=asked.answers_url(survey, span.days) if span.result else None,
        people=span.result.n if span.result else 0,
        is_over=span.is_over,
    )


def _leaves_out(asked: ScoresAsked) -> bool:
    is_narrow = asked.segment is not None or asked.by is not CountedBy.ALL
    return is_narrow and not asked.sees_confidential


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
    survey: Survey, rows: list[ScoreSpan], asked: ScoresAsked, moved: Moved
) -> Figure:
    newest = next(row for row in reversed(rows) if row.is_over)
    return figure(
        f"score-{survey.pk}.{asked.unit.value}",
        survey.name,
        _measure(newest.result, begun=rows[-1].result is not None),
        Unit.POINTS,
        sentence=words.sentence(newest),
        how=words.how(leaves_out=_leaves_out(asked)),
        people_url=asked.answers_url(survey, newest.days) if newest.result else None,
        people=newest.result.n if newest.result else 0,
        movement=words.moved(moved),
        trend=_chart(survey, rows, asked) if any(row.result for row in rows) else None,
    )


def _measure(found: Result | None, *, begun: bool = False) -> Measure:
    """Of a span that is over; `begun`: the one after it has answers already."""
    if found is None:
        return without(Why.NOT_OVER if begun else Why.NOBODY)
    if found.enough is not Enough.FULL:
        return without(Why.TOO_FEW, count=found.n, base=found.n)
    return Measure(
        found.exact, count=found.n, base=found.n, low=found.low, high=found.high
    )


def _chart(survey: Survey, rows: list[ScoreSpan], asked: ScoresAsked) -> Chart:
    first = next((at for at, row in enumerate(rows) if row.result), len(rows))
    points = [
        _point(
            at,
            row,
            asked.unit,
            asked.answers_url(survey, row.days) if row.result else "",
        )
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
