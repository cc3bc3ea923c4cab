"""Look up what Insights keeps; all of it is worked out again by the services."""

from django.contrib import admin

from crm.admin_base import ReadOnlyAdmin
from insights.models import MoneyMark, MoneyPeriod, SpendCurve


@admin.register(MoneyPeriod)
class MoneyPeriodAdmin(ReadOnlyAdmin):
    list_display = ("currency", "months", "ends_on", "people", "start", "counted_at")
    list_filter = ("currency", "months")


@admin.register(SpendCurve)
class SpendCurveAdmin(ReadOnlyAdmin):
    list_display = ("currency", "counted_at")


@admin.register(MoneyMark)
class MoneyMarkAdmin(ReadOnlyAdmin):
    list_display = ("id", "marked_at")
