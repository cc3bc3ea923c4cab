"""Two times or two groups side by side, page by page."""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise

from insights import score_words, words
from insights.comparison import Comparison, compare
from insights.metrics import periods
from insights.metrics.difference import of_repeated
from insights.models import Definition
from insights.selectors import again, churn_sides, retention, scores, signals
from insights.selectors.asked import SEGMENT, Asked, are_apart
from insights.selectors.cohorts import Cohorts
from insights.selectors.groups import names_of, side_names
from insights.selectors.scores_asked import ScoresAsked
from surveys.rules import spans
from surveys.rules.spans import Days
from web.rules.movement import Change

# How many quarters back signals may be compared.
MOST_QUARTERS = 12


def of_retention(
    both: tuple[Asked, Asked],
    row: Definition,
    *,
    horizon: date | None,
    today: date,
    page: Mapping[str, Change],
) -> Comparison:
    """Who stayed, of two times or groups; `page`: what else the page shows as moved."""
    rows = [retention.row_of(one, "", horizon=horizon, today=today) for one in both]
    overlap, known = both[0].overlaps(both[1]), {}
    if not overlap:
        people = retention.in_both(*both, today=today)
        known["retention"] = of_repeated(rows[0].share, rows[1].share, people)
    sides = (retention.parts(one, row) for one in rows)
    return compare(names_of(*both), *sides, overlap=overlap, known=known, page=page)


def of_churn(
    both: tuple[Asked, Asked],
    row: Definition,
    *,
    horizon: date,
    today: date,
    page: Mapping[str, Change],
) -> Comparison:
    """Who left, likewise."""
    found = [retention.counts_of(one, today=today) for one in both]
    overlap, known = both[0].overlaps(both[1]), {}
    if not overlap:
        people = retention.in_both(*both, today=today).others
        known[churn_sides.LEFT] = of_repeated(found[0].left, found[1].left, people)
    sides = (
        churn_sides.figures(counts, one, row, horizon=horizon)
        for counts, one in zip(found, both, strict=True)
    )
    return compare(names_of(*both), *sides, overlap=overlap, known=known, page=page)


def usual_cohort(found: Cohorts) -> str:
    """The newest one of which the next period is over, so that it can be compared."""
    told = [
        cohort
        for cohort, later in pairwise(found.shown)
        if found.size(cohort) and later.is_over(found.horizon)
    ]
    return told[-1].starts_on.isoformat() if told else ""


def cohort_choices(found: Cohorts) -> list[tuple[str, str]]:
    """The cohorts that have anybody, the newest first."""
    return [
        (cohort.starts_on.isoformat(), words.period(cohort))
        for cohort in reversed(found.shown)
        if found.size(cohort)
    ]


def of_cohorts(
    row: Definition, found: tuple[Cohorts, Cohorts], days: tuple[str, str]
) -> Comparison:
    """Two cohorts, of groups or of everybody, by how many bought again so many periods
    later. Nobody is in two of different days; one of the same may share people."""
    shown = [
        next(cohort for cohort in of.shown if cohort.starts_on.isoformat() == day)
        for of, day in zip(found, days, strict=True)
    ]
    sides = (again.side(row, *one) for one in zip(found, shown, strict=True))
    first, second = ((of.by, of.value) for of in found)
    times = (words.period(shown[0]), words.period(shown[1]))
    overlap = days[0] == days[1] and not are_apart(first, second)
    return compare(side_names((first, second), times), *sides, overlap=overlap)


def quarter_choices(horizon: date) -> list[tuple[str, str]]:
    """The quarters that are over, the newest first."""
    shown = periods.until(periods.last_over(horizon, "quarter"), MOST_QUARTERS)
    return [(one.starts_on.isoformat(), words.period(one)) for one in reversed(shown)]


def of_signals(
    both: tuple[Asked, Asked], *, today: date, page: Mapping[str, Change]
) -> Comparison:
    """The signals of two quarters, of groups or of everybody; `page`: what else the
    page shows as moved."""
    *shown, known = signals.sides(*both, today=today)
    overlap = both[0].overlaps(both[1])
    return compare(names_of(*both), *shown, overlap=overlap, known=known, page=page)


def span_choices(unit: spans.Unit, today: date) -> list[tuple[str, str]]:
    """The spans of a unit that are over, the newest first."""
    return [
        (f"{first.isoformat()}_{last.isoformat()}", score_words.days(first, last, unit))
        for first, last in reversed(spans.newest(unit, today))
        if last < today
    ]


def of_scores(
    asked: Sequence[ScoresAsked],
    days: Sequence[str],
    unit: spans.Unit,
    *,
    page: Mapping[str, Change],
) -> Comparison:
    """The score of each survey of two spans, of two segments, or of both: `asked` and
    `days` of either side. `page`: what else the page shows as moved."""
    shown = [_days(one) for one in days]
    whom = [
        (SEGMENT, str(one.segment.pk)) if one.segment else ("all", "") for one in asked
    ]
    times = [score_words.days(*one, unit) for one in shown]
    sides = (scores.of_days(*one) for one in zip(asked, shown, strict=True))
    (first, last), (other_first, other_last) = shown
    overlap = first <= other_last and other_first <= last
    is_same = not overlap and asked[0].segment == asked[1].segment
    return compare(
        side_names((whom[0], whom[1]), (times[0], times[1])),
        *sides,
        overlap=overlap,
        # Who answered in one span may have answered in the other.
        repeated=True,
        known=scores.apart(asked[1], *shown) if is_same else {},
        page=page,
    )


def _days(named: str) -> Days:
    first, last = named.split("_")
    return date.fromisoformat(first), date.fromisoformat(last)
