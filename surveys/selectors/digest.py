"""What came in during a week, survey by survey."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Q

from crm import selectors as crm
from crm.rules import dates
from surveys import rules
from surveys.choices import ResponseState
from surveys.models import Response, Survey
from surveys.selectors.counts import moments_of
from surveys.selectors.results import recent_score

_LOW = [score for score in rules.SCORES if rules.is_low(score)]


@dataclass(frozen=True)
class DigestRow:
    """`nps`: of the last 90 days, as on the page of the survey."""

    survey: Survey
    answers: int
    low: int
    with_words: int
    nps: rules.NpsResult | None


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
            low=Count("id", filter=Q(scale="nps", score__in=_LOW)),
            with_words=Count("id", filter=~Q(comment="")),
        )
        .values_list("survey", "count", "low", "with_words")
    )
    surveys = Survey.objects.in_bulk([pk for pk, *_ in counts])
    found = [
        DigestRow(
            survey=surveys[pk],
            answers=answers,
            low=low,
            with_words=with_words,
            nps=recent_score(surveys[pk], now=now),
        )
        for pk, answers, low, with_words in counts
    ]
    return sorted(found, key=lambda row: (row.survey.name, row.survey.pk))
