"""Contracts over the API: start one, and say what happened to it."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.db import transaction
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from crm import selectors
from crm.api import examples
from crm.api.idempotency import idempotent
from crm.api.views import ETAG, IF_MATCH
from crm.models import Subscription
from crm.services import merge_notes, subscription_values, subscriptions
from web.api import pages, preconditions
from web.api.fields import (
    Day,
    ErrorOut,
    ExactDecimalField,
    StrictSerializer,
    Text,
    WholeNumber,
)
from web.api.views import ApiView, parsed
from web.errors import NotFound, StaleVersion
from web.rules import money
from web.rules.numbers import LARGEST_ID

_WRITE: dict[str, str] = {"POST": "subscriptions:write"}


class SubscriptionOut(serializers.ModelSerializer[Subscription]):
    """A contract as the API gives it; `value` is per month."""

    customer = serializers.IntegerField(source="customer_id")
    value = serializers.SerializerMethodField("get_amount")

    class Meta:
        model = Subscription
        fields = (
            *("id", "source", "external_id", "customer", "plan", "currency", "value"),
            *("state", "started_on", "renewed_on", "cancelled_on", "reason"),
            *("created_at", "updated_at", "version"),
        )

    def get_amount(self, row: Subscription) -> str:
        """A month's, as text, with the places of its currency."""
        return str(money.round_money(row.value, row.currency))


class SubscriptionIn(StrictSerializer):
    """A contract to begin."""

    source = Text(  # type: ignore[assignment] # a field named as an attribute of DRF's
        max_length=subscription_values.MOST_SOURCE,
        required=False,
        default="main",
        allow_blank=False,
    )
    external_id = Text(max_length=subscription_values.MOST_ID, allow_blank=False)
    customer = WholeNumber(min_value=1, max_value=LARGEST_ID)
    plan = Text(max_length=subscription_values.MOST_PLAN, allow_blank=False)
    value = ExactDecimalField()
    currency = Text(max_length=3, required=False, default="")
    started_on = Day()


class DayIn(StrictSerializer):
    """The day of a change; `version`: only if the contract is still this one."""

    on = Day()
    version = WholeNumber(min_value=1, max_value=2**31 - 1, required=False)


class ReasonIn(DayIn):
    """A day, and the reason in words."""

    reason = Text(
        max_length=subscription_values.MOST_REASON, required=False, default=""
    )


class TermsIn(DayIn):
    """A day, and the plan or monthly value from then on."""

    plan = Text(
        max_length=subscription_values.MOST_PLAN, required=False, allow_blank=False
    )
    value = ExactDecimalField(required=False)


class SubscriptionCollection(ApiView):
    """All contracts: list them, begin one."""

    scopes: ClassVar = {"GET": "subscriptions:read", **_WRITE}

    @extend_schema(
        parameters=[
            *pages.PARAMETERS,
            pages.id_parameter("customer", "Only contracts of this one."),
            OpenApiParameter("external_id", str),
        ],
        operation_id="v1_subscriptions_list",
        responses=pages.page_of(SubscriptionOut),
    )
    def get(self, request: Request) -> Response:
        """Contracts in the order of their ids, of one customer or of all."""
        pages.only(request, "customer", "external_id")
        rows = Subscription.objects.all()
        if external_id := request.query_params.get("external_id"):
            rows = rows.filter(external_id=external_id)
        if customer := pages.whole_number(request, "customer", 0, least=1):
            kept = selectors.live_record(customer)
            rows = rows.filter(customer_id=kept.pk if kept else customer)
        return Response(pages.page(request, rows, SubscriptionOut))

    @extend_schema(
        request=SubscriptionIn,
        responses={200: SubscriptionOut, 201: SubscriptionOut, 404: ErrorOut},
        parameters=[ETAG],
        examples=[examples.CONTRACT],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """A new contract; the same `external_id` of a source again is the same one, and
        a conflict where it began otherwise."""
        given = parsed(SubscriptionIn, request)
        named = given.pop("customer")
        customer = selectors.live_record(named)
        if customer is None:
            raise NotFound(fields={"customer": "unknown"})
        with transaction.atomic():
            row, is_new = subscriptions.start(
                customer=customer, now=timezone.now(), **given
            )
            merge_notes.arrived("contracts", row.pk, by=named)
        code = status.HTTP_201_CREATED if is_new else status.HTTP_200_OK
        return Response(SubscriptionOut(row).data, status=code)


class SubscriptionDetail(ApiView):
    """One contract: read it."""

    scopes: ClassVar = {"GET": "subscriptions:read"}

    @extend_schema(
        responses={200: SubscriptionOut, 404: ErrorOut},
        parameters=[pages.PATH_ID, ETAG],
    )
    def get(self, request: Request, pk: int) -> Response:
        """One contract as it stands."""
        return Response(SubscriptionOut(_row(pk)).data)


def _row(pk: int) -> Subscription:
    row = Subscription.objects.filter(pk=pk, customer__erased_at=None).first()
    if row is None:
        raise Http404
    return row


def _act(
    request: Request,
    pk: int,
    shape: type[DayIn],
    service: Callable[..., Subscription],
) -> Response:
    given: dict[str, Any] = parsed(shape, request)
    row = _row(pk)
    matched = preconditions.matched_version(request, row.version)
    version = given.pop("version", matched)
    try:
        row = service(row, now=timezone.now(), version=version, **given)
    except StaleVersion as error:
        preconditions.refuse_stale(error, matched)
    return Response(SubscriptionOut(row).data)


_ANSWERS: dict[str, Any] = {
    "responses": {200: SubscriptionOut, 404: ErrorOut, 412: ErrorOut},
    "parameters": [pages.PATH_ID, IF_MATCH, ETAG],
}


class SubscriptionChange(ApiView):
    """Changes the plan or the monthly value of a contract."""

    scopes: ClassVar = _WRITE

    @extend_schema(request=TermsIn, **_ANSWERS)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Another plan or another value a month from a day on."""
        return _act(request, pk, TermsIn, subscriptions.change)


class SubscriptionRenewal(ApiView):
    """Renews a contract for another term."""

    scopes: ClassVar = _WRITE

    @extend_schema(request=TermsIn, **_ANSWERS)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """They signed for another term, perhaps at another value."""
        return _act(request, pk, TermsIn, subscriptions.renew)


class SubscriptionPause(ApiView):
    """Pauses a contract."""

    scopes: ClassVar = _WRITE

    @extend_schema(request=ReasonIn, **_ANSWERS)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """It brings nothing from a day on until it is resumed."""
        return _act(request, pk, ReasonIn, subscriptions.pause)


class SubscriptionResumption(ApiView):
    """Resumes a paused or cancelled contract."""

    scopes: ClassVar = _WRITE

    @extend_schema(request=DayIn, **_ANSWERS)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Go on with a paused or cancelled contract."""
        return _act(request, pk, DayIn, subscriptions.resume)


class SubscriptionCancellation(ApiView):
    """Cancels a contract."""

    scopes: ClassVar = _WRITE

    @extend_schema(request=ReasonIn, **_ANSWERS)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Its first day without it, which may lie ahead."""
        return _act(request, pk, ReasonIn, subscriptions.cancel)
