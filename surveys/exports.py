"""What surveys let people take along: see crm/datasets.py."""

from collections.abc import Iterable, Mapping, Sequence

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm import selectors as crm
from crm.access import Capability
from crm.datasets import Cell, Dataset, Filters, address_of, line_each, register
from crm.rules import dates
from surveys.choices import ResponseState
from surveys.forms import (
    LISTED_STATES,
    chosen_days,
    chosen_scores,
    chosen_state,
)
from surveys.models import (
    Answer,
    AskRequest,
    Invitation,
    Response,
    ShareLink,
    Survey,
    Theme,
)
from surveys.selectors.asked import WENT_OUT, who_was_asked
from surveys.selectors.confidence import Confidence
from surveys.selectors.counts import moments_of
from surveys.selectors.narrowing import answers_to, narrowing
from surveys.selectors.requests import rows_of
from surveys.selectors.responses import listed
from web.rules.numbers import whole_number


def _answers(filters: Filters) -> "QuerySet[Response]":
    """Those of the list of a survey, as it is narrowed; without one all that count."""
    if survey := filters.get("survey"):
        rows = _of_list(whole_number(survey) or 0, filters)
    else:
        rows = Response.objects.filter(state=ResponseState.CONFIRMED.value)
    return rows.select_related(
        "customer", "survey", "survey_version", "invitation__order"
    )


def _of_list(survey: int, filters: Filters) -> "QuerySet[Response]":
    """Whoever may export sees whose answers are confidential."""
    business, now = crm.business(), timezone.now()
    days = chosen_days(filters.get("from", ""), filters.get("to", ""))
    zone = dates.zone_of(business.time_zone, "UTC")
    return listed(
        survey,
        scores=chosen_scores(filters.get("scores", "").split(",")),
        narrowed=answers_to(
            filters, today=business.day(now), confidence=Confidence.BY_NAME
        ),
        state=chosen_state(filters),
        between=moments_of(*days, zone) if days else None,
    )


def _answer_cells(answers: Sequence[Response]) -> Iterable[dict[str, Cell]]:
    for answer in answers:
        invitation, customer = answer.invitation, answer.customer
        order = invitation.order if invitation else None
        yield {
            "customer_id": customer.external_id if customer else "",
            "source": customer.source if customer else "",
            "survey": answer.survey.name,
            "order_id": order.external_id if order else "",
            "score": answer.score,
            "comment": answer.comment,
            "language": answer.language,
            "invited_at": invitation.invited_at if invitation else None,
            "answered_at": answer.confirmed_at,
            "answer_id": answer.pk,
            "channel": answer.channel,
            "scale": answer.scale,
            "version": answer.survey_version.number,
            "country": answer.country,
            "declared": _declared(answer.declared),
            "completed_at": answer.completed_at,
        }


def _declared(values: Mapping[str, str]) -> str:
    """till=2; in the order of their names."""
    return "; ".join(f"{name}={value}" for name, value in sorted(values.items()))


def _further(filters: Filters) -> "QuerySet[Answer]":
    """What was answered beside the score, of the answers that count."""
    rows = Answer.objects.filter(response__state=ResponseState.CONFIRMED.value)
    if survey := filters.get("survey"):
        rows = rows.filter(response__survey=whole_number(survey))
    return rows.select_related("response__survey")


def _further_cells(answers: Sequence[Answer]) -> Iterable[dict[str, Cell]]:
    for answer in answers:
        yield {
            "answer_id": answer.response_id,
            "survey": answer.response.survey.name,
            "question": answer.question,
            "kind": answer.kind,
            "number": answer.number,
            "choices": "; ".join(answer.choices),
            "text": answer.text,
            "day": answer.day,
            "answered_at": answer.response.confirmed_at,
        }


def _asked(filters: Filters) -> "QuerySet[Invitation]":
    """Whom a survey asked by mail, as its page narrows them; without one, everybody
    whom any asked."""
    rows: QuerySet[Invitation] = Invitation.objects.filter(message__state__in=WENT_OUT)
    if asked := filters.get("survey"):
        survey = Survey.objects.filter(pk=whole_number(asked) or 0).first()
        rows = (
            who_was_asked(
                survey,
                now=timezone.now(),
                narrowed=narrowing(filters),
                has_answered={"1": True, "0": False}.get(filters.get("answered", "")),
            )
            if survey
            else Invitation.objects.none()
        )
    return rows.select_related("customer", "survey")


