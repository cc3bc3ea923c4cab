"""Look up surveys and answers; what changes goes through the services."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.admin_base import ReadOnlyAdmin, on_each
from surveys.models import (
    DigestChoice,
    Invitation,
    Response,
    ResponseVersion,
    Survey,
    Turn,
)
from surveys.services import invitations


@admin.register(Survey)
class SurveyAdmin(ReadOnlyAdmin):
    """Edited on the survey's own page, where its rhythm is checked."""

    list_display = ("name", "kind", "trigger", "every_days", "after_days", "valid_days")


@admin.register(Turn)
class TurnAdmin(ReadOnlyAdmin):
    list_display = ("customer", "survey", "next_on")
    list_select_related = ("customer", "survey")


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    list_display = ("id", "survey", "customer", "invited_at", "expires_at", "state")
    list_select_related = ("survey", "customer")
    list_filter = ("state", "survey")
    actions = ("revoke",)

    @admin.action(description=_("Revoke: the link opens nothing any more"))
    def revoke(self, request: HttpRequest, rows: QuerySet[Invitation]) -> None:
        now = timezone.now()
        on_each(self, request, rows, lambda row: invitations.revoke(row, now=now))


@admin.register(Response)
class ResponseAdmin(ReadOnlyAdmin):
    list_display = ("id", "survey", "customer", "score", "state", "confirmed_at")
    list_select_related = ("survey", "customer")
    list_filter = ("state", "survey", "score")


@admin.register(DigestChoice)
class DigestChoiceAdmin(ReadOnlyAdmin):
    list_display = ("user", "wants")
    list_select_related = ("user",)


@admin.register(ResponseVersion)
class ResponseVersionAdmin(ReadOnlyAdmin):
    list_display = ("response", "version", "score", "replaced_at")
    list_select_related = ("response",)
