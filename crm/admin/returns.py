"""Admin of matched returns: to read alone."""

from django.contrib import admin

from crm.admin_base import ReadOnlyAdmin
from crm.models import ReturnChoice, ReturnMatch, StaleReturn, UnmatchedReturn


@admin.register(StaleReturn)
class StaleReturnAdmin(ReadOnlyAdmin):
    """Whose returns wait to be matched again."""

    list_display = ("customer_id", "marked_at")


@admin.register(ReturnMatch)
class ReturnMatchAdmin(ReadOnlyAdmin):
    """Which purchase a return gives back."""

    list_display = ("returned", "returned_line", "order", "line", "quantity", "basis")
    list_select_related = ("returned", "order")
    list_filter = ("basis",)


@admin.register(UnmatchedReturn)
class UnmatchedReturnAdmin(ReadOnlyAdmin):
    """Returns for which no purchase was found."""

    list_display = ("returned", "returned_line", "returned_on", "quantity", "reason")
    list_select_related = ("returned",)
    list_filter = ("reason",)


@admin.register(ReturnChoice)
class ReturnChoiceAdmin(ReadOnlyAdmin):
    """What staff decided about returns."""

    list_display = ("made_at", "made_by", "returned", "returned_line", "order", "line")
    list_select_related = ("made_by", "returned", "order")
