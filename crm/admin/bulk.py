"""Changes to many customers: made on their own pages, looked at here."""

from django.contrib import admin

from crm.admin_base import ReadOnlyAdmin
from crm.models import BulkRow, BulkRun


@admin.register(BulkRun)
class BulkRunAdmin(ReadOnlyAdmin):
    list_display = ("action", "people", "changed", "undone", "started_by", "created_at")
    list_select_related = ("started_by",)


@admin.register(BulkRow)
class BulkRowAdmin(ReadOnlyAdmin):
    list_display = ("run", "customer_id", "is_changed")
    list_select_related = ("run",)
