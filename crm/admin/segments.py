"""Segments, fields of staff and sums: changed on their own pages, looked at here."""

from django.contrib import admin

from crm.admin_base import ReadOnlyAdmin
from crm.models import (
    CoreMark,
    CustomField,
    OrderSum,
    SavedView,
    Segment,
    SegmentEvent,
    SegmentMember,
    SegmentSnapshot,
    SnapshotMember,
)


@admin.register(Segment)
class SegmentAdmin(ReadOnlyAdmin):
    list_display = ("name", "shipped", "created_by", "updated_at")
    list_select_related = ("created_by",)
    search_fields = ("name__istartswith",)


@admin.register(SavedView)
class SavedViewAdmin(ReadOnlyAdmin):
    list_display = ("name", "owner", "is_shared", "query")
    list_select_related = ("owner",)


@admin.register(SegmentMember)
class SegmentMemberAdmin(ReadOnlyAdmin):
    list_display = ("segment", "customer")
    list_select_related = ("segment", "customer")


@admin.register(SegmentEvent)
class SegmentEventAdmin(ReadOnlyAdmin):
    list_display = ("at", "segment", "move", "customer")
    list_select_related = ("segment", "customer")


@admin.register(SegmentSnapshot)
class SegmentSnapshotAdmin(ReadOnlyAdmin):
    list_display = ("segment", "day", "people", "taken_by")
    list_select_related = ("segment", "taken_by")


@admin.register(SnapshotMember)
class SnapshotMemberAdmin(ReadOnlyAdmin):
    list_display = ("snapshot", "customer")
    list_select_related = ("snapshot", "customer")


@admin.register(CustomField)
class CustomFieldAdmin(ReadOnlyAdmin):
    list_display = ("label", "key", "kind", "place", "archived_at")
    list_filter = ("kind",)
    search_fields = ("label__istartswith", "key__istartswith")


@admin.register(OrderSum)
class OrderSumAdmin(ReadOnlyAdmin):
    list_display = ("customer", "currency", "orders", "total")
    list_select_related = ("customer",)


@admin.register(CoreMark)
class CoreMarkAdmin(ReadOnlyAdmin):
    list_display = ("currency", "least", "people", "of_people", "share", "counted_at")
