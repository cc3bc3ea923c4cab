"""Campaigns: once, on a day, to a segment; asked for, stopped, going on, over."""

from datetime import UTC, date, datetime, timedelta
from threading import Event, Thread

import pytest
from django.db import connection, transaction
from django.urls import reverse

from crm.models import AuditEntry, Business, Customer
from loyalty import errors
from loyalty.models import Campaign, CampaignRequest
from loyalty.selectors import campaigns as selectors
from loyalty.services import campaigns
from messaging import kinds
from messaging.errors import HoldoutNotHere
from messaging.models import Message
from messaging.services import (
    automation_rows,
    automations,
    delivery,
    holdout,
    wordings,
)
from messaging.services.delivery import sql as delivery_sql
from messaging.services.delivery.claim import claim
from messaging.services.delivery.outcomes import lease
from tests.factories import CustomerFactory, UserFactory
from tests.loyalty.campaign_shop import (
    NINE,
    NOW,
    TOMORROW,
    WORDS,
    campaign_of,
    ends,
    readers,
    sweep,
)
from tests.pages import read

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def outbox(settings, tmp_path):
    settings.MAIL_TRANSPORT = "outbox"
    settings.JOURNAL_FOLDER = tmp_path


@pytest.fixture
def manager(db):
    return UserFactory(name="Noa", role="manager")


@pytest.fixture
def marketer(db):
    return UserFactory(name="Max", role="marketer")


def fresh(campaign):
    return Campaign.objects.select_related("automation").get(pk=campaign.pk)


def test_everybody_gets_it_once_in_their_own_morning(manager):
    here, there = readers(2)
    # Where the shop wrote nothing in a language, its own is used, never our words.
    Customer.objects.filter(pk=there.pk).update(
        time_zone="Pacific/Auckland", language="he"
    )
    nothing_said = CustomerFactory(mail_ground="agreed")
    campaign = campaign_of()

    campaigns.start(campaign, staff=manager, now=NOW)
    campaigns.start(campaign, staff=manager, now=NOW)
    counts = [sweep(), sweep()]

    assert [count["planned"] for count in counts] == [3, 0]
    moments = dict(Message.objects.values_list("customer", "not_before"))
    assert moments[here.pk] == NINE
    # 22 November, 09:00 in Auckland.
    assert moments[there.pk] == datetime(2026, 11, 21, 20, tzinfo=UTC)
    delivery.deliver(now=moments[there.pk])
    delivery.deliver(now=NINE)
    assert ends(campaign) == {
        here.pk: ("sent", ""),
        there.pk: ("sent", ""),
        nothing_said.pk: ("suppressed", "no_consent"),
    }
    bodies = [row.body for row in Message.objects.filter(state="sent")]
    assert [one.subject for one in bodies] == ["A good year"] * 2
    assert all("you agreed to hear from us" in one.text for one in bodies)
    # Over once its hour has passed everywhere, and kept as it was.
    sweep(NINE + timedelta(hours=11))
    assert fresh(campaign).state == "going"
    sweep(NINE + timedelta(hours=13))
    over = fresh(campaign)
    assert (over.state, over.automation.is_on) == ("over", False)
    assert selectors.standing(over.automation, now=NINE).progress.left == 2
    with pytest.raises(errors.CampaignIsOver):
        campaigns.start(over, staff=manager, now=NINE)


def test_two_campaigns_do_not_take_each_others_people(manager):
    readers(1)

    for name in ("Thanks", "New Year"):
        campaigns.start(campaign_of(name=name), staff=manager, now=NOW)

    assert sweep()["planned"] == 2


