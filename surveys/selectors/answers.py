"""The answers themselves, newest first, and the doors for the pages above."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Q, QuerySet

from surveys.choices import ResponseState
from surveys.models import Response, Survey

PAGE = 50


@dataclass(frozen=True)
class AnswerPlace:
    """Where a page of answers begins or ends: (confirmed_at, id)."""

    at: datetime
    id: int

    def __str__(self) -> str:
        return f"{self.at.isoformat()}_{self.id}"

    @classmethod
    def read(cls, text: str) -> "AnswerPlace | None":
        """From a query string; None for anything that is no place."""
        at, _, pk = text.rpartition("_")
        if not (pk.isascii() and pk.isdigit() and len(pk) <= 18):
            return None
        try:
            moment = datetime.fromisoformat(at)
            # In UTC here: at the ends of time the database would refuse to shift it.
            return cls(moment.astimezone(UTC), int(pk)) if moment.tzinfo else None
        except (ValueError, OverflowError):
            return None


@dataclass(frozen=True)
class AnswersPage:
    answers: list[Response]
    newer: AnswerPlace | None
    older: AnswerPlace | None


@dataclass(frozen=True)
class LatestScore:
    score: int
    comment: str
    language: str
    at: datetime
    survey_id: int


def answers_page(
    survey: Survey,
    *,
    scores: Collection[int] = (),
    older_than: AnswerPlace | None = None,
    newer_than: AnswerPlace | None = None,
) -> AnswersPage:
    """One page by keyset; without a place the newest."""
    rows = Response.objects.filter(
        survey=survey, state=ResponseState.CONFIRMED.value
    ).select_related("customer")
    if scores:
        rows = rows.filter(score__in=scores)
    if newer_than is not None:
        return _newer_page(rows, newer_than)
    if older_than is not None:
        rows = rows.filter(_beyond(older_than, "lt"))
    found = list(rows.order_by("-confirmed_at", "-id")[: PAGE + 1])
    shown = found[:PAGE]
    return AnswersPage(
        answers=shown,
        newer=_place(shown[0]) if shown and older_than else None,
        older=_place(shown[-1]) if len(found) > PAGE else None,
    )


def _newer_page(rows: QuerySet[Response], place: AnswerPlace) -> AnswersPage:
    nearest = rows.filter(_beyond(place, "gt")).order_by("confirmed_at", "id")
    found = list(nearest[: PAGE + 1])
    shown = list(reversed(found[:PAGE]))
    return AnswersPage(
        answers=shown,
        newer=_place(shown[0]) if len(found) > PAGE else None,
        older=_place(shown[-1]) if shown else None,
    )


def _beyond(place: AnswerPlace, side: str) -> Q:
    same_moment = Q(confirmed_at=place.at, **{f"id__{side}": place.id})
    return Q(**{f"confirmed_at__{side}": place.at}) | same_moment


def _place(response: Response) -> AnswerPlace:
    if response.confirmed_at is None:
        raise ValueError("A provisional answer has no place in the list.")
    return AnswerPlace(response.confirmed_at, response.pk)


def latest_scores(customer_ids: Collection[int]) -> dict[int, LatestScore]:
    """The last confirmed answer of each of these customers, by customer id."""
    rows = (
        Response.objects.filter(
            customer__in=customer_ids, state=ResponseState.CONFIRMED.value
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
        if row.confirmed_at is not None
    }


def responses_behind(source_keys: Collection[str]) -> Mapping[str, Response]:
    """The answers that follow-ups came from, by the follow-ups' source_key."""
    ids = {
        int(key.removeprefix("response:"))
        for key in source_keys
        if key.startswith("response:")
    }
    return {f"response:{pk}": row for pk, row in Response.objects.in_bulk(ids).items()}
