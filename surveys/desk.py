"""What this app adds to the pages of the desk: see `crm/page_parts.py`."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from psycopg import sql

from crm.models import Customer
from crm.page_parts import TimelineEntry, TimelineFilter, TimelineSource, register
from crm.request_context import RequestContext
from surveys.models import Response


def _responses(
    reader: RequestContext, customer: Customer, moments: dict[int, datetime]
) -> dict[int, TimelineEntry]:
    rows = Response.objects.select_related("survey").filter(pk__in=moments)
    return {row.pk: _response(row, moments[row.pk]) for row in rows}


def _response(row: Response, at: datetime) -> TimelineEntry:
    return TimelineEntry(
        key=f"response-{row.pk}",
        icon="chat",
        heading=_("Answered %(score)s of 10") % {"score": row.score},
        at=at,
        tail=_("to “%(survey)s”") % {"survey": row.survey.name},
        quote=row.comment,
        quote_lang=row.language,
        note=_("Changed by the customer.") if row.version > 1 else "",
    )


register(
    TimelineFilter(name="answers", order=4, label=gettext_lazy("Answers")),
    TimelineSource(
        name="response",
        order=4,
        table="surveys_response",
        at=sql.Identifier("confirmed_at"),
        # A provisional answer counts nowhere until a person confirms it.
        only="AND confirmed_at IS NOT NULL",
        filter="answers",
        read=_responses,
    ),
)
