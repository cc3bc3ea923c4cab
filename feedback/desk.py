"""What this app adds to the pages of the desk: see `crm/page_parts`."""

from dataclasses import replace
from datetime import datetime

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from psycopg import sql

from crm import selectors as crm
from crm.access import Capability
from crm.models import Customer
from crm.page_parts import (
    MOST_COUNTED,
    Count,
    MenuLine,
    ReplySource,
    ReplyStart,
    Tab,
    Task,
    TimelineEntry,
    TimelineSource,
    TodayItems,
    register,
)
from crm.request_context import RequestContext
from feedback.models import Review
from web.spans import since, span

# --- Timeline ------------------------------------------------------------------------


def _reviews(
    context: RequestContext, customer: Customer, moments: dict[int, datetime]
) -> dict[int, TimelineEntry]:
    rows = Review.objects.select_related("product").filter(pk__in=moments)
    return {row.pk: _review(context, row) for row in rows}


def _review(context: RequestContext, row: Review) -> TimelineEntry:
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
        reply_url=(
            reverse("support:reply-to", args=["review", row.pk])
            if context.can(Capability.REPLY)
            else ""
        ),
    )


# --- Mails about reviews -------------------------------------------------------------


def _reply_start(pk: int) -> ReplyStart | None:
    """With what they wrote."""
    row = Review.objects.select_related("customer").filter(pk=pk).first()
    if row is None or not row.customer.is_live:
        return None
    with translation.override(row.customer.language or crm.business().language):
        subject = _("About your review")
    return ReplyStart(
        customer=row.customer,
        subject=subject,
        words=row.body,
        written_at=row.written_at,
    )


# --- Reviews that wait to be read ----------------------------------------------------


def _held_rows(context: RequestContext) -> sql.Composable:
    return sql.SQL("SELECT 1 FROM feedback_review WHERE state = 'held'")


def _held(context: RequestContext, tab: Tab) -> list[Task]:
    """One item however many there are."""
    rows = Review.objects.filter(state="held").order_by("written_at", "id")
    written = list(rows.values_list("written_at", flat=True)[:MOST_COUNTED])
    if not written:
        return []
    n, url = len(written), reverse("feedback:review-list")
    return [
        Task(
            key="reviews",
            icon="star",
            tone="off",
            due_on=context.today,
            is_now=True,
            who=ngettext("%(n)s review", "%(n)s reviews", n) % {"n": n},
            url=url,
            why=_("Held until a person has read them. Oldest %(span)s.")
            % {"span": span(context.now - written[0])},
            due=since(written[0], context.now),
            action=_("Read them"),
            action_url=url,
        )
    ]


# --- Parts ---------------------------------------------------------------------------

_HELD = Count(rows=_held_rows, capability=Capability.MODERATE_REVIEWS)

register(
    TimelineSource(
        name="review",
        order=5,
        table="feedback_review",
        at=sql.Identifier("written_at"),
        filter="answers",
        read=_reviews,
    ),
    ReplySource(
        name="review",
        order=30,
        capability=Capability.SEE_REVIEWS,
        read=_reply_start,
    ),
    TodayItems(
        name="held_reviews",
        order=30,
        capability=Capability.MODERATE_REVIEWS,
        count=replace(_HELD, most=1),
        read=_held,
    ),
    MenuLine(
        name="reviews",
        order=60,
        capability=Capability.SEE_REVIEWS,
        label=gettext_lazy("Reviews"),
        icon="star",
        url_name="feedback:review-list",
        group="listen",
        counts=(_HELD,),
    ),
)
