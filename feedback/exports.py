"""What feedback lets people take along: see crm/datasets.py."""

from collections.abc import Iterable, Sequence

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from crm.datasets import Cell, Dataset, Filters, register
from feedback.models import Review


def _reviews(filters: Filters) -> "QuerySet[Review]":
    rows = Review.objects.select_related(
        "customer", "product", "request__order", "moderated_by"
    )
    return rows.filter(state=filters["state"]) if filters.get("state") else rows


def _review_cells(reviews: Sequence[Review]) -> Iterable[dict[str, Cell]]:
    for review in reviews:
        yield {
            "customer_id": review.customer.external_id,
            "source": review.customer.source,
            "order_id": review.request.order.external_id,
            "sku": review.product.sku if review.product else "",
            "stars": review.stars,
            "body": review.body,
            "name_shown": review.name_shown,
            "language": review.language,
            "state": review.state,
            "held_reason": review.held_reason,
            "written_at": review.written_at,
            "edited_at": review.edited_at,
            "published_at": review.published_at,
            "moderated_at": review.moderated_at,
            "moderated_by": review.moderated_by.email if review.moderated_by else "",
            "moderation_note": review.moderation_note,
        }


register(
    Dataset(
        name="reviews",
        label=_("Reviews"),
        order=55,
        columns=(
            *("customer_id", "source", "order_id", "sku", "stars", "body"),
            *("name_shown", "language", "state", "held_reason", "written_at"),
            *("edited_at", "published_at", "moderated_at", "moderated_by"),
            "moderation_note",
        ),
        rows=_reviews,
        cells=_review_cells,
        takes=lambda: {"state"},
    )
)
