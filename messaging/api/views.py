"""Read the contact ledger: what was planned, sent or not, and why."""

from typing import ClassVar

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from crm import selectors as crm
from messaging.api.serializers import STATES, HoldoutOut, MessageOut
from messaging.models import Automation, Message
from messaging.selectors import holdout, outbox
from web.api import pages
from web.api.fields import ErrorOut
from web.api.views import ApiView


class MessageCollection(ApiView):
    """All messages: list them."""

    scopes: ClassVar = {"GET": "messages:read"}

    @extend_schema(
        parameters=[
            *pages.PARAMETERS,
            pages.id_parameter("customer", "Only messages to this one."),
            OpenApiParameter("state", str, enum=STATES),
        ],
        operation_id="v1_messages_list",
        responses=pages.page_of(MessageOut),
    )
    def get(self, request: Request) -> Response:
        """Messages in the order of their ids."""
        pages.only(request, "customer", "state")
        rows = Message.objects.all()
        customer = pages.whole_number(request, "customer", 0, least=1)
        if customer:
            rows = rows.filter(customer_id=customer)
        state = request.query_params.get("state")
        if state is not None:
            if state not in STATES:
                raise ValidationError({"state": ["This is not a state."]})
            rows = outbox.in_state(rows, state)
        return Response(pages.page(request, rows, MessageOut))


class MessageDetail(ApiView):
    """One message: read it."""

    scopes: ClassVar = {"GET": "messages:read"}

    @extend_schema(
        responses={200: MessageOut, 404: ErrorOut}, parameters=[pages.PATH_ID]
    )
    def get(self, request: Request, pk: int) -> Response:
        """One message with its reason."""
        return Response(MessageOut(get_object_or_404(Message, pk=pk)).data)


class HoldoutReport(ApiView):
    """The comparison of an automation with those it holds out: read it."""

    scopes: ClassVar = {"GET": "insights:read"}

    @extend_schema(
        parameters=[
            pages.PATH_ID,
            OpenApiParameter("within", int, enum=list(holdout.WITHIN)),
        ],
        operation_id="v1_automations_holdout",
        responses={200: HoldoutOut, 400: ErrorOut, 404: ErrorOut},
    )
    def get(self, request: Request, pk: int) -> Response:
        """What an automation brings against those held out of it, in so many days.

        404 also where nobody was ever held out.
        """
        pages.only(request, "within")
        days = pages.whole_number(request, "within", holdout.DEFAULT_WITHIN)
        if days not in holdout.WITHIN:
            raise ValidationError({"within": ["This is not one of the choices."]})
        row = get_object_or_404(Automation, pk=pk)
        today = crm.business().day(timezone.now())
        report = holdout.report(row, days=days, today=today)
        if report is None:
            raise Http404
        return Response(report.as_data())
