"""Products over the API: what they cost, where they are, how long they last."""

from typing import ClassVar

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api import examples
from crm.api.idempotency import idempotent
from crm.models import Product
from crm.rules.choices import ProductNature
from crm.services import products
from web.api import pages
from web.api.fields import (
    ErrorOut,
    ExactDecimalField,
    StrictSerializer,
    Text,
    WholeNumber,
    YesOrNo,
)
from web.api.views import ApiView, parsed
from web.rules import money


class ProductOut(serializers.ModelSerializer[Product]):
    """A product as the API gives it."""

    price = serializers.SerializerMethodField()
    tax_percent = ExactDecimalField(allow_null=True)

    class Meta:
        model = Product
        fields = (
            *("id", "source", "sku", "name", "category", "nature", "price"),
            *("currency", "link", "picture", "is_available", "season_months"),
            *("days_of_supply", "tax_percent", "version"),
        )

    def get_price(self, product: Product) -> str | None:
        """As text, with the places of its currency."""
        if product.price is None:
            return None
        return str(money.round_money(product.price, product.currency))


class ProductIn(StrictSerializer):
    """A product to create or, by its source and SKU, to change."""

    source = Text(  # type: ignore[assignment] # a field named as an attribute of DRF's
        max_length=40, required=False, default="main", allow_blank=False
    )
    sku = Text(max_length=products.MOST_SKU, allow_blank=False)
    name = Text(max_length=products.MOST_NAME, required=False)
    category = Text(max_length=products.MOST_CATEGORY, required=False)
    # Postage, fees and gift cards are no goods: programmes earn nothing on them.
    nature = serializers.ChoiceField(
        choices=[one.value for one in ProductNature], required=False
    )
    price = ExactDecimalField(required=False, allow_null=True)
    currency = Text(max_length=3, required=False)
    link = Text(max_length=products.MOST_PAGE, required=False)
    picture = Text(max_length=products.MOST_PAGE, required=False)
    is_available = YesOrNo(required=False)
    # 1 is January; none: it is wanted the whole year.
    season_months = serializers.ListField(
        child=WholeNumber(min_value=1, max_value=12), max_length=12, required=False
    )
    days_of_supply = WholeNumber(
        min_value=1, max_value=products.MOST_SUPPLY, required=False, allow_null=True
    )
    # The tax that the price contains, in percent.
    tax_percent = ExactDecimalField(required=False, allow_null=True)


class ProductCollection(ApiView):
    """All products: list them, create or change one."""

    scopes: ClassVar = {"GET": "products:read", "POST": "products:write"}

    @extend_schema(
        parameters=[
            *pages.PARAMETERS,
            OpenApiParameter("source", str),
            OpenApiParameter("sku", str),
        ],
        operation_id="v1_products_list",
        responses=pages.page_of(ProductOut),
    )
    def get(self, request: Request) -> Response:
        """Products in the order of their ids."""
        pages.only(request, "source", "sku")
        rows = Product.objects.all()
        for name in ("source", "sku"):
            if value := request.query_params.get(name):
                rows = rows.filter(**{name: value})
        return Response(pages.page(request, rows, ProductOut))

    @extend_schema(
        request=ProductIn,
        responses={200: ProductOut, 201: ProductOut},
        examples=[examples.PRODUCT],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Record a product; the same `sku` again changes the facts that are given."""
        given = parsed(ProductIn, request)
        product, created = products.record_product(now=timezone.now(), **given)
        code = status.HTTP_201_CREATED if created else status.HTTP_200_OK
        return Response(ProductOut(product).data, status=code)


class ProductDetail(ApiView):
    """One product: read it."""

    scopes: ClassVar = {"GET": "products:read"}

    @extend_schema(
        responses={200: ProductOut, 404: ErrorOut}, parameters=[pages.PATH_ID]
    )
    def get(self, request: Request, pk: int) -> Response:
        """One product."""
        return Response(ProductOut(get_object_or_404(Product, pk=pk)).data)
