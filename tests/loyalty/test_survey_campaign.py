"""A survey once to a segment: the road of a campaign, and the limits of a survey."""

import pytest

from crm.models import Business
from loyalty.models import Campaign
from loyalty.services import campaigns
from messaging import kinds
from messaging.models import Message
from messaging.services import automation_rows, delivery, planning
from surveys.models import Invitation, Survey
from tests.factories import CustomerFactory, UserFactory
from tests.loyalty.campaign_shop import NINE, NOW, TOMORROW
from web.errors import InvalidValue


@pytest.fixture
def campaign(db, settings, tmp_path):
    settings.MAIL_TRANSPORT = "outbox"
    settings.JOURNAL_FOLDER = tmp_path
    row = automation_rows.create(kinds.get("survey_campaign"), now=NOW)
    row.send_hour = NINE.hour
    row.save()
    return campaigns.set_day(Campaign.objects.get(pk=row.pk), on=TOMORROW, now=NOW)


def sweep():
    return planning.sweep(now=NOW, kinds=["survey_campaign"])["survey_campaign"]


def test_everybody_of_its_audience_is_asked_once_on_its_day(campaign):
    # No yes to advertising: a survey needs none.
    asked = CustomerFactory(mail_ground="Bought", time_zone="UTC")

    campaigns.start(campaign, staff=UserFactory(role="manager"), now=NOW)
    counts = [sweep()["planned"], sweep()["planned"]]
    delivery.deliver(now=NINE)

    assert counts == [1, 0]
    message = Message.objects.get()
    assert (message.state, message.category) == ("sent", "survey")
    invitation = Invitation.objects.get(customer=asked)
    assert invitation.survey == Survey.objects.get(askings__automation=campaign.pk)


def test_nobody_is_asked_a_survey_that_is_closed(campaign):
    Survey.objects.filter(askings__automation=campaign.pk).update(state="closed")
    CustomerFactory(mail_ground="Bought", time_zone="UTC")

    campaigns.start(campaign, staff=UserFactory(role="manager"), now=NOW)

    assert sweep()["planned"] == 0


def test_a_survey_is_never_called_advertising_or_not(campaign):
    with pytest.raises(InvalidValue):
        campaigns.set_nature(campaign, reason="They wait for it", now=NOW)


def test_without_a_yes_it_does_not_go(campaign):
    CustomerFactory.create_batch(2, mail_ground="Bought")
    Business.objects.update(campaign_alone_up_to=1)
    with pytest.raises(campaigns.errors.CampaignNeedsYes):
        campaigns.start(campaign, staff=UserFactory(role="marketer"), now=NOW)
