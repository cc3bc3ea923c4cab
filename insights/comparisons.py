"""Two times or two groups side by side, page by page."""

from collections.abc import Sequence
from datetime import date

from insights import score_words, words
from insights.choices import Basis
from insights.comparison import Comparison, compare
from insights.metrics import periods
from insights.metrics.periods import Period
from insights.models import Definition
from insights.selectors import again, churn_sides, scores, signals
from insights.selectors.asked import SEGMENT, Asked
from insights.selectors.cohorts import Cohorts
from insights.selectors.groups import names_of, side_names
from insights.selectors.scores import ScoresAsked
from surveys.rules import spans
from surveys.rules.spans import Days

# How many quarters back signals may be compared.
MOST_QUARTERS = 12


def of_churn(
    both: tuple[Asked, Asked], row: Definition, *, horizon: date, today: date
) -> Comparison:
    """Who left, of two times or groups."""
    sides = [
        churn_sides.figures(
            churn_sides.counts(one, today=today), one, row, horizon=horizon
        )
        for one in both
    ]
    return compare(names_of(*both), *sides, overlap=both[0].overlaps(both[1]))


def cohort_choices(found: Cohorts) -> list[tuple[str, str]]:
    """The cohorts that have anybody, the newest first."""
    return [
        (cohort.starts_on.isoformat(), words.period(cohort))
        for cohort in reversed(found.shown)
        if found.size(cohort)
    ]


def of_cohorts(row: Definition, found: Cohorts, both: tuple[str, str]) -> Comparison:
    """Two cohorts by how many bought again so many periods later: nobody is in both."""
    by_day = {cohort.starts_on.isoformat(): cohort for cohort in found.shown}
    first, second = (by_day[one] for one in both)
    sides = (again.side(row, found, one) for one in (first, second))
    names = words.period(first), words.period(second)
    return compare(names, *sides, overlap=False)


def quarter_choices(horizon: date) -> list[tuple[str, str]]:
    """The quarters that are over, the newest first."""
    shown = periods.until(periods.last_over(horizon, "quarter"), MOST_QUARTERS)
    return [(one.starts_on.isoformat(), words.period(one)) for one in reversed(shown)]


def of_signals(basis: Basis, both: tuple[str, str]) -> Comparison:
    """The signals of two quarters."""
    first, second = (quarter(one) for one in both)
    sides = signals.sides(basis, first, second)
    names = words.period(first), words.period(second)
    return compare(names, *sides, overlap=False)


def quarter(day: str) -> Period:
    """That of a first day as addresses have it."""
    return periods.containing(date.fromisoformat(day), "quarter")


def span_choices(unit: spans.Unit, today: date) -> list[tuple[str, str]]:
    """The spans of a unit that are over, the newest first."""
    return [
        (f"{first.isoformat()}_{last.isoformat()}", score_words.days(first, last, unit))
        for first, last in reversed(spans.newest(unit, today))
        if last < today
    ]


def of_scores(
    asked: Sequence[ScoresAsked], days: Sequence[str], unit: spans.Unit
) -> Comparison:
    """The score of each survey of two spans, of two segments, or of both: `asked` and
    `days` of either side."""
    shown = [_days(one) for one in days]
    whom = [
        (SEGMENT, str(one.segment.pk)) if one.segment else ("all", "") for one in asked
    ]
    times = [score_words.days(*one, unit) for one in shown]
    sides = (scores.of_days(*one) for one in zip(asked, shown, strict=True))
    (first, last), (other_first, other_last) = shown
    return compare(
        side_names((whom[0], whom[1]), (times[0], times[1])),
        *sides,
        overlap=first <= other_last and other_first <= last,
    )


def _days(named: str) -> Days:
    first, last = named.split("_")
    return date.fromisoformat(first), date.fromisoformat(last)
