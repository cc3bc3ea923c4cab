"""Look up reviews and moderate them through the same services as the desk."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.admin_base import ReadOnlyAdmin, on_each
from crm.staff import staff_of
from feedback.models import Review, ReviewRequest, ReviewVersion
from feedback.services import moderation


@admin.register(Review)
class ReviewAdmin(ReadOnlyAdmin):
    list_display = ("id", "customer", "stars", "state", "held_reason", "written_at")
    list_select_related = ("customer",)
    list_filter = ("state", "held_reason")
    actions = ("publish",)

    @admin.action(description=_("Publish"))
    def publish(self, request: HttpRequest, rows: QuerySet[Review]) -> None:
        staff, now = staff_of(request), timezone.now()
        on_each(
            self,
            request,
            rows,
            lambda row: moderation.publish(
                row, version=row.version, staff=staff, now=now
            ),
        )


@admin.register(ReviewRequest)
class ReviewRequestAdmin(ReadOnlyAdmin):
    list_display = ("id", "customer", "order", "requested_at", "expires_at", "state")
    list_select_related = ("customer", "order")
    list_filter = ("state",)


@admin.register(ReviewVersion)
class ReviewVersionAdmin(ReadOnlyAdmin):
    list_display = ("review", "version", "stars", "replaced_at")
    list_select_related = ("review",)
