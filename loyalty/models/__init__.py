"""Reasons to return. Anniversaries need no table: the ledger is their memory."""

from loyalty.models.codes import Code, Redemption
from loyalty.models.grants import Grant
from loyalty.models.ledger import (
    Allocation,
    BalanceCheck,
    Entry,
    EntryNote,
    Lot,
    Membership,
)
from loyalty.models.name_days import NameDay, NameDayCalendar
from loyalty.models.order_links import OrderLink
from loyalty.models.programme_rules import Rule, RuleVersion, RuleWords
from loyalty.models.programmes import (
    HandLimit,
    Programme,
    ProgrammePeriod,
    ProgrammeReward,
    ProgrammeVersion,
    ProgrammeWords,
)
from loyalty.models.purchases import (
    Campaign,
    CampaignRequest,
    NextPurchase,
    ReminderItem,
    ReorderRefusal,
    StaleCustomer,
    StaleProduct,
)
from loyalty.models.rewards import Reward, RewardWords, RewardYear
from loyalty.models.rhythms import ProductRhythm, ShopRhythm, Silence
from loyalty.models.spendings import Spending, StaleMember
from loyalty.models.suggestions import (
    Complement,
    ComplementRound,
    SuggestionRefusal,
)

__all__ = [
    "Allocation",
    "BalanceCheck",
    "Campaign",
    "CampaignRequest",
    "Code",
    "Entry",
    "EntryNote",
    "Complement",
    "ComplementRound",
    "Grant",
    "HandLimit",
    "Lot",
    "Membership",
    "NameDay",
    "NameDayCalendar",
    "NextPurchase",
    "OrderLink",
    "ProductRhythm",
    "Programme",
    "ProgrammePeriod",
    "ProgrammeReward",
    "ProgrammeVersion",
    "ProgrammeWords",
    "Redemption",
    "ReminderItem",
    "ReorderRefusal",
    "Reward",
    "RewardWords",
    "RewardYear",
    "Rule",
    "RuleVersion",
    "RuleWords",
    "ShopRhythm",
    "Silence",
    "Spending",
    "StaleCustomer",
    "StaleProduct",
    "StaleMember",
    "SuggestionRefusal",
]
