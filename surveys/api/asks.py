"""Other programs say whom a survey is to ask."""

from datetime import datetime
from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from crm import selectors as crm
from surveys.models import AskRequest, Survey
from surveys.services import requests
from web.api import pages
from web.api.fields import ErrorOut, StrictSerializer, Text
from web.api.views import ApiView
from web.errors import NotFound

EXAMPLE = OpenApiExample(
    "After a repair",
    request_only=True,
    value={"customer_id": "C-1001", "key": "repair-2027-118"},
)


class AskIn(StrictSerializer):
    """Whom to ask, and the key that makes twice once."""

    # The customer's external id.
    customer_id = Text(max_length=120, allow_blank=False)
    source = Text(  # type: ignore[assignment] # a field named as an attribute of DRF's
        max_length=40, required=False, default="main", allow_blank=False
    )
    # What it is about, in the words of the program: the same one twice asks once.
    key = Text(max_length=100, allow_blank=False)


class AskOut(serializers.ModelSerializer[AskRequest]):
    """A request to ask somebody, and what became of it."""

    survey = serializers.IntegerField(source="survey_id")
    customer = serializers.IntegerField(source="customer_id")
    # "waiting" until the automation has looked; then the state of its mail.
    state = serializers.SerializerMethodField()
    reason = serializers.SerializerMethodField()

    class Meta:
        model = AskRequest
        fields = ("id", "survey", "customer", "key", "requested_at", "state", "reason")

    def get_state(self, row: AskRequest) -> str:
        return requests.outcome(row)[0]

    def get_reason(self, row: AskRequest) -> str:
        return requests.outcome(row)[1]


class Asks(ApiView):
    """Requests to ask customers: make one."""

    scopes: ClassVar = {"POST": "asks:write"}

    @extend_schema(
        operation_id="v1_surveys_asks_create",
        parameters=[pages.PATH_ID],
        request=AskIn,
        responses={200: AskOut, 201: AskOut, 404: ErrorOut, 409: ErrorOut},
        examples=[EXAMPLE],
    )
    def post(self, request: Request, pk: int) -> Response:
        """Ask this customer this survey at the next hour of its automation, within its
        limits. With a `key` of the last 400 days, what became of that."""
        form = AskIn(data=request.data)
        form.is_valid(raise_exception=True)
        row, is_new = _asked(pk, form.validated_data, timezone.now())
        return Response(
            AskOut(row).data,
            status=status.HTTP_201_CREATED if is_new else status.HTTP_200_OK,
        )


def _asked(pk: int, given: dict[str, Any], now: datetime) -> tuple[AskRequest, bool]:
    survey = Survey.objects.filter(pk=pk).first()
    if survey is None:
        raise NotFound
    _named, customer = crm.record_and_kept(
        source=given["source"], external_id=given["customer_id"]
    )
    if customer is None:
        raise NotFound(fields={"customer_id": "unknown"})
    return requests.ask(survey, customer=customer, key=given["key"], now=now)
