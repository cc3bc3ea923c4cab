"""Look up what is expected and what was reminded of; customers change it themselves."""

from django.contrib import admin

from crm.admin_base import ReadOnlyAdmin
from loyalty.models import (
    Allocation,
    BalanceCheck,
    Campaign,
    CampaignRequest,
    Code,
    Complement,
    ComplementRound,
    Entry,
    EntryNote,
    Grant,
    HandLimit,
    Lot,
    Membership,
    NameDay,
    NameDayCalendar,
    NextPurchase,
    OrderLink,
    ProductRhythm,
    Programme,
    ProgrammePeriod,
    ProgrammeReward,
    ProgrammeVersion,
    ProgrammeWords,
    Redemption,
    ReminderItem,
    ReorderRefusal,
    Reward,
    RewardWords,
    RewardYear,
    Rule,
    RuleVersion,
    RuleWords,
    ShopRhythm,
    Silence,
    Spending,
    StaleCustomer,
    StaleMember,
    StaleProduct,
    SuggestionRefusal,
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


@admin.register(StaleProduct)
class StaleProductAdmin(ReadOnlyAdmin):
    list_display = ("product", "marked_at")
    list_select_related = ("product",)


@admin.register(Campaign)
class CampaignAdmin(ReadOnlyAdmin):
    list_display = ("automation", "state", "on", "started_by", "ended_at")
    list_select_related = ("automation", "started_by")


@admin.register(CampaignRequest)
class CampaignRequestAdmin(ReadOnlyAdmin):
    list_display = ("campaign", "asked_by", "people", "answer", "answered_by")
    list_select_related = ("campaign", "asked_by", "answered_by")


@admin.register(Reward)
class RewardAdmin(ReadOnlyAdmin):
    list_display = ("name", "kind", "fulfilment", "is_offer", "cost", "stock", "taken")


@admin.register(RewardWords)
class RewardWordsAdmin(ReadOnlyAdmin):
    list_display = ("reward", "language", "name")
    list_select_related = ("reward",)


@admin.register(RewardYear)
class RewardYearAdmin(ReadOnlyAdmin):
    list_display = ("reward", "year", "given", "spent")
    list_select_related = ("reward",)


@admin.register(Grant)
class GrantAdmin(ReadOnlyAdmin):
    list_display = ("customer", "reward", "state", "source", "granted_at", "expires_on")
    list_select_related = ("customer", "reward")


@admin.register(Code)
class CodeAdmin(ReadOnlyAdmin):
    """Without the codes themselves: whoever reads one can use it."""

    list_display = ("id", "reward", "grant", "added_at")
    list_select_related = ("reward",)
    fields = ("reward", "grant", "added_at")


@admin.register(Redemption)
class RedemptionAdmin(ReadOnlyAdmin):
    list_display = ("code", "order_key", "state", "via", "redeemed_at")
    list_select_related = ("code",)


@admin.register(ProductRhythm)
class ProductRhythmAdmin(ReadOnlyAdmin):
    list_display = ("product", "buyers", "again", "intervals")
    list_select_related = ("product",)


@admin.register(ShopRhythm)
class ShopRhythmAdmin(ReadOnlyAdmin):
    list_display = ("learned_at",)


@admin.register(Silence)
class SilenceAdmin(ReadOnlyAdmin):
    list_display = ("customer", "last_on", "usual_gap", "silent_on")
    list_select_related = ("customer",)


@admin.register(Programme)
class ProgrammeAdmin(ReadOnlyAdmin):
    list_display = ("name", "kind", "unit", "takes_part", "expiry", "archived_at")


@admin.register(ProgrammeWords)
class ProgrammeWordsAdmin(ReadOnlyAdmin):
    list_display = ("programme", "language", "name")
    list_select_related = ("programme",)


@admin.register(ProgrammeVersion)
class ProgrammeVersionAdmin(ReadOnlyAdmin):
    list_display = ("programme", "number", "made_at", "made_by", "fields")
    list_select_related = ("programme", "made_by")


@admin.register(ProgrammePeriod)
class ProgrammePeriodAdmin(ReadOnlyAdmin):
    list_display = ("programme", "from_on", "began_at", "until_on", "ended_at")
    list_select_related = ("programme",)


@admin.register(ProgrammeReward)
class ProgrammeRewardAdmin(ReadOnlyAdmin):
    list_display = ("programme", "reward", "price")
    list_select_related = ("programme", "reward")


@admin.register(HandLimit)
class HandLimitAdmin(ReadOnlyAdmin):
    list_display = ("programme", "role", "most")
    list_select_related = ("programme",)


@admin.register(Rule)
class RuleAdmin(ReadOnlyAdmin):
    list_display = ("programme", "event", "key", "name", "ended_at")
    list_select_related = ("programme",)


@admin.register(RuleVersion)
class RuleVersionAdmin(ReadOnlyAdmin):
    list_display = ("rule", "number", "made_at", "units", "measure", "per")
    list_select_related = ("rule",)


@admin.register(RuleWords)
class RuleWordsAdmin(ReadOnlyAdmin):
    list_display = ("rule", "language", "name")
    list_select_related = ("rule",)


@admin.register(Membership)
class MembershipAdmin(ReadOnlyAdmin):
    list_display = ("programme", "customer", "balance", "owed", "joined_at", "left_at")
    list_select_related = ("programme", "customer")


@admin.register(Entry)
class EntryAdmin(ReadOnlyAdmin):
    list_display = ("membership", "kind", "amount", "source_key", "on", "expires_on")
    list_select_related = ("membership",)


@admin.register(EntryNote)
class EntryNoteAdmin(ReadOnlyAdmin):
    list_display = ("entry", "text")
    list_select_related = ("entry",)


@admin.register(Allocation)
class AllocationAdmin(ReadOnlyAdmin):
    list_display = ("spent", "earned", "amount")
    list_select_related = ("spent", "earned")


@admin.register(Lot)
class LotAdmin(ReadOnlyAdmin):
    list_display = ("entry", "membership", "left", "available_on", "expires_on")
    list_select_related = ("entry", "membership")


@admin.register(BalanceCheck)
class BalanceCheckAdmin(ReadOnlyAdmin):
    list_display = ("checked_at", "wrong")


@admin.register(Spending)
class SpendingAdmin(ReadOnlyAdmin):
    list_display = ("membership", "state", "order_key", "pays", "made_at")
    list_select_related = ("membership",)


@admin.register(StaleMember)
class StaleMemberAdmin(ReadOnlyAdmin):
    list_display = ("customer", "marked_at")
    list_select_related = ("customer",)


@admin.register(Complement)
class ComplementAdmin(ReadOnlyAdmin):
    list_display = ("product", "goes_with", "pick", "customers", "lift_low")
    list_select_related = ("product", "goes_with")


@admin.register(ComplementRound)
class ComplementRoundAdmin(ReadOnlyAdmin):
    list_display = ("counted_on", "begun_at", "ended_at")


@admin.register(SuggestionRefusal)
class SuggestionRefusalAdmin(ReadOnlyAdmin):
    list_display = ("customer", "product", "made_at")
    list_select_related = ("customer", "product")


@admin.register(OrderLink)
class OrderLinkAdmin(ReadOnlyAdmin):
    list_display = ("template", "updated_at")