def test_the_audience_is_asked_when_it_is_planned_and_when_it_goes(manager, marketer):
    stays, leaves, joins = readers(3)
    theirs = Customer.objects.filter(pk__in=[stays.pk, leaves.pk])
    theirs.update(owner=manager)
    campaign = campaign_of(f"owner={manager.pk}")
    campaigns.start(campaign, staff=manager, now=NOW)
    sweep()

    Customer.objects.filter(pk=leaves.pk).update(owner=None)
    Customer.objects.filter(pk=joins.pk).update(owner=manager)
    sweep()
    delivery.deliver(now=NINE)

    assert ends(campaign) == dict.fromkeys((stays.pk, joins.pk), ("sent", ""))
    left = Message.objects.get(customer=leaves)
    assert left.reason_code == "superseded_left_audience"


def test_a_day_that_is_over_is_refused_and_an_hour_that_is_over_is_asked(manager):
    (late,) = readers(1)
    campaign = campaign_of()

    with pytest.raises(errors.CampaignDayPast):
        campaigns.set_day(campaign, on=date(2026, 11, 20), now=NOW)
    with pytest.raises(errors.CampaignHourPast):
        campaigns.start(campaign, staff=manager, now=NINE)
    with pytest.raises(errors.CampaignDayPast):
        campaigns.start(campaign, staff=manager, now=NINE + DAY)
    wordings.save_wording(campaign.automation, language="en", fields={}, now=NOW)
    with pytest.raises(errors.CampaignHasNoWords):
        campaigns.start(campaign, staff=manager, now=NOW)
    wordings.save_wording(campaign.automation, language="en", fields=WORDS, now=NOW)

    later = NINE + timedelta(hours=2)
    campaigns.start(campaign, staff=manager, at_once=True, now=later)
    sweep(later)
    delivery.deliver(now=later)
    assert ends(campaign) == {late.pk: ("sent", "")}


def test_stopped_half_way_it_goes_on_to_the_others_alone(manager):
    people = readers(5)
    campaign = campaign_of()
    campaigns.start(campaign, staff=manager, now=NOW)
    sweep()
    delivery.deliver(now=NINE, limit=2)
    with pytest.raises(errors.CampaignIsGoing):
        wordings.save_wording(campaign.automation, language="en", fields={}, now=NINE)

    campaigns.stop(fresh(campaign), now=NINE)
    campaigns.stop(fresh(campaign), now=NINE)
    delivery.deliver(now=NINE)

    assert [state for state, _ in ends(campaign).values()] == ["sent", "sent"]
    stopped = Message.objects.filter(reason_code="campaign_stopped")
    assert {row.state for row in stopped} == {"superseded"}
    assert selectors.standing(campaign.automation, now=NINE).progress.stopped == 3
    # Nobody switches it on behind its back.
    with pytest.raises(errors.CampaignNotStarted):
        automations.switch_on(fresh(campaign).automation, now=NINE)

    campaigns.start(fresh(campaign), staff=manager, at_once=True, now=NINE)
    sweep(NINE)
    delivery.deliver(now=NINE)
    assert ends(campaign) == {one.pk: ("sent", "") for one in people}


def test_what_a_deliverer_has_taken_does_not_leave_after_the_stop(manager):
    readers(3)
    campaign = campaign_of()
    campaigns.start(campaign, staff=manager, now=NOW)
    sweep()
    taken = claim(now=NINE, limit=2)

    campaigns.stop(fresh(campaign), now=NINE)

    hashes = {message.pk: b"x" * 32 for message in taken.messages}
    handed = delivery_sql.hand(
        hashes, token=taken.token, lease=lease(), transport="outbox", now=NINE
    )
    assert len(taken.messages) == 2
    assert handed == set()


