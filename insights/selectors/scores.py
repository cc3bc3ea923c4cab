"""The recommendation scores of all surveys over time: surveys count, this composes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import sqrt

from django.db.models import QuerySet

from insights import score_charts
from insights import score_words as words
from insights.figures import Figure, Unit, figure
from insights.metrics.measures import Measure, Why, without
from insights.selectors import score_groups
from insights.selectors.score_groups import GroupTrend
from insights.selectors.scores_asked import ScoresAsked
from surveys import result_words
from surveys.models import Survey
from surveys.rules import Enough, spans
from surveys.rules.scales import Result
from surveys.rules.spans import Days
from surveys.rules.spans import Unit as Span
from surveys.selectors import trend
from surveys.selectors.counts import Reader
from surveys.selectors.kept_counts import Book, book_of
from surveys.selectors.trend import ScoreSpan
from web.rules import movement
from web.rules.intervals import Z_95
from web.rules.movement import Change, Moved


@dataclass(frozen=True)
class Group:
    """Of one group: its score of the last 12 months as a figure, with whether it moved
    and the trend where one is drawn; what few answers allow to say; and each of the
    spans that are drawn as a figure of its own."""

    figure: Figure
    result: Result
    spans: list[Figure]


@dataclass(frozen=True)
class SurveyScore:
    """One survey: its newest score as a figure, with the trend; each span of it as a
    figure of its own; and by group. `leaves_out`: without what was answered in
    confidence."""

    survey: Survey
    figure: Figure
    spans: list[Figure]
    groups: list[Group]
    leaves_out: bool

    @property
    def over_time(self) -> list[Figure]:
        drawn = (one for group in self.groups for one in group.spans)
        return [self.figure, *self.spans, *drawn]

    @property
    def figures(self) -> list[Figure]:
        """All of them, for files and reports."""
        return [*self.over_time, *(one.figure for one in self.groups)]


@dataclass(frozen=True)
class Counted:
    """What was counted of one survey, and how it moved: of the last two spans that are
    over and do not overlap."""

    survey: Survey
    rows: list[ScoreSpan]
    change: Change
    groups: list[GroupTrend]
    leaves_out: bool

    @property
    def key(self) -> str:
        return f"score-{self.survey.pk}"

    def key_of(self, group: GroupTrend) -> str:
        return f"{self.key}:{group.score.value}"

    @property
    def changes(self) -> dict[str, Change]:
        """Of all that is said to have moved: of the survey and of each group."""
        return {self.key: self.change} | {
            self.key_of(one): one.score.change for one in self.groups
        }


def counted(asked: ScoresAsked) -> list[Counted]:
    """Every survey of NPS in use."""
    book, secret = book_of(asked.zone), asked.secret
    return [_counted(one, asked, secret, book=book) for one in _surveys()]


def changes(found: Sequence[Counted]) -> dict[str, Change]:
    """Those of all of these, for one list of what moved on a page."""
    return {key: one for row in found for key, one in row.changes.items()}


def shown(
    asked: ScoresAsked, found: Sequence[Counted], moved: Mapping[str, Moved]
) -> list[SurveyScore]:
    """The figures of what was counted; `moved`: by the keys of `changes`."""
    return [
        SurveyScore(
            one.survey,
            _figure(one, asked, moved[one.key]),
            [_of_span(one.survey, row, asked) for row in one.rows if row.result],
            [
                _of_group(one.survey, at, group, asked, moved[one.key_of(group)])
                for at, group in enumerate(one.groups)
            ],
            leaves_out=one.leaves_out,
        )
        for one in found
    ]


def scores(asked: ScoresAsked) -> list[SurveyScore]:
    """The same at once. Of all that is said to have moved, 5 % at most are chance."""
    found = counted(asked)
    return shown(asked, found, movement.movements(changes(found)))


def of_days(asked: ScoresAsked, days: Days) -> list[Figure]:
    """The score of each survey of days of one's own."""
    book, secret = book_of(asked.zone), asked.secret
    return [
        replace(_of_span(survey, span, asked), key=f"score-{survey.pk}")
        for survey in _surveys()
        for span in trend.spans(
            asked.reader(survey, secret, book=book), [days], today=asked.today
        )
    ]


