"""To how many people a campaign may go, and who may say so."""

from datetime import datetime

from crm import audiences, selectors
from crm.access import Capability
from crm.models import User
from loyalty import errors
from loyalty.models import Campaign
from messaging.models import Automation


def people_of(automation: Automation, *, now: datetime) -> int:
    """How many people the audience has now, counted so far as a page does."""
    return audiences.count(automation.audience, now=now)


def may_alone(staff: User, people: int) -> bool:
    """Whether they may start one to so many people without anybody's yes."""
    if staff.can(Capability.APPROVE_CAMPAIGNS):
        return True
    return people <= selectors.business().campaign_alone_up_to


def needs_yes(campaign: Campaign, staff: User, people: int, is_more: bool) -> bool:
    """Whether they would have to ask; `is_more`: there are more people than counted."""
    is_known = campaign.most_people is not None and people <= campaign.most_people
    return not may_alone(staff, people + is_more) and not (is_known and not is_more)


def bound(campaign: Campaign, staff: User, now: datetime) -> int | None:
    """To how many people they may start it; None: to any number."""
    if staff.can(Capability.APPROVE_CAMPAIGNS):
        return None
    people = people_of(campaign.automation, now=now)
    # A yes holds for what goes on unchanged.
    if campaign.most_people is not None and people <= campaign.most_people:
        return campaign.most_people
    if not may_alone(staff, people):
        raise errors.CampaignNeedsYes
    return selectors.business().campaign_alone_up_to
