"""Read figures: the same functions as the pages and the report command."""

from datetime import date
from typing import ClassVar

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from crm import selectors as crm
from insights import reports
from insights.api.serializers import ReportOut
from insights.report_asks import BY, Ask
from web.api import pages
from web.api.fields import ErrorOut
from web.api.views import ApiView

_NAMES = sorted(reports.REPORTS)


class Report(ApiView):
    """One report of Insights: read it."""

    scopes: ClassVar = {"GET": "insights:read"}

    @extend_schema(
        parameters=[
            OpenApiParameter("name", str, OpenApiParameter.PATH, enum=_NAMES),
            OpenApiParameter("from", date, description="The first day of the span."),
            OpenApiParameter("to", date, description="The last day of the span."),
            OpenApiParameter("by", str, enum=list(BY)),
            pages.id_parameter("segment", "Only of the people in this segment."),
        ],
        operation_id="v1_insights_report",
        responses={200: ReportOut, 400: ErrorOut, 404: ErrorOut},
    )
    def get(self, request: Request, name: str) -> Response:
        """The figures of one report, each with its base, doubt and reason."""
        if name not in reports.REPORTS:
            raise Http404
        pages.only(request, "from", "to", "by", "segment")
        for unused in ("after", "limit"):
            if unused in request.query_params:
                raise ValidationError({unused: ["This is not a filter here."]})
        now = timezone.now()
        ask = Ask(
            now=now,
            today=crm.business().day(now),
            first=_day(request, "from"),
            last=_day(request, "to"),
            by=request.query_params.get("by", "all"),
            segment=pages.whole_number(request, "segment", 0, least=1) or None,
        )
        found = reports.report(name, ask)
        told = [one.as_data() for one in found.figures]
        return Response({"name": name, "counted_at": found.counted_at, "figures": told})


def _day(request: Request, name: str) -> date | None:
    typed = request.query_params.get(name)
    if typed is None:
        return None
    try:
        day = date.fromisoformat(typed)
    except ValueError as error:
        raise ValidationError({name: ["Send a day, such as 2026-03-31."]}) from error
    if not 1990 <= day.year < 9000:
        raise ValidationError({name: ["This day is too far away."]})
    return day
