"""A campaign from its day to its end: asked for, started, stopped, going on, over.

Its automation carries the audience, the hour and the words, and its messages take the
way of all others. Here is what is only a campaign's. Nothing of it changes while it
goes; what changes before takes a yes away.
"""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.db import transaction

from crm import selectors
from crm.models import User
from crm.rules import dates
from crm.services import audit
from loyalty import errors
from loyalty.choices import Answer, CampaignState
from loyalty.models import Campaign, CampaignRequest
from loyalty.rules import campaigns as rules
from loyalty.services import campaign_limits, campaign_questions
from messaging import kinds
from messaging.errors import HoldoutNotHere
from messaging.models import Automation, Message, Sweep
from messaging.rules.choices import State
from messaging.rules.send_decision import Reason
from messaging.services import automations, stops
from web.errors import InvalidValue
from web.rules import text

KIND = "campaign"
# Its mail asks a survey; all else is the same.
SURVEY = "survey_campaign"
KINDS = frozenset({KIND, SURVEY})
STOPPED = Reason("campaign_stopped")
REASON_LENGTH, NOTE_LENGTH = 300, 500
_READY = frozenset({CampaignState.DRAFT.value, CampaignState.STOPPED.value})
_ON_ITS_WAY = [State.PLANNED.value, State.CLAIMED.value, State.HANDED.value]
# Without meaning for what people get.
_HARMLESS = frozenset({"priority", "archived_at"})


@transaction.atomic
def set_day(campaign: Campaign, *, on: date, now: datetime) -> Campaign:
    """On which day it goes. Raises CampaignDayPast, CampaignIsGoing, CampaignIsOver."""
    locked = _changeable(campaign)
    if on < selectors.business().day(now):
        raise errors.CampaignDayPast
    if locked.on == on:
        return locked
    locked.on = on
    return _changed(locked, "campaign.day_set", {"on"}, now)


@transaction.atomic
def set_nature(campaign: Campaign, *, reason: str, now: datetime) -> Campaign:
    """Why it is no advertising, so that it needs no consent to that; "": it is. For the
    owner to say. Raises HoldoutNotHere: nobody is left out of what people wait for."""
    locked = _changeable(campaign)
    if locked.automation.kind != KIND:
        raise InvalidValue(fields={"reason": "unknown_field"})
    clean = text.one_line(reason, field="reason", most=REASON_LENGTH)
    if clean and locked.automation.holdout_percent:
        raise HoldoutNotHere
    if locked.transactional_reason == clean:
        return locked
    locked.transactional_reason = clean
    return _changed(locked, "campaign.nature_set", {"transactional_reason"}, now)


@transaction.atomic
def ask(
    campaign: Campaign, *, staff: User, at_once: bool = False, now: datetime
) -> CampaignRequest:
    """Ask for the yes that it needs; it waits until somebody answers."""
    locked = _ready(campaign, at_once=at_once, now=now)
    people = campaign_limits.people_of(locked.automation, now=now)
    return campaign_questions.put(locked, staff, people, now)


@transaction.atomic
def take_back(campaign: Campaign, *, staff: User, now: datetime) -> Campaign:
    """Ask no longer. Asked nothing: nothing."""
    locked = _locked(campaign)
    campaign_questions.withdraw(locked, staff, now)
    locked.save()
    return locked


@transaction.atomic
def answer(
    request: CampaignRequest,
    *,
    staff: User,
    is_yes: bool,
    note: str,
    at_once: bool = False,
    now: datetime,
) -> Campaign:
    """A yes starts it, a no gives it back to whoever asked. Raises RequestAnswered,
    OwnRequest, and what `start` raises of its day."""
    clean = text.one_line(note, field="note", most=NOTE_LENGTH)
    campaign = _locked(request.campaign)
    asked = CampaignRequest.objects.get(pk=request.pk)
    if asked.answer != Answer.OPEN:
        raise errors.RequestAnswered
    if asked.asked_by_id == staff.pk:
        raise errors.OwnRequest
    campaign_questions.close(
        asked, Answer.YES if is_yes else Answer.NO, staff, now, note=clean
    )
    campaign_questions.give_back(campaign)
    if not is_yes:
        campaign.save()
        return campaign
    _check(campaign, at_once=at_once, now=now)
    return _go(
        campaign,
        started_by=asked.asked_by,
        most=rules.covered_by_yes(asked.people),
        now=now,
    )


@transaction.atomic
def start(
    campaign: Campaign, *, staff: User, at_once: bool = False, now: datetime
) -> Campaign:
    """From now on it goes, or goes on to those who have not got it. Going: nothing.

    `at_once`: its hour is over today, and it is to leave all the same. Raises
    CampaignHourPast without that, CampaignNeedsYes, CampaignHasNoDay,
    CampaignDayPast, CampaignHasNoWords, CampaignIsOver.
    """
    locked = _locked(campaign)
    if locked.state == CampaignState.GOING:
        return locked
    locked = _ready(locked, at_once=at_once, now=now)
    return _go(
        locked,
        started_by=staff,
        most=campaign_limits.bound(locked, staff, now),
        now=now,
    )


def stop(campaign: Campaign, *, now: datetime) -> None:
    """Nothing more of it leaves, but what was handed to the mail server. It may go on
    later: whoever got it does not get it again."""
    automations.switch_off(campaign.automation, now=now, reason=STOPPED)


