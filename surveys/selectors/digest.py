"""What came in during a week, survey by survey."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Count, Q, QuerySet

from crm import selectors as crm
from crm.rules import dates
from surveys.choices import ResponseState, TaggedBy
from surveys.models import Response, ResponseTheme, Survey
from surveys.rules.questionnaire import ASKED_SCALES, Scale, low_scores
from surveys.rules.scales import Result
from surveys.rules.spans import Days
from surveys.selectors.counts import moments_of
from surveys.selectors.results import recent_result

THEMES_SHOWN = 3
_LOW = Q(
    *(Q(scale=scale.value, score__in=low_scores(scale)) for scale in ASKED_SCALES),
    _connector=Q.OR,
)
_WITH_WORDS = ~Q(comment="") | Q(reading__isnull=False)


@dataclass(frozen=True)
class DigestRow:
    """`scale` is None where the survey asks for no score; `low`: answers of its low
    band; `result`: of the last 90 days, as on the page of the survey; `themes`: of what
    was written, those of most answers first, with how many."""

    survey: Survey
    days: Days
    answers: int
    low: int
    with_words: int
    scale: Scale | None = None
    result: Result | None = None
    themes: list[tuple[str, int]] = field(default_factory=list)


def rows(monday: date, *, now: datetime) -> list[DigestRow]:
    """Surveys that were answered in the seven days before this Monday, by name."""
    zone = dates.zone_of(crm.business().time_zone, "UTC")
    days = monday - timedelta(days=7), monday - timedelta(days=1)
    first, last = moments_of(*days, zone)
    confirmed = Response.objects.filter(
        state=ResponseState.CONFIRMED.value,
        confirmed_at__gte=first,
        confirmed_at__lt=last,
    )
    counts = (
        confirmed.values("survey")
        .annotate(
            count=Count("id"),
            low=Count("id", filter=_LOW),
            with_words=Count("id", filter=_WITH_WORDS),
        )
        .values_list("survey", "count", "low", "with_words")
    )
    surveys = Survey.objects.in_bulk([pk for pk, *_ in counts])
    themes = _themes(confirmed)
    found = []
    for pk, answers, low, with_words in counts:
        scale, result = recent_result(surveys[pk], now=now)
        found.append(
            DigestRow(
                surveys[pk],
                days,
                answers,
                low,
                with_words,
                scale=scale,
                result=result,
                themes=themes[pk][:THEMES_SHOWN],
            )
        )
    return sorted(found, key=lambda row: (row.survey.name, row.survey.pk))


def _themes(confirmed: "QuerySet[Response]") -> Mapping[int, list[tuple[str, int]]]:
    """By survey, those in use."""
    counts = (
        ResponseTheme.objects.filter(response__in=confirmed, theme__archived_at=None)
        .exclude(by=TaggedBy.NOT_SO.value)
        .values("response__survey", "theme__name")
        .annotate(count=Count("id"))
        .order_by("-count", "theme__name")
    )
    found: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for row in counts:
        found[row["response__survey"]].append((row["theme__name"], row["count"]))
    return found
