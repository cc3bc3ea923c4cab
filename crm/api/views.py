"""One view an operation: parse, call the service, answer."""

from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from crm import selectors
from crm.api.serializers import (
    CustomerIn,
    CustomerOut,
    CustomerPatch,
    InteractionIn,
    InteractionOut,
    OrderIn,
    OrderOut,
)
from crm.errors import NotFound
from crm.models import Customer, Interaction
from crm.rest import pages
from crm.rest.fields import ErrorOut
from crm.services import customers, interactions, orders
from crm.services.orders import OrderLineInput

_PAGE = [
    OpenApiParameter("after", int, description="Continue behind this id."),
    OpenApiParameter("limit", int, description="Rows a page, 1 to 200."),
]


def parsed(serializer: type[serializers.Serializer[Any]], request: Request) -> Any:
    found = serializer(data=request.data)
    found.is_valid(raise_exception=True)
    return found.validated_data


class CustomerCollection(APIView):
    scopes: ClassVar = {"GET": "customers:read", "POST": "customers:write"}

    @extend_schema(
        parameters=[
            *_PAGE,
            OpenApiParameter("external_id", str),
            OpenApiParameter("email", str),
        ],
        responses={200: CustomerOut(many=True), 400: ErrorOut},
    )
    def get(self, request: Request) -> Response:
        """Live customers in the order of their ids."""
        pages.only(request, "external_id", "email")
        rows = selectors.customers_matching(
            external_id=request.query_params.get("external_id", ""),
            email=request.query_params.get("email", ""),
        )
        return Response(pages.page(request, rows, CustomerOut))

    @extend_schema(
        request=CustomerIn, responses={201: CustomerOut, 400: ErrorOut, 409: ErrorOut}
    )
    def post(self, request: Request) -> Response:
        """A new customer."""
        made = customers.create_customer(
            now=timezone.now(), **parsed(CustomerIn, request)
        )
        return Response(CustomerOut(made).data, status=status.HTTP_201_CREATED)


class CustomerDetail(APIView):
    scopes: ClassVar = {"GET": "customers:read", "PATCH": "customers:write"}

    @extend_schema(responses={200: CustomerOut, 404: ErrorOut})
    def get(self, request: Request, pk: int) -> Response:
        """One live customer."""
        return Response(CustomerOut(get_object_or_404(_live(), pk=pk)).data)

    @extend_schema(
        request=CustomerPatch,
        responses={200: CustomerOut, 400: ErrorOut, 404: ErrorOut, 409: ErrorOut},
    )
    def patch(self, request: Request, pk: int) -> Response:
        """Change the fields given; with `version`, only what you have seen."""
        changes = parsed(CustomerPatch, request)
        version = changes.pop("version", None)
        changed = customers.update_customer(
            get_object_or_404(_live(), pk=pk),
            changes=changes,
            version=version,
            now=timezone.now(),
        )
        return Response(CustomerOut(changed).data)


class OrderCollection(APIView):
    scopes: ClassVar = {"POST": "orders:write"}

    @extend_schema(
        request=OrderIn, responses={200: OrderOut, 201: OrderOut, 400: ErrorOut}
    )
    def post(self, request: Request) -> Response:
        """Record an order; the same `order_id` again replaces it as a whole."""
        given = parsed(OrderIn, request)
        customer = selectors.customer_or_none(
            source=given["source"], external_id=given.pop("customer_id")
        )
        if customer is None:
            raise NotFound(fields={"customer_id": "unknown"})
        lines = [OrderLineInput(**line) for line in given.pop("lines")]
        order, created = orders.record_order(
            now=timezone.now(), customer=customer, lines=lines, **given
        )
        code = status.HTTP_201_CREATED if created else status.HTTP_200_OK
        return Response(OrderOut(order).data, status=code)


class InteractionCollection(APIView):
    scopes: ClassVar = {"GET": "interactions:read", "POST": "interactions:write"}

    @extend_schema(
        parameters=[*_PAGE, OpenApiParameter("customer", int)],
        responses={200: InteractionOut(many=True), 400: ErrorOut},
    )
    def get(self, request: Request) -> Response:
        """Conversations in the order of their ids, of one customer or of all."""
        pages.only(request, "customer")
        rows = Interaction.objects.all()
        customer = pages.whole_number(request, "customer", 0, 2**63 - 1)
        if customer:
            rows = rows.filter(customer_id=customer)
        return Response(pages.page(request, rows, InteractionOut))

    @extend_schema(
        request=InteractionIn, responses={201: InteractionOut, 400: ErrorOut}
    )
    def post(self, request: Request) -> Response:
        """Log a conversation; the same `source_key` twice is one row."""
        given = parsed(InteractionIn, request)
        customer = _live().filter(pk=given.pop("customer")).first()
        if customer is None:
            raise NotFound(fields={"customer": "unknown"})
        said = interactions.log_interaction(
            customer=customer, now=timezone.now(), **given
        )
        return Response(InteractionOut(said).data, status=status.HTTP_201_CREATED)


def _live() -> Any:
    return Customer.objects.live()
