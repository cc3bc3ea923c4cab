"""What surveys let people take along: see crm/datasets.py."""

from collections.abc import Iterable, Sequence

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from crm.datasets import Cell, Dataset, Filters, register
from surveys.choices import ResponseState
from surveys.forms import chosen_scores
from surveys.models import Response
from web.rules.numbers import whole_number


def _answers(filters: Filters) -> "QuerySet[Response]":
    """Confirmed answers: only those count anywhere."""
    rows = Response.objects.filter(state=ResponseState.CONFIRMED.value)
    if survey := filters.get("survey"):
        rows = rows.filter(survey=whole_number(survey))
    if scores := chosen_scores(filters.get("scores", "").split(",")):
        rows = rows.filter(score__in=scores)
    return rows.select_related("customer", "survey", "invitation__order")


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
        }


register(
    Dataset(
        name="answers",
        label=_("Answers to surveys"),
        order=50,
        columns=(
            *("customer_id", "source", "survey", "order_id", "score", "comment"),
            *("language", "invited_at", "answered_at"),
        ),
        rows=_answers,
        cells=_answer_cells,
        takes=lambda: {"survey", "scores"},
    )
)
