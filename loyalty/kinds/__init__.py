"""The mail that loyalty sends: greetings on a day, reminders, and what members have."""

from loyalty.kinds.anniversary import Anniversary
from loyalty.kinds.balances import Earned, RunningOut
from loyalty.kinds.beginnings import OneYearLater, Welcome
from loyalty.kinds.birthday import Birthday
from loyalty.kinds.campaign import CampaignKind
from loyalty.kinds.custom_date import CustomDate
from loyalty.kinds.feasts import FEASTS
from loyalty.kinds.gifts import Rewards
from loyalty.kinds.name_day import NameDay
from loyalty.kinds.reorder import Reorder
from loyalty.kinds.reward_given import RewardGiven
from loyalty.kinds.reward_ready import RewardReady
from loyalty.kinds.statements import MonthlyStatement
from loyalty.kinds.suggestions import GoesWith, SameKind
from loyalty.kinds.survey_campaign import SurveyCampaign
from loyalty.kinds.thanks import FirstOrder, Milestone
from loyalty.kinds.win_back import WinBack
from messaging import gifts
from messaging.kinds import register

__all__ = ["Anniversary", "CampaignKind", "Reorder", "SurveyCampaign"]

register(Anniversary())
register(Welcome())
register(OneYearLater())
register(Milestone())
register(FirstOrder())
register(Birthday())
register(NameDay())
register(CustomDate())
register(Reorder())
register(WinBack())
register(GoesWith())
register(SameKind())
register(Earned())
register(RunningOut())
register(RewardReady())
register(MonthlyStatement())
register(CampaignKind())
register(SurveyCampaign())
register(RewardGiven())
gifts.register(Rewards())
for feast in FEASTS:
    register(feast())
