"""What surveys let people take along: see crm/datasets.py."""

from collections.abc import Iterable, Mapping, Sequence

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from crm.datasets import Cell, Dataset, Filters, register
from surveys.choices import ResponseState
from surveys.forms import chosen_scores
from surveys.models import Answer, Response
from surveys.selectors.narrowing import came_by
from web.rules.numbers import whole_number


def _answers(filters: Filters) -> "QuerySet[Response]":
    """Confirmed answers: only those count anywhere."""
    rows = Response.objects.filter(state=ResponseState.CONFIRMED.value)
    if survey := filters.get("survey"):
        rows = rows.filter(survey=whole_number(survey))
    if scores := chosen_scores(filters.get("scores", "").split(",")):
        rows = rows.filter(score__in=scores)
    if way := came_by(filters.get("link", "")):
        rows = way.among(rows)
    return rows.select_related(
        "customer", "survey", "survey_version", "invitation__order"
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
        takes=lambda: {"survey", "scores", "link"},
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