def _requests(filters: Filters) -> "QuerySet[AskRequest]":
    rows = AskRequest.objects.select_related("customer", "survey")
    survey = filters.get("survey")
    return rows.filter(survey=whole_number(survey)) if survey else rows


def _links(filters: Filters) -> "QuerySet[ShareLink]":
    rows = ShareLink.objects.select_related("survey", "made_by")
    survey = filters.get("survey")
    return rows.filter(survey=whole_number(survey)) if survey else rows


def _request_cells(requests: Sequence[AskRequest]) -> Iterable[dict[str, Cell]]:
    for row in rows_of(requests, now=timezone.now()):
        request = row.request
        yield {
            "customer_id": request.customer.external_id,
            "source": request.customer.source,
            "survey": request.survey.name,
            "key": request.key,
            "requested_at": request.requested_at,
            "state": row.chip,
            "is_answered": row.is_answered,
            "reason": str(row.reason),
        }


register(
    Dataset(
        name="answers",
        label=_("Answers to surveys"),
        order=50,
        columns=(
            *("customer_id", "source", "survey", "order_id", "score", "comment"),
            *("language", "invited_at", "answered_at", "answer_id", "channel"),
            *("scale", "version", "country", "declared", "completed_at"),
        ),
        rows=_answers,
        cells=_answer_cells,
        takes=lambda: {
            *("survey", "scores", "from", "to", *LISTED_STATES),
            *("segment", "link", "by", "value", "question", "choice", "scale"),
        },
    )
)
register(
    Dataset(
        name="further_answers",
        label=_("Answers to further questions of surveys"),
        order=51,
        columns=(
            *("answer_id", "survey", "question", "kind", "number", "choices"),
            *("text", "day", "answered_at"),
        ),
        rows=_further,
        cells=_further_cells,
        takes=lambda: {"survey"},
    )
)
_SEES = frozenset({Capability.SEE_SURVEYS})
register(
    line_each(
        "surveys",
        _("Surveys"),
        49,
        rows=lambda filters: Survey.objects.select_related("live_version"),
        columns={
            "survey": "name",
            "kind": "kind",
            "state": "state",
            "version": lambda row: row.live_version and row.live_version.number,
            "valid_days": "valid_days",
            "sample_percent": "sample_percent",
            "ends_on": "ends_on",
            "ends_after": "ends_after",
            "archived_at": "archived_at",
        },
        needs=_SEES,
    ),
    line_each(
        "asked",
        _("Whom surveys asked"),
        52,
        rows=_asked,
        columns={
            "customer_id": "customer.external_id",
            "source": "customer.source",
            "survey": "survey.name",
            "invited_at": "invited_at",
            "expires_at": "expires_at",
            "state": "state",
        },
        takes=lambda: {"survey", "answered", "segment", "link", "by", "value"},
        needs=_SEES | {Capability.SEE_NOTES, Capability.SEE_CONFIDENTIAL},
    ),
    Dataset(
        name="survey-requests",
        label=_("Whom other programs asked for"),
        order=53,
        columns=(
            *("customer_id", "source", "survey", "key", "requested_at", "state"),
            *("is_answered", "reason"),
        ),
        rows=_requests,
        cells=_request_cells,
        takes=lambda: {"survey"},
        needs=frozenset({Capability.EDIT_AUTOMATIONS}),
    ),
    line_each(
        "survey-links",
        _("Links and codes of surveys"),
        54,
        rows=_links,
        columns={
            "survey": "survey.name",
            "link": "name",
            "declared": lambda row: "; ".join(
                f"{name}={','.join(words)}" for name, words in row.declared.items()
            ),
            "language": "language",
            "is_open": "is_open",
            "closes_at": "closes_at",
            "made_at": "made_at",
            "colleague": lambda row: address_of(row.made_by),
        },
        takes=lambda: {"survey"},
        needs=_SEES,
    ),
    line_each(
        "themes",
        _("Themes of comments"),
        100,
        rows=lambda filters: Theme.objects.all(),
        columns={
            "theme": "name",
            "keywords": lambda row: "; ".join(row.keywords),
            "archived_at": "archived_at",
        },
        needs=frozenset({Capability.EDIT_AUTOMATIONS}),
    ),
)
