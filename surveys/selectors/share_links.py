"""Links that everybody may open, as their pages need them."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import QueryDict

from surveys.choices import ResponseState
from surveys.models import Response, ShareLink, Survey
from surveys.selectors.narrowing import CameBy
from surveys.services import limits


def share_links(survey: Survey) -> QuerySet[ShareLink]:
    """Of a survey, the newest first, each with `answers`: how many came by it."""
    counted = (
        Response.objects.filter(
            link=OuterRef("pk"), state=ResponseState.CONFIRMED.value
        )
        .order_by()
        .values("link")
        .annotate(number=Count("pk"))
        .values("number")
    )
    return (
        ShareLink.objects.filter(survey=survey)
        .annotate(answers=Coalesce(Subquery(counted), 0))
        .order_by("-pk")
    )


def ways(survey: Survey) -> list[tuple[CameBy, str]]:
    """By which links answers of a survey may have come, and with which of the values
    that staff listed, each with its words: "Shop", "Shop, till=2"."""
    found: list[tuple[CameBy, str]] = []
    links = ShareLink.objects.filter(survey=survey).order_by("name", "pk")
    for pk, called, declared in links.values_list("pk", "name", "declared"):
        found.append((CameBy(pk), called))
        found += [
            (CameBy(pk, name, value), f"{called}, {name}={value}")
            for name, values in declared.items()
            for value in values
        ]
    return found


def open_link(token: str) -> ShareLink | None:
    """With its survey; None where nothing was published under it."""
    return (
        ShareLink.objects.select_related("survey")
        .filter(token=token, survey__live_version__isnull=False)
        .first()
    )


def takes_answers(link: ShareLink, now: datetime) -> bool:
    """Whether somebody may still begin to answer by it: it is open, and its survey has
    not ended."""
    is_over = link.closes_at is not None and now >= link.closes_at
    return link.is_open and not is_over and not limits.over([link.survey_id], now=now)


def answer_of(link: ShareLink, respondent: UUID) -> Response | None:
    """What somebody has answered by it so far."""
    return Response.objects.filter(link=link, respondent=respondent).first()


def declared_in(link: ShareLink, query: QueryDict) -> Mapping[str, str]:
    """What the address says besides, of the names and values that staff listed.
    Two different values count as none."""
    found = {}
    for name, values in link.declared.items():
        said = set(query.getlist(name))
        if len(said) == 1 and said <= set(values):
            found[name] = said.pop()
    return found
