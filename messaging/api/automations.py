"""Automations with their steps and who is under way, and the calendar of mails.

Read, and switched on and off. What they say and to whom is edited by people, who see a
preview and a number first.
"""

from typing import ClassVar

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from crm import selectors as crm
from crm.api.idempotency import idempotent
from messaging.api.automation_serializers import (
    AutomationOut,
    AutomationSwitch,
    CalendarOut,
    RunOut,
)
from messaging.models import Automation, ForecastDay, Run
from messaging.rules.choices import RunState
from messaging.selectors.forecasts import kept
from messaging.services import automations
from messaging.services.forecast_mails import DAYS, span
from web.api import pages
from web.api.fields import ErrorOut
from web.api.views import ApiView, parsed

_STATES = [state.value for state in RunState]


def _automation(pk: int) -> Automation:
    return get_object_or_404(Automation.objects.prefetch_related("steps"), pk=pk)


class AutomationCollection(ApiView):
    """All automations: list them."""

    scopes: ClassVar = {"GET": "automations:read"}

    @extend_schema(
        parameters=pages.PARAMETERS,
        operation_id="v1_automations_list",
        responses=pages.page_of(AutomationOut),
    )
    def get(self, request: Request) -> Response:
        """Automations with their steps, archived ones too, by their ids."""
        pages.only(request)
        rows = Automation.objects.prefetch_related("steps")
        return Response(pages.page(request, rows, AutomationOut))


class AutomationDetail(ApiView):
    """One automation: read it, switch it on or off."""

    scopes: ClassVar = {"GET": "automations:read", "PATCH": "automations:switch"}

    @extend_schema(
        responses={200: AutomationOut, 404: ErrorOut}, parameters=[pages.PATH_ID]
    )
    def get(self, request: Request, pk: int) -> Response:
        """One automation with its steps."""
        return Response(AutomationOut(_automation(pk)).data)

    @extend_schema(
        request=AutomationSwitch,
        responses={200: AutomationOut, 404: ErrorOut, 409: ErrorOut},
        parameters=[pages.PATH_ID],
    )
    @idempotent
    def patch(self, request: Request, pk: int) -> Response:
        """Switch it on or off; the state is named, so that twice is once.

        Off: nothing more is planned, and what waits does not go. On: what was due
        before is not sent. An archived one stays off, and a campaign is started by
        people.
        """
        given, now = parsed(AutomationSwitch, request), timezone.now()
        switch = automations.switch_on if given["is_on"] else automations.switch_off
        switch(_automation(pk), now=now)
        return Response(AutomationOut(_automation(pk)).data)


class AutomationRuns(ApiView):
    """Who is or was under way in an automation: list them."""

    scopes: ClassVar = {"GET": "automations:read"}

    @extend_schema(
        parameters=[
            pages.PATH_ID,
            *pages.PARAMETERS,
            OpenApiParameter("state", str, enum=_STATES),
            pages.id_parameter("customer", "Only those of this one."),
        ],
        operation_id="v1_automations_runs",
        responses={200: pages.page_of(RunOut), 400: ErrorOut, 404: ErrorOut},
    )
    def get(self, request: Request, pk: int) -> Response:
        """Who is or was under way in an automation of several steps, by their ids."""
        pages.only(request, "state", "customer")
        rows = Run.objects.filter(automation=_automation(pk))
        state = request.query_params.get("state")
        if state is not None:
            if state not in _STATES:
                raise ValidationError({"state": ["This is not a state."]})
            rows = rows.filter(state=state)
        if customer := pages.whole_number(request, "customer", 0, least=1):
            rows = rows.filter(customer=customer)
        return Response(pages.page(request, rows, RunOut))


class Calendar(ApiView):
    """What is planned for the days ahead: read it."""

    scopes: ClassVar = {"GET": "automations:read"}

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "days", int, description=f"How many from today on; {DAYS} at most."
            ),
            pages.id_parameter("automation", "Only mails of this one."),
        ],
        operation_id="v1_calendar",
        responses={200: CalendarOut, 400: ErrorOut},
    )
    def get(self, request: Request) -> Response:
        """How many mails of each automation are due on each of the next days, and what
        becomes of them as things stand."""
        if wrong := {*request.query_params} & {"after", "limit"}:
            raise ValidationError(dict.fromkeys(wrong, ["This is not a filter here."]))
        pages.only(request, "days", "automation")
        now = timezone.now()
        days = pages.whole_number(request, "days", DAYS, least=1, most=DAYS)
        automation = pages.whole_number(request, "automation", 0, least=1)
        with kept(None, now=now) as look:
            rows = ForecastDay.objects.filter(
                forecast=look.found, day__range=span(crm.business(), now, days)
            )
            if automation:
                rows = rows.filter(automation=automation)
            found = CalendarOut(
                {
                    "made_at": look.found.made_at if look.found else None,
                    "is_stale": look.is_stale or look.found is None,
                    "days": rows.order_by("day", "automation", "id"),
                }
            ).data
        return Response(found)
