"""The score of a survey and how many were asked: SQL counts, rules give the meaning."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q

from messaging.rules.choices import State
from surveys import rules
from surveys.choices import InvitationState, ResponseState
from surveys.models import Invitation, Response, Survey
from surveys.rules.questionnaire import Scale
from surveys.selectors.asking import ASKED_BY

SCORE_OVER = timedelta(days=90)
ASKED_OVER = timedelta(days=365)
# The question was sent, or may have been.
WENT_OUT = [State.HANDED.value, State.SENT.value, State.UNCERTAIN.value]


@dataclass(frozen=True)
class Asked:
    """Of those asked in a span of time, how many have answered since."""

    asked: int
    answered: int

    @property
    def share(self) -> int | None:
        """In percent; None under 30 people, where it is written as "3 of 9"."""
        if self.asked < rules.ENOUGH_FOR_A_SCORE:
            return None
        return round(100 * self.answered / self.asked)


@dataclass(frozen=True)
class SurveyRow:
    survey: Survey
    asked: Asked
    nps: rules.NpsResult | None


@dataclass(frozen=True)
class Results:
    survey: Survey
    asked: Asked
    since: datetime
    counts: dict[int, int]
    nps: rules.NpsResult | None
    before: rules.NpsResult | None
    movement: rules.Movement
    provisional: int
    clashing: int
    left_out: int


def survey_rows(*, now: datetime) -> list[SurveyRow]:
    """Every survey with how many were asked and its recent score."""
    surveys = Survey.objects.prefetch_related(ASKED_BY).order_by("id")
    return [
        SurveyRow(
            survey=survey,
            asked=_asked(survey, now),
            nps=recent_score(survey, now=now),
        )
        for survey in surveys
    ]


def recent_score(survey: Survey, *, now: datetime) -> rules.NpsResult | None:
    """Of the last 90 days; None where nobody answered."""
    return rules.nps_of_counts(_counts(survey, now - SCORE_OVER, now))


def results(survey: Survey, *, now: datetime) -> Results:
    """The last 90 days beside the 90 days before them."""
    since = now - SCORE_OVER
    counts = _counts(survey, since, now)
    score = rules.nps_of_counts(counts)
    before = rules.nps_of_counts(_counts(survey, since - SCORE_OVER, since))
    pressed = Response.objects.filter(
        survey=survey, state=ResponseState.PROVISIONAL.value, first_at__gt=since
    ).aggregate(all=Count("id"), clashing=Count("id", filter=Q(clashing=True)))
    return Results(
        survey=survey,
        asked=_asked(survey, now),
        since=since,
        counts={score: counts.get(score, 0) for score in rules.SCORES},
        nps=score,
        before=before,
        movement=rules.compare(before, score),
        provisional=pressed["all"],
        clashing=pressed["clashing"],
        left_out=Response.objects.filter(
            survey=survey,
            state=ResponseState.LEFT_OUT.value,
            confirmed_at__gt=since,
            confirmed_at__lte=now,
        ).count(),
    )


def _counts(survey: Survey, after: datetime, until: datetime) -> dict[int, int]:
    """Confirmed answers by score of NPS; provisional ones count nowhere."""
    rows = (
        Response.objects.filter(
            survey=survey,
            state=ResponseState.CONFIRMED.value,
            scale=Scale.NPS.value,
            confirmed_at__gt=after,
            confirmed_at__lte=until,
        )
        .values("score")
        .annotate(count=Count("id"))
        .values_list("score", "count")
    )
    return {score: answers for score, answers in rows if score is not None}


def _asked(survey: Survey, now: datetime) -> Asked:
    # Neither asked nor answered: few, and found by their own index.
    left_out = Response.objects.filter(
        survey=survey, state=ResponseState.LEFT_OUT.value
    ).values("invitation")
    asked = Invitation.objects.filter(
        survey=survey,
        invited_at__gt=now - ASKED_OVER,
        invited_at__lte=now,
        message__state__in=WENT_OUT,
    )
    found = asked.exclude(pk__in=left_out).aggregate(
        asked=Count("id"),
        answered=Count("id", filter=Q(state=InvitationState.ANSWERED.value)),
    )
    return Asked(asked=found["asked"], answered=found["answered"])
