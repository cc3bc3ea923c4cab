"""Admin of merged records: to read alone."""

from django.contrib import admin

from crm.admin_base import ReadOnlyAdmin
from crm.models import CustomerMerge, MergeMove


@admin.register(CustomerMerge)
class CustomerMergeAdmin(ReadOnlyAdmin):
    """Which records were merged, for as long as it can be undone."""

    list_display = ("merged_at", "kept_id", "dropped_id", "undone_at")
    search_fields = ("=kept_id", "=dropped_id")


@admin.register(MergeMove)
class MergeMoveAdmin(ReadOnlyAdmin):
    """The rows that a merge moved."""

    list_display = ("merge_id", "rows", "row_id")