@pytest.mark.django_db(transaction=True)
def test_a_stop_waits_for_the_claim_that_is_at_work_and_takes_it_back(request):
    manager = UserFactory(name="Noa", role="manager")
    readers(2)
    campaign = campaign_of()
    campaigns.start(campaign, staff=manager, now=NOW)
    sweep()
    began, stopped = Event(), Event()

    def stop():
        began.wait(10)
        try:
            campaigns.stop(fresh(campaign), now=NINE)
        finally:
            stopped.set()
            connection.close()

    other = Thread(target=stop)
    other.start()
    with transaction.atomic():
        taken = claim(now=NINE, limit=10)
        began.set()
        was_waiting = not stopped.wait(0.5)
    other.join(20)

    assert was_waiting
    assert len(taken.messages) == 2
    assert set(Message.objects.values_list("state", "reason_code")) == {
        ("superseded", "campaign_stopped")
    }


def test_a_marketers_large_campaign_waits_for_the_yes_of_another(manager, marketer):
    readers(4)
    Business.objects.update(campaign_alone_up_to=3)
    campaign = campaign_of()

    with pytest.raises(errors.CampaignNeedsYes):
        campaigns.start(campaign, staff=marketer, now=NOW)
    asked = campaigns.ask(campaign, staff=marketer, now=NOW)
    with pytest.raises(errors.OwnRequest):
        campaigns.answer(asked, staff=marketer, is_yes=True, note="", now=NOW)
    assert (asked.people, fresh(campaign).state) == (4, "waiting")
    campaigns.answer(asked, staff=manager, is_yes=False, note="Too long", now=NOW)
    assert (fresh(campaign).state, fresh(campaign).automation.is_on) == ("draft", False)
    with pytest.raises(errors.RequestAnswered):
        campaigns.answer(asked, staff=manager, is_yes=True, note="", now=NOW)

    again = campaigns.ask(campaign, staff=marketer, now=NOW)
    # A change takes the question back, and a stopped one needs a new yes after it.
    wordings.save_wording(
        campaign.automation, language="en", fields={**WORDS, "text": "Shorter"}, now=NOW
    )
    again.refresh_from_db()
    assert (again.answer, fresh(campaign).state) == ("withdrawn", "draft")
    third = campaigns.ask(campaign, staff=marketer, now=NOW)
    campaigns.answer(third, staff=manager, is_yes=True, note="", now=NOW)
    assert sweep()["planned"] == 4
    campaigns.stop(fresh(campaign), now=NOW)
    campaigns.start(fresh(campaign), staff=marketer, now=NOW)
    campaigns.stop(fresh(campaign), now=NOW)
    campaigns.set_day(fresh(campaign), on=TOMORROW + DAY, now=NOW)
    with pytest.raises(errors.CampaignNeedsYes):
        campaigns.start(fresh(campaign), staff=marketer, now=NOW)
    actions = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"campaign.asked", "campaign.no", "campaign.yes", "campaign.started"} <= (
        actions
    )


def test_a_segment_that_grew_past_the_yes_is_asked_about_again(manager, marketer):
    readers(3)
    Business.objects.update(campaign_alone_up_to=3)
    campaign = campaign_of()
    campaigns.start(campaign, staff=marketer, now=NOW)

    readers(1)
    sweep()

    (asked,) = CampaignRequest.objects.all()
    assert (asked.people, asked.asked_by, fresh(campaign).state) == (
        4, marketer, "waiting",
    )  # fmt: skip
    assert not Message.objects.exists()
    campaigns.answer(asked, staff=manager, is_yes=True, note="", now=NOW)
    assert sweep()["planned"] == 4


def test_only_what_is_no_advertising_goes_to_those_who_did_not_agree(manager):
    told = CustomerFactory()
    campaign = campaign_of()
    held = holdout.set_percent(
        campaign.automation, version=fresh(campaign).automation.version, percent=10,
        now=NOW,
    )  # fmt: skip
    with pytest.raises(HoldoutNotHere):
        campaigns.set_nature(campaign, reason="We move", now=NOW)
    holdout.set_percent(held, version=held.version, percent=0, now=NOW)

    campaigns.set_nature(campaign, reason="We move", now=NOW)
    campaigns.start(fresh(campaign), staff=manager, now=NOW)
    sweep()
    delivery.deliver(now=NINE)

    assert ends(campaign) == {told.pk: ("sent", "")}
    assert Message.objects.get().category == "transactional"
    copied = automation_rows.copy(fresh(campaign).automation, name="Next", now=NINE)
    assert (copied.campaign.transactional_reason, copied.campaign.on) == ("", None)
    assert kinds.get("campaign").category_of(copied) == "marketing"


