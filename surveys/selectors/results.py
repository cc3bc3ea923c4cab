"""The results of a survey: its score and what moved, by time and by group."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial
from zoneinfo import ZoneInfo

from psycopg.sql import SQL

from crm import selectors as crm
from crm.models import Business
from crm.rules import dates
from surveys.choices import CountedBy
from surveys.models import Survey
from surveys.rules import spans
from surveys.rules.questionnaire import Questionnaire, Scale, numbers_of
from surveys.rules.scales import Result, result_of
from surveys.rules.spans import Days, Unit
from surveys.selectors import trend
from surveys.selectors.apart import apart_until
from surveys.selectors.asked import Asked, all_asked, asked
from surveys.selectors.asking import with_is_asking
from surveys.selectors.counts import Counts, Reader, moments_of
from surveys.selectors.further import FurtherQuestion, further
from surveys.selectors.kept_counts import book_of
from surveys.selectors.narrowing import Narrowing
from surveys.selectors.rows import rows_of
from surveys.selectors.scales import questionnaire_of, scale_of
from surveys.selectors.trend import GroupScore, ScoreSpan
from surveys.sql.beside import uncounted
from surveys.sql.trend import EVERYBODY, WITHOUT_CONFIDENTIAL
from web.rules.movement import Moved, movements

# Groups are shown by months: this one and those before it.
GROUP_MONTHS_SHOWN, GROUP_MONTHS_COMPARED = 12, 3
SCORE, TREND, GROUP = "score", "trend", "group"


@dataclass(frozen=True)
class SurveyRow:
    """A survey in the list of surveys, with its figures."""

    survey: Survey
    scale: Scale | None
    asked: Asked
    result: Result | None


@dataclass(frozen=True)
class Beside:
    """What counts in no figure, of the days of the score."""

    provisional: int
    clashing: int
    left_out: int


@dataclass(frozen=True)
class Results:
    """`result` is of the last 90 days, with today; `moved` compares the 90 days until
    yesterday with those before them. Of all that moved 5 % at most are chance. `asked`
    is narrowed as they are; None: nobody is asked by mail for these answers. `apart`
    asks for past answers from 1 to 10."""

    survey: Survey
    questionnaire: Questionnaire
    scale: Scale | None
    days: Days
    asked: Asked | None
    beside: Beside
    apart: Callable[[], Result | None]
    answers: int = 0
    counts: Counts = field(default_factory=dict)
    result: Result | None = None
    before: Result | None = None
    moved: Moved = Moved.UNKNOWN
    unit: Unit = Unit.MONTH
    trend: list[ScoreSpan] = field(default_factory=list)
    trend_moved: Moved = Moved.UNKNOWN
    by: CountedBy = CountedBy.ALL
    group_days: Days | None = None
    groups: list[GroupScore] = field(default_factory=list)
    group_moved: Mapping[str, Moved] = field(default_factory=dict)
    further: list[FurtherQuestion] = field(default_factory=list)


def survey_rows(*, now: datetime) -> list[SurveyRow]:
    """Every survey in use with how many were asked and its recent score."""
    surveys = with_is_asking().filter(archived_at=None).order_by("id")
    zone = dates.zone_of(crm.business().time_zone, "UTC")
    days = spans.rolling(now.astimezone(zone).date())
    book = book_of(zone)
    asked_of = all_asked(surveys, now=now)
    found = []
    for survey in surveys:
        scale = scale_of(survey)
        result = None
        if scale:
            reader = Reader(survey.pk, scale, zone, book=book)
            result = result_of(scale, reader.by_span([days])[0])
        found.append(SurveyRow(survey, scale, asked_of[survey.pk], result))
    return found


def recent_result(
    survey: Survey, *, now: datetime
) -> tuple[Scale | None, Result | None]:
    """What it is counted by, and of the last 90 days: None where nobody answered."""
    zone = dates.zone_of(crm.business().time_zone, "UTC")
    days = spans.rolling(now.astimezone(zone).date())
    scale = scale_of(survey)
    if scale is None:
        return None, None
    [counts] = Reader(survey.pk, scale, zone).by_span([days])
    return scale, result_of(scale, counts)


def results(
    survey: Survey,
    *,
    now: datetime,
    unit: Unit = Unit.MONTH,
    narrowed: Narrowing | None = None,
    business: Business | None = None,
) -> Results:
    """All that the page shows; `business`: the shop, where it was read already."""
    zone = dates.zone_of((business or crm.business()).time_zone, "UTC")
    today = now.astimezone(zone).date()
    narrowed = narrowed or Narrowing()
    who = narrowed.who(today=today)
    questionnaire = questionnaire_of(survey)
    scale = scale_of(survey, questionnaire)
    days = spans.rolling(today)
    book = book_of(zone)
    reader = Reader(survey.pk, scale, zone, who, book=book)
    found = Results(
        survey=survey,
        questionnaire=questionnaire,
        scale=scale,
        days=days,
        asked=asked(survey, now=now, narrowed=narrowed),
        beside=_beside(survey, days, zone, narrowed, today),
        apart=partial(apart_until, survey, zone, today, book=book),
        further=further(reader, questionnaire, days, narrowed, today=today),
        unit=unit,
        by=narrowed.by,
    )
    if scale is None:
        [counts] = reader.by_span([days])
        return replace(found, answers=sum(counts.values()))
    return _scored(found, reader, narrowed, today)


def _scored(
    found: Results, reader: Reader, narrowed: Narrowing, today: date
) -> Results:
    """With the score, its trend and the groups, and what of them moved."""
    was, until = spans.compared(Unit.ROLLING, today)
    shown = spans.newest(found.unit, today)
    now_, before, after, *drawn = trend.spans(
        reader, [found.days, was, until, *shown], today=today
    )
    changes = {SCORE: trend.span_change(reader, before, after)}
    if found.unit is not Unit.ROLLING:
        *_, earlier, later = (span for span in drawn if span.is_over)
        changes[TREND] = trend.span_change(reader, earlier, later)
    groups, group_days = _groups(reader, narrowed, today)
    changes |= {f"{GROUP}:{one.value}": one.change for one in groups}
    moved = movements(changes)
    return replace(
        found,
        answers=sum(now_.counts.values()),
        counts={one: now_.counts.get(one, 0) for one in numbers_of(reader.scored)},
        result=now_.result,
        before=before.result,
        moved=moved[SCORE],
        trend=drawn,
        trend_moved=moved.get(TREND, moved[SCORE]),
        group_days=group_days,
        groups=groups,
        group_moved={one.value: moved[f"{GROUP}:{one.value}"] for one in groups},
    )


def _groups(
    reader: Reader, narrowed: Narrowing, today: date
) -> tuple[list[GroupScore], Days | None]:
    """Those that were asked for, and of which days."""
    if narrowed.by is CountedBy.ALL or narrowed.is_one:
        return [], None
    first = spans.add_months(today.replace(day=1), 1 - GROUP_MONTHS_SHOWN)
    days = spans.months(first, GROUP_MONTHS_SHOWN)
    compared = spans.compared_months(today, GROUP_MONTHS_COMPARED)
    return trend.by_group(reader, narrowed.by, days, compared), days


def _beside(
    survey: Survey, days: Days, zone: ZoneInfo, narrowed: Narrowing, today: date
) -> Beside:
    # As the list of them, which the figure opens, is narrowed.
    who = narrowed.who(today=today) or EVERYBODY
    if not narrowed.lists_confidential:
        who = SQL("{} AND {}").format(who, WITHOUT_CONFIDENTIAL)
    query = uncounted(survey.pk, moments_of(*days, zone), who)
    [found] = rows_of(query)
    return Beside(*found)
