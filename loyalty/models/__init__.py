"""Reasons to return. Anniversaries need no table: the ledger is their memory."""

from loyalty.models.name_days import NameDay, NameDayCalendar
from loyalty.models.purchases import (
    Campaign,
    CampaignRequest,
    NextPurchase,
    ReminderItem,
    ReorderRefusal,
    StaleCustomer,
)

__all__ = [
    "Campaign",
    "CampaignRequest",
    "NameDay",
    "NameDayCalendar",
    "NextPurchase",
    "ReminderItem",
    "ReorderRefusal",
    "StaleCustomer",
]
