"""Look up what was counted; the rows themselves are worked out, never typed."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from crm.admin_base import ReadOnlyAdmin
from insights.models import (
    Breakage,
    Buyer,
    Cell,
    CohortCell,
    Definition,
    Held,
    KeptAnswer,
    Mark,
    MoneyEnd,
    MoneyMark,
    MoneyPeriod,
    Published,
    Spell,
    Spend,
    SpendCurve,
    Spending,
    StaleCustomer,
    StaleMembership,
)
from web import formats


@admin.register(Definition)
class DefinitionAdmin(ReadOnlyAdmin):
    list_display = ("by_orders", "days", "by_contract", "decided_at", "counted_at")


@admin.register(Spell)
class SpellAdmin(ReadOnlyAdmin):
    list_display = ("customer", "basis", "number", "starts_on", "ends_on")
    list_select_related = ("customer",)


@admin.register(Buyer)
class BuyerAdmin(ReadOnlyAdmin):
    list_display = ("customer", "days")
    list_select_related = ("customer",)


@admin.register(Cell)
class CellAdmin(ReadOnlyAdmin):
    list_display = ("basis", "month", "dimension", "value", "new", "back", "lost")


@admin.register(CohortCell)
class CohortCellAdmin(ReadOnlyAdmin):
    list_display = ("unit", "cohort", "period", "people")


@admin.register(StaleCustomer)
class StaleCustomerAdmin(ReadOnlyAdmin):
    list_display = ("customer", "marked_at")
    list_select_related = ("customer",)


@admin.register(Published)
class PublishedAdmin(ReadOnlyAdmin):
    list_display = (
        *("figure", "basis", "unit", "starts_on", "part", "count", "base"),
        "published_at",
    )


@admin.register(KeptAnswer)
class KeptAnswerAdmin(ReadOnlyAdmin):
    list_display = ("key", "counted_at")


@admin.register(Mark)
class MarkAdmin(ReadOnlyAdmin):
    list_display = ("words", "metric", "basis", "month", "months", "made_by")
    list_select_related = ("made_by",)


@admin.register(Breakage)
class BreakageAdmin(ReadOnlyAdmin):
    list_display = ("programme", "month", "left", "used", "ran_out", "counted_at")
    list_select_related = ("programme",)


@admin.register(MoneyPeriod)
class MoneyPeriodAdmin(ReadOnlyAdmin):
    list_display = ("currency", "end", "people", "start", "revenue")
    list_select_related = ("end",)
    list_filter = ("currency",)


@admin.register(MoneyEnd)
class MoneyEndAdmin(ReadOnlyAdmin):
    list_display = ("basis", "months", "ends_on", "is_whole")


@admin.register(Spending)
class SpendingAdmin(ReadOnlyAdmin):
    list_display = ("customer", "basis", "currency", "first_month")
    list_select_related = ("customer",)


@admin.register(SpendCurve)
class SpendCurveAdmin(ReadOnlyAdmin):
    list_display = ("currency", "counted_at")


@admin.register(MoneyMark)
class MoneyMarkAdmin(ReadOnlyAdmin):
    list_display = ("id", "marked_at")


@admin.register(Spend)
class SpendAdmin(ReadOnlyAdmin):
    list_display = ("source", "month", "its_amount", "noted_by")
    list_select_related = ("noted_by",)
    exclude = ("amount",)
    readonly_fields = ("its_amount",)

    @admin.display(description=_("Amount"), ordering="amount")
    def its_amount(self, row: Spend) -> str:
        return formats.money(row.amount, row.currency)


@admin.register(Held)
class HeldAdmin(ReadOnlyAdmin):
    list_display = ("customer", "programme", "first_month", "until_month")
    list_select_related = ("customer", "programme")


@admin.register(StaleMembership)
class StaleMembershipAdmin(ReadOnlyAdmin):
    list_display = ("membership",)
    list_select_related = ("membership",)
