"""Look up surveys, invitations and answers. Nobody edits an answer."""

from django.contrib import admin

from crm.admin_base import ReadOnlyAdmin
from surveys.models import Invitation, Response, ResponseVersion, Survey, Turn


@admin.register(Survey)
class SurveyAdmin(ReadOnlyAdmin):
    """Shown here, changed on the survey's own page."""

    list_display = ("name", "trigger", "every_days", "after_days", "valid_days")


@admin.register(Turn)
class TurnAdmin(ReadOnlyAdmin):
    list_display = ("id", "survey", "customer", "next_on")
    list_select_related = ("survey", "customer")
    search_fields = ("=customer__id",)


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    list_display = ("id", "survey", "customer", "invited_at", "expires_at", "state")
    list_select_related = ("survey", "customer")
    list_filter = ("state",)
    search_fields = ("=customer__id",)


@admin.register(Response)
class ResponseAdmin(ReadOnlyAdmin):
    list_display = ("id", "survey", "customer", "score", "state", "confirmed_at")
    list_select_related = ("survey", "customer")
    list_filter = ("state", "score")
    search_fields = ("=customer__id",)


@admin.register(ResponseVersion)
class ResponseVersionAdmin(ReadOnlyAdmin):
    list_display = ("response", "version", "score", "replaced_at")
    list_select_related = ("response",)