def test_the_page_lets_it_go_and_today_says_how_far_it_is(
    client, manager, marketer, time_machine
):
    time_machine.move_to(NOW, tick=False)
    readers(4)
    Business.objects.update(campaign_alone_up_to=3)
    campaign = campaign_of()
    client.force_login(marketer)

    def post(name, **values):
        url = reverse(f"loyalty:campaign-{name}", args=[campaign.pk])
        return client.post(url, values, follow=True)

    wrong = post("day", on="2026-11-20")
    assert (wrong.status_code, "This day is over" in wrong.content.decode()) == (
        422, True,
    )  # fmt: skip
    assert "Ask for a yes" in post("day", on="2026-11-22").content.decode()
    post("ask")
    client.force_login(manager)
    assert "A campaign to 4 people waits for a yes." in (
        client.get(reverse("desk:today")).content.decode()
    )
    asked = CampaignRequest.objects.get()
    post("answer", request=asked.pk, to="yes", note="Go on")
    sweep()
    time_machine.move_to(NINE, tick=False)
    delivery.deliver(now=NINE, limit=1)
    client.force_login(manager)
    assert "1 of 4 mails left, 3 wait." in (
        client.get(reverse("desk:today")).content.decode()
    )
    page = post("stop").content.decode()
    assert "1 of 1 mail left, 3 taken back." in page


def test_it_is_moved_on_its_day_in_the_calendar_until_it_goes(
    client, manager, time_machine
):
    time_machine.move_to(NOW, tick=False)
    campaign = campaign_of()
    client.force_login(manager)
    set_day = reverse("loyalty:campaign-day", args=[campaign.pk])
    calendar = reverse("messaging:calendar")

    def days():
        found = client.get(calendar).context["page"].days
        return [day.on for day in found if campaign in dict(day.items).values()]

    before = days()
    moved = client.post(set_day, {"on": "2026-12-24", "next": calendar})
    after = days()
    outside = client.post(set_day, {"on": "2026-12-25", "next": "https://evil.example"})
    wrong = client.post(set_day, {"on": "2026-11-20", "next": calendar})

    assert (before, after) == ([TOMORROW], [date(2026, 12, 24)])
    assert (moved.status_code, moved.url) == (303, calendar)
    assert outside.url == reverse("loyalty:campaign", args=[campaign.pk])
    assert wrong.status_code == 422
    assert set_day in client.get(calendar).content.decode()
    client.force_login(UserFactory(role="analyst"))
    assert set_day not in read(client.get(calendar))
    campaigns.start(fresh(campaign), staff=manager, now=NOW)
    assert days() == []


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_stopped_under_two_deliverers_nobody_gets_it_after_the_stop():
    manager = UserFactory(name="Noa", role="manager")
    readers(400)
    campaign = campaign_of()
    campaigns.start(campaign, staff=manager, now=NOW)
    sweep()
    first = Event()

    def send():
        try:
            while delivery.deliver(now=NINE, limit=20).sent:
                first.set()
        finally:
            connection.close()

    deliverers = [Thread(target=send) for _ in range(2)]
    for one in deliverers:
        one.start()
    first.wait(20)
    campaigns.stop(fresh(campaign), now=NINE)
    left = Message.objects.filter(state__in=["handed", "sent"]).count()
    for one in deliverers:
        one.join(60)

    assert 0 < left < 400
    states = [row.state for row in Message.objects.all()]
    assert (states.count("sent"), states.count("superseded")) == (left, 400 - left)
