"""Segments on the timeline of a customer: when they came into one and left it."""

from datetime import datetime

from django.utils.translation import gettext as _
from psycopg import sql

from crm.models import Customer, SegmentEvent
from crm.page_parts import TimelineEntry, TimelineSource
from crm.request_context import RequestContext
from crm.rules.choices import SegmentMove


def _moves(
    context: RequestContext, customer: Customer, moments: dict[int, datetime]
) -> dict[int, TimelineEntry]:
    rows = SegmentEvent.objects.select_related("segment").filter(pk__in=moments)
    return {row.pk: _entry(row) for row in rows}


def _entry(row: SegmentEvent) -> TimelineEntry:
    came = row.move == SegmentMove.ENTERED.value
    words = _("Came into “%(segment)s”") if came else _("Left “%(segment)s”")
    return TimelineEntry(
        key=f"segment-{row.pk}",
        icon="people",
        heading=words % {"segment": row.segment},
        at=row.at,
    )


SEGMENT_MOVES = TimelineSource(
    name="segment_move",
    order=20,
    table="crm_segmentevent",
    at=sql.Identifier("at"),
    filter="",
    read=_moves,
)
