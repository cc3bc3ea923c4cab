"""A score over time and by group: SQL counts, rules give the meaning."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import connection
from psycopg.sql import SQL, Composable

from crm.models import Product
from surveys import rules
from surveys.models import Survey
from surveys.rules import Enough, NpsResult
from surveys.sql import trend as sql

EVERYBODY = SQL("true")
ROLLING_DAYS = 90


@dataclass(frozen=True)
class ScoreSpan:
    """The score of the days from `first` to `last`; `nps` None: nobody answered."""

    first: date
    last: date
    nps: NpsResult | None
    is_over: bool

    @property
    def has_score(self) -> bool:
        return self.nps is not None and self.nps.enough is Enough.FULL


@dataclass(frozen=True)
class GroupScore:
    """The score of those of one country, language or product."""

    value: str
    nps: NpsResult


def spans(
    survey: Survey,
    days: Sequence[tuple[date, date]],
    *,
    zone: ZoneInfo,
    today: date,
    who: Composable = EVERYBODY,
) -> list[ScoreSpan]:
    """The score of each span of days of the shop, in their order."""
    moments = [moments_of(first, last, zone) for first, last in days]
    if not moments:
        return []
    with connection.cursor() as cursor:
        cursor.execute(sql.bands(survey.pk, moments, who))
        found = {at: counts for at, *counts in cursor.fetchall()}
    return [
        ScoreSpan(first, last, _result(found.get(at)), last < today)
        for at, (first, last) in enumerate(days)
    ]


def by_group(
    survey: Survey, by: str, *, first: date, last: date, zone: ZoneInfo
) -> list[GroupScore]:
    """The score of each country, language or product: 50, those of most answers."""
    with connection.cursor() as cursor:
        cursor.execute(sql.groups(survey.pk, moments_of(first, last, zone), by))
        rows = cursor.fetchall()
    names = _product_names(rows) if by == "product" else {}
    return [
        GroupScore(names.get(value, value or ""), NpsResult(*counts))
        for value, *counts in rows
    ]


def change(
    survey: Survey,
    before: ScoreSpan,
    after: ScoreSpan,
    *,
    zone: ZoneInfo,
    who: Composable = EVERYBODY,
) -> tuple[float, float] | None:
    """By how many points the score moved from a span to the next one, and the variance
    of that; None where either has too few answers or is not over."""
    if not (before.has_score and after.has_score and after.is_over):
        return None
    if before.nps is None or after.nps is None:
        return None
    earlier = moments_of(before.first, before.last, zone)
    later = moments_of(after.first, after.last, zone)
    with connection.cursor() as cursor:
        cursor.execute(sql.products_of_people(survey.pk, earlier, later, who))
        sums = rules.PersonSums(*map(int, cursor.fetchone()))
    moved = after.nps.exact - before.nps.exact
    return moved, rules.variance_of_change(before.nps, after.nps, sums)


def moments_of(first: date, last: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From midnight of the first day to that after the last one, in the shop's zone."""
    begins = datetime.combine(first, time(), zone)
    return begins, datetime.combine(last + timedelta(days=1), time(), zone)


def _result(counts: Sequence[int] | None) -> NpsResult | None:
    return NpsResult(*counts) if counts else None


def _product_names(rows: Sequence[Sequence[str]]) -> dict[str, str]:
    ids = [int(row[0]) for row in rows]
    return {str(pk): str(row) for pk, row in Product.objects.in_bulk(ids).items()}
