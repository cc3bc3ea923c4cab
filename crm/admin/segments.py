"""Segments and the sums behind them: changed on their own pages, looked at here."""

from django.contrib import admin

from crm.admin_base import ReadOnlyAdmin
from crm.models import CoreMark, OrderSum, Segment


@admin.register(Segment)
class SegmentAdmin(ReadOnlyAdmin):
    list_display = ("name", "shipped", "created_by", "updated_at")
    list_select_related = ("created_by",)
    search_fields = ("name__istartswith",)


@admin.register(OrderSum)
class OrderSumAdmin(ReadOnlyAdmin):
    list_display = ("customer", "currency", "orders", "total")
    list_select_related = ("customer",)


@admin.register(CoreMark)
class CoreMarkAdmin(ReadOnlyAdmin):
    list_display = ("currency", "least", "people", "of_people", "share", "counted_at")