@transaction.atomic
def follow(automation: Automation, fields: Collection[str], *, now: datetime) -> None:
    """Its automation is about to be stored. Raises what must not be: see `errors`."""
    campaign = _locked(automation.campaign)
    if "is_on" in fields:
        _follow_switch(campaign, automation)
    # Words that were emptied change no field by name.
    elif not fields or not _HARMLESS.issuperset(fields):
        if "steps" in fields:
            raise errors.CampaignIsOnce
        if campaign.state == CampaignState.GOING:
            raise errors.CampaignIsGoing
        if campaign.state == CampaignState.OVER and set(fields) != {"name"}:
            raise errors.CampaignIsOver
        campaign_questions.withdraw(campaign, None, now)
    campaign.save()


def keep_watch(automation: Automation, *, now: datetime) -> None:
    """Before each planning: end what is over, and stop what has grown beyond what
    somebody confirmed."""
    campaign = Campaign.objects.filter(
        automation=automation, state=CampaignState.GOING.value
    ).first()
    if campaign is None:
        return
    if _is_over(campaign, automation, now):
        _end(campaign, now=now)
        return
    if campaign.most_people is None:
        return
    people = campaign_limits.people_of(automation, now=now)
    if people > campaign.most_people:
        _ask_again(campaign, people, now=now)


# --- The parts -----------------------------------------------------------------------


def _locked(campaign: Campaign) -> Campaign:
    """The automation first, as every change of one does."""
    Automation.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    return (
        Campaign.objects.select_related("automation")
        .select_for_update(of=("self",), no_key=True)
        .get(pk=campaign.pk)
    )


def _changeable(campaign: Campaign) -> Campaign:
    locked = _locked(campaign)
    if locked.state == CampaignState.GOING:
        raise errors.CampaignIsGoing
    if locked.state == CampaignState.OVER:
        raise errors.CampaignIsOver
    return locked


def _ready(campaign: Campaign, *, at_once: bool, now: datetime) -> Campaign:
    locked = _changeable(campaign)
    if locked.state not in _READY:
        raise errors.CampaignNeedsYes
    _check(locked, at_once=at_once, now=now)
    return locked


def _check(campaign: Campaign, *, at_once: bool, now: datetime) -> None:
    business = selectors.business()
    if campaign.on is None:
        raise errors.CampaignHasNoDay
    if campaign.on < business.day(now):
        raise errors.CampaignDayPast
    zone = dates.zone_of(business.time_zone, "UTC")
    hour = dates.moment_at(campaign.on, campaign.automation.send_hour, zone)
    if hour <= now and not at_once:
        raise errors.CampaignHourPast
    kind = kinds.get(campaign.automation.kind)
    if business.language not in kind.languages_of(campaign.automation):
        raise errors.CampaignHasNoWords


def _go(
    campaign: Campaign, *, started_by: User, most: int | None, now: datetime
) -> Campaign:
    assert campaign.on is not None
    campaign.state = CampaignState.GOING.value
    campaign.started_by, campaign.started_at = started_by, now
    campaign.most_people = most
    campaign.save()
    # Where the hour of the day is over already, it leaves at once: nobody is left out
    # because of where they live.
    first, _ = rules.span(campaign.on, campaign.automation.send_hour)
    since = min(now, first - timedelta(seconds=1))
    automations.switch_on(campaign.automation, now=now, since=since)
    audit.record(
        "campaign.started", f"campaign:{campaign.pk}", fields=["state"], now=now
    )
    campaign.refresh_from_db()
    return campaign


def _follow_switch(campaign: Campaign, automation: Automation) -> None:
    if automation.is_on and campaign.state != CampaignState.GOING:
        raise errors.CampaignNotStarted
    if not automation.is_on and campaign.state == CampaignState.GOING:
        campaign.state = CampaignState.STOPPED.value


def _is_over(campaign: Campaign, automation: Automation, now: datetime) -> bool:
    """Its hour has passed everywhere on earth, a sweep has seen that, and nothing
    waits."""
    assert campaign.on is not None
    _, last = rules.span(campaign.on, automation.send_hour)
    if now <= last:
        return False
    swept = Sweep.objects.filter(automation=automation, swept_through__gte=last)
    waiting = Message.objects.filter(automation=automation, state__in=_ON_ITS_WAY)
    return swept.exists() and not waiting.exists()


@transaction.atomic
def _end(campaign: Campaign, *, now: datetime) -> None:
    stops.lock(campaign.automation)
    locked = _locked(campaign)
    if locked.state != CampaignState.GOING:
        return
    locked.state, locked.ended_at = CampaignState.OVER.value, now
    locked.save()
    automations.switch_off(locked.automation, now=now)


@transaction.atomic
def _ask_again(campaign: Campaign, people: int, *, now: datetime) -> None:
    stop(campaign, now=now)
    locked = _locked(campaign)
    if locked.state == CampaignState.STOPPED and locked.started_by:
        campaign_questions.put(locked, locked.started_by, people, now)


def _changed(
    campaign: Campaign, action: str, fields: set[str], now: datetime
) -> Campaign:
    campaign_questions.withdraw(campaign, None, now)
    campaign.save()
    audit.record(action, f"campaign:{campaign.pk}", fields=fields, now=now)
    return campaign
