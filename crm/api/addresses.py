"""Second addresses and numbers of a customer over the API."""

from typing import ClassVar

from django.db import transaction
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api.idempotency import idempotent
from crm.models import Customer, CustomerAddress
from crm.rules.choices import AddressKind
from crm.services import addresses
from web.api import pages
from web.api.fields import ErrorOut, StrictSerializer, Text
from web.api.views import ApiView, parsed

_ADDRESS_ID = OpenApiParameter(
    "address",
    {"type": "integer", "minimum": 1, "maximum": 2**63 - 1},
    OpenApiParameter.PATH,
)


class AddressOut(serializers.ModelSerializer[CustomerAddress]):
    """A further email address or telephone number of a customer."""

    customer = serializers.IntegerField(source="customer_id")

    class Meta:
        model = CustomerAddress
        fields = ("id", "customer", "kind", "value", "norm", "label", "created_at")


class AddressIn(StrictSerializer):
    """A further address to add: its kind, value and label."""

    kind = serializers.ChoiceField(choices=[kind.value for kind in AddressKind])
    value = Text(max_length=254, allow_blank=False)
    label = Text(  # type: ignore[assignment] # a field named as an attribute of DRF's
        max_length=addresses.MOST_LABEL, required=False, default=""
    )


class AddressPatch(StrictSerializer):
    """What is to change of a further address."""

    value = Text(max_length=254, required=False, allow_blank=False)
    label = Text(  # type: ignore[assignment] # a field named as an attribute of DRF's
        max_length=addresses.MOST_LABEL, required=False
    )


class AddressCollection(ApiView):
    """The further addresses of a customer: list them, add one."""

    scopes: ClassVar = {"GET": "customers:read", "POST": "customers:write"}

    @extend_schema(
        parameters=[pages.PATH_ID, *pages.PARAMETERS],
        operation_id="v1_addresses_list",
        responses={200: pages.page_of(AddressOut), 404: ErrorOut},
    )
    def get(self, request: Request, pk: int) -> Response:
        """Further addresses and numbers; the chief ones stand in the customer."""
        pages.only(request)
        customer = get_object_or_404(Customer.objects.live(), pk=pk)
        rows = CustomerAddress.objects.filter(customer=customer)
        return Response(pages.page(request, rows, AddressOut))

    @extend_schema(
        request=AddressIn,
        responses={201: AddressOut, 404: ErrorOut},
        parameters=[pages.PATH_ID],
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """One more; what the person has already is a conflict."""
        given = parsed(AddressIn, request)
        customer = get_object_or_404(Customer.objects.live(), pk=pk)
        kind = AddressKind(given.pop("kind"))
        made = addresses.add(customer, kind=kind, now=timezone.now(), **given)
        return Response(AddressOut(made).data, status=status.HTTP_201_CREATED)


class AddressDetail(ApiView):
    """One further address: change or remove it."""

    scopes: ClassVar = {"PATCH": "customers:write", "DELETE": "customers:write"}

    @extend_schema(
        request=AddressPatch,
        responses={200: AddressOut, 404: ErrorOut},
        parameters=[pages.PATH_ID, _ADDRESS_ID],
    )
    @idempotent
    def patch(self, request: Request, pk: int, address: int) -> Response:
        """Write it, or its label, in another way."""
        given = parsed(AddressPatch, request)
        row = _row(pk, address)
        values = {"value": row.value, "label": row.label, **given}
        changed = addresses.change(row, now=timezone.now(), **values)
        return Response(AddressOut(changed).data)

    @extend_schema(
        responses={204: None, 404: ErrorOut}, parameters=[pages.PATH_ID, _ADDRESS_ID]
    )
    @transaction.atomic
    def delete(self, request: Request, pk: int, address: int) -> Response:
        """It is not theirs any more."""
        addresses.remove(_row(pk, address), now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


def _row(pk: int, address: int) -> CustomerAddress:
    rows = CustomerAddress.objects.select_related("customer")
    live = Customer.objects.live().filter(pk=pk)
    return get_object_or_404(rows, pk=address, customer__in=live)
