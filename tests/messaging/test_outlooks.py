"""What will become of a planned mail: it goes, waits or lapses, and pages say so."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse

from messaging.models import Automation, BudgetRule, Message
from messaging.rules.budget import Counted, Rule
from messaging.rules.choices import Category
from messaging.rules.outlook import look_ahead
from messaging.rules.send_decision import ConsentState, Facts, OpenHold
from messaging.selectors.forecasts import coming as forecast
from messaging.services import automations, delivery
from tests.factories import CustomerFactory, MessageFactory, UserFactory
from tests.pages import cell, panel, shown

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
TWO_A_WEEK = Rule(1, frozenset({Category.SURVEY}), 2, 7)


def facts(**more):
    usual = {
        "category": Category.SURVEY,
        "is_reminder": False,
        "expires_at": NOW + 7 * DAY,
        "zone": ZoneInfo("UTC"),
        "consent": ConsentState(True, None, "existing"),
    }
    return Facts(**{**usual, **more})


def sent(*days_ago):
    return [Counted(Category.SURVEY, NOW - days * DAY) for days in days_ago]


def outlook(**more):
    found = look_ahead(facts(**more), NOW)
    return found.goes_at, found.lapses, found.reason and found.reason.code


# --- The rule ------------------------------------------------------------------------


def test_what_nothing_holds_goes_at_its_hour():
    assert outlook() == (NOW, False, None)


def test_a_full_limit_is_waited_for_where_there_is_room_in_time():
    # The older of the two leaves the week in two days.
    found = outlook(rules=[TWO_A_WEEK], counted=sent(5, 1))

    assert found == (NOW + 2 * DAY, False, "contact_limit")


@pytest.mark.parametrize(
    ("ends", "lapses"),
    [
        (NOW + 2 * DAY + 2 * MINUTE, False),
        # The last look is a minute before the end: what is free then comes too late.
        (NOW + 2 * DAY + MINUTE, True),
        (NOW + 2 * DAY, True),
        (NOW + DAY, True),
    ],
)
def test_a_full_limit_beyond_the_end_lapses(ends, lapses):
    found = outlook(rules=[TWO_A_WEEK], counted=sent(5, 1), expires_at=ends)

    assert found[1:] == (lapses, "contact_limit")


def test_a_pause_that_ends_in_time_is_waited_for():
    pause = OpenHold(1, "paused_by_customer", "pause:1", until=NOW + 3 * DAY)

    assert outlook(holds=[pause]) == (NOW + 3 * DAY, False, "on_hold")


def test_a_pause_beyond_the_end_lapses():
    pause = OpenHold(1, "paused_by_customer", "pause:1", until=NOW + 8 * DAY)

    assert outlook(holds=[pause]) == (None, True, "on_hold")


def test_it_is_not_known_when_a_complaint_is_over():
    assert outlook(holds=[OpenHold(1, "open_complaint", "c:1")]) == (
        None,
        False,
        "on_hold",
    )


def test_room_at_night_waits_for_the_morning_too():
    found = look_ahead(
        facts(
            rules=[TWO_A_WEEK],
            counted=[
                Counted(Category.SURVEY, NOW - 6 * DAY - HOUR),
                Counted(Category.SURVEY, NOW),
            ],
            quiet_from=11,
            quiet_until=20,
        ),
        NOW - 2 * HOUR,
    )

    # Room at 11:00 tomorrow, quiet until 20:00.
    assert found.goes_at == NOW + DAY + 8 * HOUR
    assert found.reason.code == "contact_limit"


def test_room_at_night_lapses_where_the_morning_is_too_late():
    found = look_ahead(
        facts(
            rules=[TWO_A_WEEK],
            counted=sent(6, 1),
            quiet_from=11,
            quiet_until=20,
            expires_at=NOW + DAY + 3 * HOUR,
        ),
        NOW - 2 * HOUR,
    )

    assert found.lapses


def test_what_is_refused_for_good_lapses_with_its_reason():
    assert outlook(has_address=False) == (None, True, "no_address")


# --- The pages -----------------------------------------------------------------------


@pytest.fixture
def at_noon(db):
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def noa(client, at_noon):
    user = UserFactory(role="manager")
    client.force_login(user)
    return user


@pytest.fixture
def lapsing(small_kind):
    """Behind two mails of yesterday, with three days to live: looked at and put off."""
    automations.ensure_automations()
    dana = CustomerFactory()
    for _ in range(2):
        MessageFactory(
            customer=dana, state="sent", final_at=NOW - DAY, counted_at=NOW - DAY,
            transport="smtp",
        )  # fmt: skip
    BudgetRule.objects.all().delete()
    BudgetRule.objects.create(
        name="Two a week", categories=["survey"], max_count=2, window_days=7
    )
    message = MessageFactory(
        customer=dana,
        automation=Automation.objects.get(kind="test_kind"),
        not_before=NOW - HOUR,
        expires_at=NOW + 3 * DAY,
    )
    delivery.deliver(now=NOW)
    message.refresh_from_db()
    assert (message.state, message.deferred_reason) == ("planned", "contact_limit")
    assert message.not_before == message.expires_at - MINUTE
    return message


def test_the_message_shows_that_it_will_lapse_not_that_it_goes(client, noa, lapsing):
    text = shown(client, reverse("messaging:message", args=[lapsing.pk]))

    assert "Will lapse: already 2 mails in 7 days" in text
    assert "It will not go as things stand: it lapses" in text
    assert "Goes" not in text
    assert "Next try" not in text


def test_the_outbox_shows_it(client, noa, lapsing):
    text = shown(client, "/outbox/?tab=held")

    assert "Will lapse" in text
    assert "Contact limit; its time ends before that" in text


def test_the_customer_page_shows_it(client, noa, lapsing):
    text = shown(client, f"/customers/{lapsing.customer_id}/")

    assert "Will lapse , 24 Nov" in text or "Will lapse, 24 Nov" in text
    answer = client.get(f"/customers/{lapsing.customer_id}/")
    planned = cell(answer, "Next contact")
    assert planned.value == "None"
    assert "its time ends before that" in planned.detail


def test_today_counts_it_apart_from_what_goes_later(client, noa, lapsing):
    held = panel(client.get("/"), "mail").held_back

    assert (held.limit, held.lapsing) == (0, 1)


def test_the_automation_counts_it(client, noa, lapsing):
    text = shown(client, reverse("messaging:automation", args=[lapsing.automation_id]))

    assert "1 mail waits behind the contact limit; 1 will lapse." in text


def test_where_there_is_room_in_time_nothing_speaks_of_lapsing(client, noa, lapsing):
    Message.objects.filter(pk=lapsing.pk).update(
        expires_at=NOW + 20 * DAY, not_before=NOW - HOUR, deferred_reason=""
    )
    delivery.deliver(now=NOW)

    for url in (
        reverse("messaging:message", args=[lapsing.pk]),
        "/outbox/?tab=held",
        f"/customers/{lapsing.customer_id}/",
    ):
        assert "ill lapse" not in shown(client, url)
    held = panel(client.get("/"), "mail").held_back
    assert (held.limit, held.lapsing) == (1, 0)
    text = shown(client, reverse("messaging:automation", args=[lapsing.automation_id]))
    assert "1 mail waits behind the contact limit; 0 will lapse." in text


def test_the_forecast_distinguishes_who_waits_and_who_lapses(at_noon, small_kind):
    BudgetRule.objects.all().delete()
    BudgetRule.objects.create(
        name="One a month", categories=["survey"], max_count=1, window_days=30
    )
    automations.ensure_automations()
    automation = Automation.objects.get(kind="test_kind")
    automation.life_days = 3
    automation.save()
    # Their one mail leaves the month in time, long after, or was never sent.
    for days_ago in (27, 10, None):
        person = CustomerFactory(since_on=NOW.date() + DAY)
        if days_ago:
            MessageFactory(
                customer=person, state="sent", transport="smtp",
                counted_at=NOW - days_ago * DAY, final_at=NOW - days_ago * DAY,
            )  # fmt: skip

    found = forecast(automation, now=NOW)

    assert found.total == 3
    assert found.held == {"contact_limit": 2}
    assert found.lapsing["contact_limit"] == 1
