"""Read the contact ledger: what was planned, sent or not, and why."""

from typing import ClassVar

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from crm.rest import pages
from crm.rest.fields import ErrorOut
from messaging.api.serializers import STATES, MessageOut
from messaging.models import Message
from messaging.selectors import outbox


class MessageCollection(APIView):
    scopes: ClassVar = {"GET": "messages:read"}

    @extend_schema(
        parameters=[
            OpenApiParameter("after", int),
            OpenApiParameter("limit", int),
            OpenApiParameter("customer", int),
            OpenApiParameter("state", str, enum=STATES),
        ],
        responses={200: MessageOut(many=True), 400: ErrorOut},
    )
    def get(self, request: Request) -> Response:
        """Messages in the order of their ids."""
        pages.only(request, "customer", "state")
        rows = Message.objects.all()
        customer = pages.whole_number(request, "customer", 0, 2**63 - 1)
        if customer:
            rows = rows.filter(customer_id=customer)
        state = request.query_params.get("state")
        if state is not None:
            if state not in STATES:
                raise ValidationError({"state": ["This is not a state."]})
            rows = outbox.in_state(rows, state)
        return Response(pages.page(request, rows, MessageOut))


class MessageDetail(APIView):
    scopes: ClassVar = {"GET": "messages:read"}

    @extend_schema(responses={200: MessageOut, 404: ErrorOut})
    def get(self, request: Request, pk: int) -> Response:
        """One message with its reason."""
        return Response(MessageOut(get_object_or_404(Message, pk=pk)).data)
