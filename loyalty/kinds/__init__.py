"""The mail that loyalty sends: thanks on a day, and a reminder of what runs out."""

from loyalty.kinds.anniversary import Anniversary
from loyalty.kinds.beginnings import OneYearLater, Welcome
from loyalty.kinds.campaign import CampaignKind
from loyalty.kinds.reorder import Reorder
from messaging.kinds import register

__all__ = ["Anniversary", "CampaignKind", "Reorder"]

register(Anniversary())
register(Welcome())
register(OneYearLater())
register(Reorder())
register(CampaignKind())
