"""Look up surveys and answers; what changes goes through the services."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.admin_base import ReadOnlyAdmin, on_each
from surveys.models import (
    AfterAnswer,
    Answer,
    AskedCount,
    Asking,
    AskRequest,
    Cell,
    CellBook,
    CellDelta,
    CommentReading,
    DigestChoice,
    Invitation,
    Press,
    ReferralWish,
    Response,
    ResponseTheme,
    ResponseVersion,
    ScheduledAsk,
    ShareLink,
    Spread,
    Survey,
    SurveyVersion,
    Theme,
)
from surveys.services import invitations


@admin.register(Survey)
class SurveyAdmin(ReadOnlyAdmin):
    """Edited on the survey's own pages."""

    list_display = ("name", "kind", "state", "valid_days")


@admin.register(SurveyVersion)
class SurveyVersionAdmin(ReadOnlyAdmin):
    list_display = ("survey", "number", "state", "published_at", "made_by")
    list_select_related = ("survey", "made_by")
    list_filter = ("state", "survey")


@admin.register(Asking)
class AskingAdmin(ReadOnlyAdmin):
    list_display = ("automation", "survey", "every_days", "after_days")
    list_select_related = ("automation", "survey")


@admin.register(AskRequest)
class AskRequestAdmin(ReadOnlyAdmin):
    list_display = ("survey", "customer", "key", "requested_at")
    list_select_related = ("survey", "customer")
    list_filter = ("survey",)


@admin.register(ShareLink)
class ShareLinkAdmin(ReadOnlyAdmin):
    list_display = ("name", "survey", "is_open", "closes_at", "made_at")
    list_select_related = ("survey",)
    list_filter = ("is_open", "survey")


@admin.register(ScheduledAsk)
class ScheduledAskAdmin(ReadOnlyAdmin):
    list_display = ("customer", "asking", "next_on")
    list_select_related = ("customer", "asking")


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
    list_filter = ("state", "survey", "channel", "score")


@admin.register(Answer)
class AnswerAdmin(ReadOnlyAdmin):
    list_display = ("response", "question", "kind", "number", "choices", "day")
    list_select_related = ("response",)
    list_filter = ("kind",)


@admin.register(Press)
class PressAdmin(ReadOnlyAdmin):
    list_display = (
        *("invitation", "claimed", "seen", "pressed_at", "agent", "network"),
    )
    list_select_related = ("invitation",)
    date_hierarchy = "pressed_at"


@admin.register(ReferralWish)
class ReferralWishAdmin(ReadOnlyAdmin):
    list_display = ("response", "wished_at", "withdrawn_at")
    list_select_related = ("response",)


@admin.register(DigestChoice)
class DigestChoiceAdmin(ReadOnlyAdmin):
    list_display = ("user", "wants")
    list_select_related = ("user",)


@admin.register(ResponseVersion)
class ResponseVersionAdmin(ReadOnlyAdmin):
    list_display = ("response", "version", "score", "replaced_at")
    list_select_related = ("response",)


@admin.register(Cell)
class CellAdmin(ReadOnlyAdmin):
    """Sums that triggers and a task keep."""

    list_display = ("survey", "question", "by", "day", "value", "score", "count")
    list_select_related = ("survey",)
    list_filter = ("by",)
    # A shop has millions.
    show_full_result_count = False


@admin.register(CellDelta)
class CellDeltaAdmin(ReadOnlyAdmin):
    list_display = ("id", "survey_id", "at", "question", "score", "change")


@admin.register(CellBook)
class CellBookAdmin(ReadOnlyAdmin):
    list_display = ("time_zone", "counted_at")


@admin.register(Spread)
class SpreadAdmin(ReadOnlyAdmin):
    list_display = ("survey", "by", "value", "first", "middle", "last", "counted_at")
    list_select_related = ("survey",)


@admin.register(AskedCount)
class AskedCountAdmin(ReadOnlyAdmin):
    list_display = ("survey", "asked", "answered", "counted_at")
    list_select_related = ("survey",)


@admin.register(Theme)
class ThemeAdmin(ReadOnlyAdmin):
    list_display = ("name", "keywords", "archived_at")


@admin.register(CommentReading)
class CommentReadingAdmin(ReadOnlyAdmin):
    list_display = ("response", "language", "is_read")
    list_select_related = ("response",)
    list_filter = ("is_read",)


@admin.register(ResponseTheme)
class ResponseThemeAdmin(ReadOnlyAdmin):
    list_display = ("response", "theme", "by")
    list_select_related = ("response", "theme")
    list_filter = ("by", "theme")


@admin.register(AfterAnswer)
class AfterAnswerAdmin(ReadOnlyAdmin):
    list_display = ("survey", "band", "within_days", "next_step")
    list_select_related = ("survey",)
