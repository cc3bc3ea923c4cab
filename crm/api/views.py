"""One view an operation: parse, call the service, answer."""

from typing import ClassVar

from django.db import transaction
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from crm import selectors
from crm.api import examples
from crm.api.idempotency import idempotent
from crm.api.serializers import (
    CustomerIn,
    CustomerOut,
    CustomerPatch,
    InteractionIn,
    InteractionOut,
    OrderIn,
    OrderOut,
)
from crm.models import Customer, Interaction
from crm.services import customers, interactions, merge_notes, orders
from crm.services.orders import OrderLineInput
from web.api import pages, preconditions
from web.api.fields import ErrorOut
from web.api.views import ApiView, parsed
from web.errors import NotFound, StaleVersion

ETAG = OpenApiParameter(
    "ETag",
    str,
    OpenApiParameter.HEADER,
    response=[200, 201],
    description="The version of the record, for `If-Match`.",
)
IF_MATCH = OpenApiParameter(
    "If-Match",
    {"type": "string", "pattern": f"^{preconditions.PATTERN}$"},
    OpenApiParameter.HEADER,
    description="The ETag you have seen: 412 where the record has changed since.",
)


class CustomerCollection(ApiView):
    """All customers: list them, create one."""

    scopes: ClassVar = {"GET": "customers:read", "POST": "customers:write"}

    @extend_schema(
        parameters=[
            *pages.PARAMETERS,
            OpenApiParameter("external_id", str),
            OpenApiParameter("email", str),
        ],
        operation_id="v1_customers_list",
        responses=pages.page_of(CustomerOut),
    )
    def get(self, request: Request) -> Response:
        """Live customers in the order of their ids."""
        pages.only(request, "external_id", "email")
        rows = selectors.customers_matching(
            external_id=request.query_params.get("external_id", ""),
            email=request.query_params.get("email", ""),
        )
        return Response(pages.page(request, rows, CustomerOut))

    @extend_schema(request=CustomerIn, responses={201: CustomerOut}, parameters=[ETAG])
    @idempotent
    def post(self, request: Request) -> Response:
        """A new customer."""
        made = customers.create_customer(
            now=timezone.now(), **parsed(CustomerIn, request)
        )
        return Response(CustomerOut(made).data, status=status.HTTP_201_CREATED)


class CustomerDetail(ApiView):
    """One customer: read or change it."""

    scopes: ClassVar = {"GET": "customers:read", "PATCH": "customers:write"}

    @extend_schema(
        responses={200: CustomerOut, 404: ErrorOut}, parameters=[pages.PATH_ID, ETAG]
    )
    def get(self, request: Request, pk: int) -> Response:
        """One live customer; the id of a merged record leads to the kept one."""
        return Response(CustomerOut(_customer(pk)).data)

    @extend_schema(
        request=CustomerPatch,
        responses={200: CustomerOut, 404: ErrorOut, 412: ErrorOut},
        parameters=[pages.PATH_ID, IF_MATCH, ETAG],
        examples=[examples.CHANGE],
    )
    @idempotent
    def patch(self, request: Request, pk: int) -> Response:
        """Change the fields given; with `If-Match` or `version`, only what you saw."""
        changes = parsed(CustomerPatch, request)
        customer = _customer(pk)
        matched = preconditions.matched_version(request, customer.version)
        try:
            changed = customers.update_customer(
                customer,
                version=changes.pop("version", matched),
                changes=changes,
                now=timezone.now(),
            )
        except StaleVersion as error:
            preconditions.refuse_stale(error, matched)
        return Response(CustomerOut(changed).data)


class OrderCollection(ApiView):
    """Orders: record one."""

    scopes: ClassVar = {"POST": "orders:write"}

    @extend_schema(
        request=OrderIn,
        responses={200: OrderOut, 201: OrderOut, 404: ErrorOut},
        examples=[examples.ORDER],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Record an order; the same `order_id` again replaces it as a whole."""
        given = parsed(OrderIn, request)
        named, customer = selectors.record_and_kept(
            source=given["source"], external_id=given.pop("customer_id")
        )
        if customer is None:
            raise NotFound(fields={"customer_id": "unknown"})
        lines = [OrderLineInput(**line) for line in given.pop("lines")]
        with transaction.atomic():
            order, created = orders.record_order(
                now=timezone.now(), customer=customer, lines=lines, **given
            )
            merge_notes.arrived("orders", order.pk, by=named)
        code = status.HTTP_201_CREATED if created else status.HTTP_200_OK
        return Response(OrderOut(order).data, status=code)


class InteractionCollection(ApiView):
    """Logged contacts: list them, log one."""

    scopes: ClassVar = {"GET": "interactions:read", "POST": "interactions:write"}

    @extend_schema(
        parameters=[
            *pages.PARAMETERS,
            pages.id_parameter("customer", "Only conversations with this one."),
        ],
        operation_id="v1_interactions_list",
        responses=pages.page_of(InteractionOut),
    )
    def get(self, request: Request) -> Response:
        """Conversations in the order of their ids, of one customer or of all."""
        pages.only(request, "customer")
        rows = Interaction.objects.all()
        customer = pages.whole_number(request, "customer", 0, least=1)
        if customer:
            kept = selectors.live_record(customer)
            rows = rows.filter(customer_id=kept.pk if kept else customer)
        return Response(pages.page(request, rows, InteractionOut))

    @extend_schema(
        request=InteractionIn,
        responses={201: InteractionOut, 404: ErrorOut},
        parameters=[ETAG],
        examples=[examples.CALL],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Log a conversation; the same `source_key` twice is one row, and with other
        words a conflict."""
        given = parsed(InteractionIn, request)
        named = given.pop("customer")
        customer = selectors.live_record(named)
        if customer is None:
            raise NotFound(fields={"customer": "unknown"})
        with transaction.atomic():
            interaction = interactions.log_interaction(
                customer=customer, now=timezone.now(), **given
            )
            merge_notes.arrived("conversations", interaction.pk, by=named)
        return Response(
            InteractionOut(interaction).data, status=status.HTTP_201_CREATED
        )


def _customer(pk: int) -> Customer:
    found = selectors.live_record(pk)
    if found is None:
        raise Http404
    return found
