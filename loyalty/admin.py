"""Look up what is expected and what was reminded of; customers change it themselves."""

from django.contrib import admin

from crm.admin_base import ReadOnlyAdmin
from loyalty.models import (
    Campaign,
    CampaignRequest,
    NameDay,
    NameDayCalendar,
    NextPurchase,
    ReminderItem,
    ReorderRefusal,
    StaleCustomer,
)


@admin.register(NextPurchase)
class NextPurchaseAdmin(ReadOnlyAdmin):
    list_display = ("customer", "product", "last_on", "days", "intervals", "due_on")
    list_select_related = ("customer", "product")


@admin.register(ReminderItem)
class ReminderItemAdmin(ReadOnlyAdmin):
    list_display = ("customer", "product", "last_on", "due_on", "again_on", "message")
    list_select_related = ("customer", "product", "message")


@admin.register(ReorderRefusal)
class ReorderRefusalAdmin(ReadOnlyAdmin):
    list_display = ("customer", "product", "made_at")
    list_select_related = ("customer", "product")


@admin.register(NameDayCalendar)
class NameDayCalendarAdmin(ReadOnlyAdmin):
    list_display = ("name", "country", "language", "source", "licence", "is_used")


@admin.register(NameDay)
class NameDayAdmin(ReadOnlyAdmin):
    list_display = ("name", "calendar", "month", "day", "from_easter", "is_main")
    list_select_related = ("calendar",)


@admin.register(StaleCustomer)
class StaleCustomerAdmin(ReadOnlyAdmin):
    list_display = ("customer", "marked_at")
    list_select_related = ("customer",)


@admin.register(Campaign)
class CampaignAdmin(ReadOnlyAdmin):
    list_display = ("automation", "state", "on", "started_by", "ended_at")
    list_select_related = ("automation", "started_by")


@admin.register(CampaignRequest)
class CampaignRequestAdmin(ReadOnlyAdmin):
    list_display = ("campaign", "asked_by", "people", "answer", "answered_by")
    list_select_related = ("campaign", "asked_by", "answered_by")
