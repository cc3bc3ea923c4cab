"""The question whether a campaign may go: put, taken back, answered. The code that
calls has locked the campaign."""

from datetime import datetime

from crm.models import User
from crm.services import audit
from loyalty.choices import Answer, CampaignState
from loyalty.models import Campaign, CampaignRequest


def put(campaign: Campaign, staff: User, people: int, now: datetime) -> CampaignRequest:
    """Ask for a yes to so many people; the campaign waits and is saved."""
    request = CampaignRequest.objects.create(
        campaign=campaign, asked_by=staff, asked_at=now, people=people
    )
    campaign.state = CampaignState.WAITING.value
    campaign.save()
    audit.record("campaign.asked", f"campaign:{campaign.pk}", now=now)
    return request


def withdraw(campaign: Campaign, staff: User | None, now: datetime) -> None:
    """It is not confirmed as it is now, and an open question does not stand any
    more. Saving the campaign is the caller's."""
    campaign.most_people = None
    asked = campaign.requests.filter(answer=Answer.OPEN.value).first()
    if asked is not None:
        close(asked, Answer.WITHDRAWN, staff, now)
        give_back(campaign)


def close(
    request: CampaignRequest,
    answer: Answer,
    staff: User | None,
    now: datetime,
    *,
    note: str = "",
) -> None:
    """Store what became of a question."""
    request.answer, request.answered_by = answer.value, staff
    request.answered_at, request.note = now, note
    request.save()
    audit.record(f"campaign.{answer.value}", f"campaign:{request.campaign_id}", now=now)


def give_back(campaign: Campaign) -> None:
    """As it was before the question; not saved."""
    was_going = campaign.started_at is not None
    state = CampaignState.STOPPED if was_going else CampaignState.DRAFT
    campaign.state = state.value
