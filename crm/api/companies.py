"""Companies over the API, and who belongs to them."""

from typing import Any, ClassVar

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from crm import selectors
from crm.api.idempotency import idempotent
from crm.api.views import ETAG, IF_MATCH
from crm.models import Company, CompanyPerson, Customer
from crm.services import companies
from web.api import pages, preconditions
from web.api.fields import ErrorOut, StrictSerializer, Text, WholeNumber
from web.api.views import ApiView, parsed
from web.errors import NotFound, StaleVersion
from web.rules.numbers import LARGEST_ID

_CUSTOMER = OpenApiParameter(
    "customer",
    {"type": "integer", "minimum": 1, "maximum": LARGEST_ID},
    OpenApiParameter.PATH,
)


class CompanyOut(serializers.ModelSerializer[Company]):
    """A company as the API gives it."""

    parent = serializers.IntegerField(  # type: ignore[assignment]
        source="parent_id", allow_null=True
    )

    class Meta:
        model = Company
        fields = (
            *("id", "name", "domain", "parent", "address", "tags"),
            *("created_at", "updated_at", "version"),
        )


class CompanyChange(StrictSerializer):
    """The fields of a company that may be set; those left out stay."""

    name = Text(max_length=companies.MOST_NAME, required=False)
    domain = Text(max_length=253, required=False)
    # The id of another company.
    parent = WholeNumber(  # type: ignore[assignment]
        min_value=1, max_value=LARGEST_ID, required=False, allow_null=True
    )
    address = Text(max_length=2_000, required=False)
    tags = serializers.ListField(
        child=Text(max_length=60), max_length=companies.MOST_TAGS, required=False
    )
    note = Text(max_length=20_000, required=False)


class CompanyIn(CompanyChange):
    """A company to create: its name at least."""

    name = Text(max_length=companies.MOST_NAME, allow_blank=False)


class CompanyPatch(CompanyChange):
    """What is to change of a company; `version`: only if it is still this one."""

    version = WholeNumber(min_value=1, max_value=2**31 - 1, required=False)


class CompanyPersonOut(serializers.ModelSerializer[CompanyPerson]):
    """A customer in a company, with their role there."""

    company = serializers.IntegerField(source="company_id")
    customer = serializers.IntegerField(source="customer_id")

    class Meta:
        model = CompanyPerson
        fields = ("id", "company", "customer", "role", "created_at")


class CompanyPersonIn(StrictSerializer):
    """A customer to put into a company."""

    customer = WholeNumber(min_value=1, max_value=LARGEST_ID)
    role = Text(max_length=companies.MOST_ROLE, required=False, default="")


class CompanyCollection(ApiView):
    """All companies: list them, create one."""

    scopes: ClassVar = {"GET": "companies:read", "POST": "companies:write"}

    @extend_schema(
        parameters=[
            *pages.PARAMETERS,
            OpenApiParameter("name", str, description="Whatever its capitals."),
            OpenApiParameter("domain", str),
            pages.id_parameter("customer", "Only those that this one belongs to."),
        ],
        operation_id="v1_companies_list",
        responses={200: pages.page_of(CompanyOut), 404: ErrorOut},
    )
    def get(self, request: Request) -> Response:
        """Companies in the order of their ids."""
        pages.only(request, "name", "domain", "customer")
        rows = Company.objects.all()
        if name := request.query_params.get("name"):
            rows = rows.filter(name__iexact=name)
        if domain := request.query_params.get("domain"):
            rows = rows.filter(domain=domain.lower())
        if customer := pages.whole_number(request, "customer", 0, least=1):
            rows = rows.filter(people__customer=_customer(customer))
        return Response(pages.page(request, rows, CompanyOut))

    @extend_schema(
        request=CompanyIn,
        responses={201: CompanyOut, 404: ErrorOut},
        parameters=[ETAG],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """A new company. Names are not unique: look first."""
        given = _with_parent(parsed(CompanyIn, request))
        made = companies.create_company(now=timezone.now(), **given)
        return Response(CompanyOut(made).data, status=status.HTTP_201_CREATED)


class CompanyDetail(ApiView):
    """One company: read or change it."""

    scopes: ClassVar = {"GET": "companies:read", "PATCH": "companies:write"}

    @extend_schema(
        responses={200: CompanyOut, 404: ErrorOut}, parameters=[pages.PATH_ID, ETAG]
    )
    def get(self, request: Request, pk: int) -> Response:
        """One company."""
        return Response(CompanyOut(get_object_or_404(Company, pk=pk)).data)

    @extend_schema(
        request=CompanyPatch,
        responses={200: CompanyOut, 404: ErrorOut, 412: ErrorOut},
        parameters=[pages.PATH_ID, IF_MATCH, ETAG],
    )
    @idempotent
    def patch(self, request: Request, pk: int) -> Response:
        """Change the fields given; with `If-Match` or `version`, only what you saw."""
        changes = _with_parent(parsed(CompanyPatch, request))
        company = get_object_or_404(Company, pk=pk)
        matched = preconditions.matched_version(request, company.version)
        try:
            changed = companies.update_company(
                company,
                version=changes.pop("version", matched),
                changes=changes,
                now=timezone.now(),
            )
        except StaleVersion as error:
            preconditions.refuse_stale(error, matched)
        return Response(CompanyOut(changed).data)


class CompanyPeople(ApiView):
    """The customers of a company: list them, add one."""

    scopes: ClassVar = {"GET": "companies:read", "POST": "companies:write"}

    @extend_schema(
        parameters=[pages.PATH_ID, *pages.PARAMETERS],
        operation_id="v1_company_people_list",
        responses={200: pages.page_of(CompanyPersonOut), 404: ErrorOut},
    )
    def get(self, request: Request, pk: int) -> Response:
        """Who belongs to it, and as what."""
        pages.only(request)
        company = get_object_or_404(Company, pk=pk)
        rows = company.people.filter(customer__in=Customer.objects.live())
        return Response(pages.page(request, rows, CompanyPersonOut))

    @extend_schema(
        request=CompanyPersonIn,
        responses={200: CompanyPersonOut, 404: ErrorOut},
        parameters=[pages.PATH_ID],
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """This customer belongs to it; sent again, the role is changed."""
        given = parsed(CompanyPersonIn, request)
        company = get_object_or_404(Company, pk=pk)
        customer = selectors.live_record(given["customer"])
        if customer is None:
            raise NotFound(fields={"customer": "unknown"})
        row = companies.link(company, customer, role=given["role"], now=timezone.now())
        return Response(CompanyPersonOut(row).data)


class CompanyPersonDetail(ApiView):
    """One customer in a company: take them out of it."""

    scopes: ClassVar = {"DELETE": "companies:write"}

    @extend_schema(
        responses={204: None, 404: ErrorOut}, parameters=[pages.PATH_ID, _CUSTOMER]
    )
    def delete(self, request: Request, pk: int, customer: int) -> Response:
        """This customer belongs to it no more."""
        company = get_object_or_404(Company, pk=pk)
        if not companies.unlink(company, _customer(customer), now=timezone.now()):
            raise Http404
        return Response(status=status.HTTP_204_NO_CONTENT)


def _customer(pk: int) -> Customer:
    """The id of a merged record leads to the kept one."""
    found = selectors.live_record(pk)
    if found is None:
        raise Http404
    return found


def _with_parent(values: dict[str, Any]) -> dict[str, Any]:
    """With the company in the place of its id."""
    if (pk := values.get("parent")) is None:
        return values
    parent = Company.objects.filter(pk=pk).first()
    if parent is None:
        raise NotFound(fields={"parent": "unknown"})
    return {**values, "parent": parent}