def apart(asked: ScoresAsked, first: Days, second: Days) -> dict[str, Measure]:
    """How far the score of each survey lies apart between two spans that do not
    overlap, by the keys of `of_days`, where it is known who answered in both."""
    book, secret = book_of(asked.zone), asked.secret
    found = {}
    for survey in _surveys():
        reader = asked.reader(survey, secret, book=book)
        rows = trend.spans(reader, [first, second], today=asked.today)
        variance = trend.span_variance(reader, *sorted(rows, key=lambda row: row.first))
        before, after = (row.result for row in rows)
        if variance is not None and before and after:
            moved, half = after.exact - before.exact, Z_95 * sqrt(variance)
            found[f"score-{survey.pk}"] = Measure(
                moved, low=moved - half, high=moved + half
            )
    return found


def _surveys() -> "QuerySet[Survey]":
    return Survey.objects.filter(kind="nps", archived_at=None).order_by("id")


def _counted(
    survey: Survey, asked: ScoresAsked, secret: set[int], *, book: Book
) -> Counted:
    reader = asked.reader(survey, secret, book=book)
    days = spans.newest(asked.unit, asked.today)
    rows = trend.spans(reader, days, today=asked.today)
    return Counted(
        survey,
        rows,
        _change(reader, rows, asked.unit),
        score_groups.by_group(survey, asked, secret, book=book),
        leaves_out=survey.pk in secret,
    )


def _change(reader: Reader, rows: list[ScoreSpan], unit: Span) -> Change:
    """Between the last two spans that are over and do not overlap."""
    over = [row for row in rows if row.is_over]
    before, after = over[-2], over[-1]
    if unit is Span.ROLLING:
        # The one drawn before it overlaps.
        last = after.first - spans.ONE_DAY
        [before] = trend.spans(reader, [spans.rolling(last)], today=after.last)
    return trend.span_change(reader, before, after)


def _figure(found: Counted, asked: ScoresAsked, moved: Moved) -> Figure:
    """The newest span that is over, with the trend."""
    rows = found.rows
    newest = next(row for row in reversed(rows) if row.is_over)
    chart = None
    if any(row.result for row in rows):
        urls = [asked.answers_url(found.survey, row.days) for row in rows]
        name = found.survey.name
        chart = score_charts.over_time(found.key, name, rows, asked.unit, urls)
    return figure(
        f"{found.key}.{asked.unit.value}",
        found.survey.name,
        _measure(newest.result, begun=rows[-1].result is not None),
        Unit.POINTS,
        sentence=words.sentence(newest),
        how=words.how(leaves_out=asked.leaves_out),
        people_url=asked.answers_url(found.survey, newest.days)
        if newest.result
        else None,
        people=newest.result.n if newest.result else 0,
        movement=words.moved(moved),
        trend=chart,
    )


def _of_group(
    survey: Survey, at: int, group: GroupTrend, asked: ScoresAsked, moved: Moved
) -> Group:
    """`at`: its place, which tells its chart from others."""
    found, chart = group.score, None
    if any(row.has_score for row in group.spans):
        urls = [asked.answers_url(survey, row.days, found.value) for row in group.spans]
        chart = score_charts.over_time(
            f"score-{survey.pk}-{at}", group.name, group.spans, asked.unit, urls
        )
    year = figure(
        f"score-{survey.pk}.{asked.by}:{found.value}",
        group.name,
        _measure(found.result),
        Unit.POINTS,
        sentence="",
        how=words.how(leaves_out=asked.leaves_out),
        people_url=asked.answers_url(survey, score_groups.year(asked), found.value),
        people=found.result.n,
        movement=result_words.group_moves()[moved],
        trend=chart,
    )
    drawn = [
        replace(
            _of_span(survey, row, asked, found.value),
            key=f"{year.key}.{asked.unit.value}.{row.first.isoformat()}",
            title=group.name,
        )
        for row in group.spans
        if row.result
    ]
    return Group(year, found.result, drawn)


def _of_span(
    survey: Survey, span: ScoreSpan, asked: ScoresAsked, value: str | None = None
) -> Figure:
    """One span of the trend; `value`: of one group."""
    return figure(
        f"score-{survey.pk}.{asked.unit.value}.{span.first.isoformat()}",
        survey.name,
        _measure(span.result),
        Unit.POINTS,
        sentence=words.sentence(span),
        how=words.how(leaves_out=asked.leaves_out),
        people_url=asked.answers_url(survey, span.days, value) if span.result else None,
        people=span.result.n if span.result else 0,
        is_over=span.is_over,
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
