"""Orders, their lines, the goods in them, and contracts."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.admin_base import FastAdmin, ReadOnlyAdmin
from crm.models import (
    Order,
    OrderLine,
    Product,
    ProductRule,
    Subscription,
    SubscriptionChange,
)
from crm.services import products
from web import formats
from web.errors import DomainError


def _its_tax(line: OrderLine) -> str:
    return "" if line.tax is None else formats.money(line.tax, line.order.currency)


class OrderLineInline(admin.TabularInline):
    model = OrderLine
    fields = (
        *("line_key", "product", "quantity", "unit_price", "its_amount", "its_tax"),
        "nature",
    )
    readonly_fields = fields
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[OrderLine]:
        return super().get_queryset(request).select_related("product", "order")

    @admin.display(description=_("Amount"))
    def its_amount(self, line: OrderLine) -> str:
        return formats.money(line.amount, line.order.currency)

    @admin.display(description=_("Tax in it"))
    def its_tax(self, line: OrderLine) -> str:
        return _its_tax(line)


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    list_display = ("number", "customer", "ordered_on", "nature", "state", "its_total")
    exclude = ("total",)
    readonly_fields = ("its_total",)
    list_select_related = ("customer",)
    search_fields = ("number__istartswith",)
    raw_id_fields = ("customer", "returns_order", "last_import")
    inlines: ClassVar[Any] = [OrderLineInline]

    @admin.display(description=_("Total"), ordering="total")
    def its_total(self, order: Order) -> str:
        return formats.money(order.total, order.currency)


@admin.register(OrderLine)
class OrderLineAdmin(ReadOnlyAdmin):
    list_display = ("id", "order", "product", "quantity", "its_amount", "nature")
    list_select_related = ("order", "product")
    exclude = ("amount", "tax")
    readonly_fields = ("its_amount", "its_tax")

    @admin.display(description=_("Amount"), ordering="amount")
    def its_amount(self, line: OrderLine) -> str:
        return formats.money(line.amount, line.order.currency)

    @admin.display(description=_("Tax in it"))
    def its_tax(self, line: OrderLine) -> str:
        return _its_tax(line)


@admin.register(Product)
class ProductAdmin(FastAdmin):
    """A product's nature may be mended here; the next import keeps it."""

    list_display = ("sku", "name", "category", "nature", "days_of_supply")
    list_filter = ("nature",)
    search_fields = ("sku__startswith",)
    readonly_fields = ("source", "sku", "version")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def save_model(
        self, request: HttpRequest, obj: Product, form: Any, change: bool
    ) -> None:
        changes = {name: form.cleaned_data[name] for name in form.changed_data}
        try:
            products.update_product(obj, changes=changes, now=timezone.now())
        except DomainError as error:
            self.refuse(request, error)


@admin.register(ProductRule)
class ProductRuleAdmin(FastAdmin):
    """Which codes are no products; asked when a code is first seen."""

    list_display = ("pattern", "nature", "source", "why")
    list_filter = ("nature",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)


class SubscriptionChangeInline(admin.TabularInline):
    model = SubscriptionChange
    fields = ("happened_on", "kind", "plan", "brings", "reason")
    readonly_fields = fields
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[SubscriptionChange]:
        return super().get_queryset(request).select_related("subscription")

    @admin.display(description=_("A month from then on"))
    def brings(self, row: SubscriptionChange) -> str:
        return formats.money(row.value, row.subscription.currency)


@admin.register(Subscription)
class SubscriptionAdmin(ReadOnlyAdmin):
    """Looked up here; what happens to a contract is shown on the customer's page."""

    list_display = ("plan", "customer", "its_value", "state", "started_on")
    list_select_related = ("customer",)
    list_filter = ("state",)
    search_fields = ("external_id__startswith",)
    raw_id_fields = ("customer",)
    exclude = ("value",)
    readonly_fields = ("its_value",)
    inlines: ClassVar[Any] = [SubscriptionChangeInline]

    @admin.display(description=_("Value a month"), ordering="value")
    def its_value(self, row: Subscription) -> str:
        return formats.money(row.value, row.currency)


@admin.register(SubscriptionChange)
class SubscriptionChangeAdmin(ReadOnlyAdmin):
    list_display = ("id", "customer", "kind", "happened_on", "plan", "brings")
    list_select_related = ("subscription", "customer")
    list_filter = ("kind",)
    raw_id_fields = ("customer", "subscription")
    exclude = ("value",)
    readonly_fields = ("brings",)

    @admin.display(description=_("A month from then on"), ordering="value")
    def brings(self, row: SubscriptionChange) -> str:
        return formats.money(row.value, row.subscription.currency)
