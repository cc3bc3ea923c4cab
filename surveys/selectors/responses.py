"""The answers themselves, newest first, for the pages of this app and of the desk."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from surveys.choices import ResponseState
from surveys.models import Response, Survey
from surveys.rules.questionnaire import Scale
from surveys.selectors.narrowing import AnswersTo
from web import paging

PAGE = 50


@dataclass(frozen=True)
class LatestScore:
    """The latest score that a customer gave."""

    score: int
    comment: str
    language: str
    at: datetime
    survey_id: int


def answers_page(
    survey: Survey,
    *,
    scores: Collection[int] = (),
    narrowed: AnswersTo | None = None,
    state: ResponseState = ResponseState.CONFIRMED,
    between: tuple[datetime, datetime] | None = None,
    older: str = "",
    newer: str = "",
) -> paging.Page[Response]:
    """One page of the answers that count, the newest first; only these scores, if any,
    of those of `narrowed`, and only those from the first moment of `between` until
    before the second. `state`: or of those that are left out, or were only pressed.

    `older` and `newer` are places of web.paging.
    """
    rows = listed(
        survey.pk, scores=scores, narrowed=narrowed, state=state, between=between
    )
    rows = rows.select_related("customer").prefetch_related("further")
    return paging.page(rows, by=_day_of(state), size=PAGE, older=older, newer=newer)


def listed(
    survey_id: int,
    *,
    scores: Collection[int] = (),
    narrowed: AnswersTo | None = None,
    state: ResponseState = ResponseState.CONFIRMED,
    between: tuple[datetime, datetime] | None = None,
) -> "QuerySet[Response]":
    """All answers of the list of which `answers_page` is a page."""
    rows = Response.objects.filter(survey=survey_id, state=state.value)
    if scores:
        rows = rows.filter(score__in=scores)
    if narrowed:
        rows = narrowed.among(rows)
    if between:
        by = _day_of(state)
        rows = rows.filter(**{f"{by}__gte": between[0], f"{by}__lt": between[1]})
    return rows


def _day_of(state: ResponseState) -> str:
    """The column with the moment of an answer; what was only pressed was never
    confirmed."""
    return "first_at" if state is ResponseState.PROVISIONAL else "confirmed_at"


def latest_scores(customer_ids: Collection[int]) -> dict[int, LatestScore]:
    """The last confirmed NPS answer of each of these customers, by customer id; none
    that was given in confidence."""
    rows = (
        Response.objects.filter(
            customer__in=customer_ids,
            is_confidential=False,
            state=ResponseState.CONFIRMED.value,
            scale=Scale.NPS.value,
        )
        .order_by("customer", "-confirmed_at", "-id")
        .distinct("customer")
    )
    return {
        row.customer_id: LatestScore(
            score=row.score,
            comment=row.comment,
            language=row.language,
            at=row.confirmed_at,
            survey_id=row.survey_id,
        )
        for row in rows
        if row.customer_id and row.confirmed_at and row.score is not None
    }


def responses_behind(source_keys: Collection[str]) -> Mapping[str, Response]:
    """The answers that follow-ups came from, by the follow-ups' source_key."""
    ids = {
        int(key.removeprefix("response:"))
        for key in source_keys
        if key.startswith("response:")
    }
    return {f"response:{pk}": row for pk, row in Response.objects.in_bulk(ids).items()}
