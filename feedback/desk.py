"""What this app adds to the pages of the desk: see `crm/page_parts.py`."""

from datetime import datetime

from django.utils.translation import gettext as _
from psycopg import sql

from crm.models import Customer
from crm.page_parts import TimelineEntry, TimelineSource, register
from crm.request_context import RequestContext
from feedback.models import Review


def _reviews(
    reader: RequestContext, customer: Customer, moments: dict[int, datetime]
) -> dict[int, TimelineEntry]:
    rows = Review.objects.select_related("product").filter(pk__in=moments)
    return {row.pk: _review(row) for row in rows}


def _review(row: Review) -> TimelineEntry:
    state, tone = {
        "published": (_("Public"), "good"),
        "rejected": (_("Not published"), "off"),
        "withdrawn": (_("Withdrawn"), "off"),
    }.get(row.state, (_("Waiting to be read"), "warn"))
    return TimelineEntry(
        key=f"review-{row.pk}",
        icon="star",
        heading=_("Review: %(stars)s of 5 stars") % {"stars": row.stars},
        at=row.written_at,
        tail=_("of %(product)s") % {"product": row.product} if row.product else "",
        badge=state,
        badge_tone=tone,
        quote=row.body,
        quote_lang=row.language,
        note=_("Changed by the customer.") if row.edited_at else "",
    )


register(
    TimelineSource(
        name="review",
        order=5,
        table="feedback_review",
        at=sql.Identifier("written_at"),
        filter="answers",
        read=_reviews,
    ),
)
