"""Reasons to return. Anniversaries need no table: the ledger is their memory."""

from loyalty.models.codes import Code, Redemption
from loyalty.models.grants import Grant
from loyalty.models.name_days import NameDay, NameDayCalendar
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

__all__ = [
    "Campaign",
    "CampaignRequest",
    "Code",
    "Grant",
    "NameDay",
    "NameDayCalendar",
    "NextPurchase",
    "ProductRhythm",
    "Redemption",
    "ReminderItem",
    "ReorderRefusal",
    "Reward",
    "RewardWords",
    "RewardYear",
    "ShopRhythm",
    "Silence",
    "StaleCustomer",
    "StaleProduct",
]
