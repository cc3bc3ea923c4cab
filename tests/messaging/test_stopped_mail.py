"""What staff read while no mail leaves, and what comes of "Try now"."""

import html
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from messaging.models import Message
from messaging.services.delivery import deliver
from tests.factories import CustomerFactory, MessageFactory, UserFactory

pytestmark = pytest.mark.faults

NOW = datetime(2026, 5, 11, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOW, tick=False):
        yield


def sign_in(client, role):
    client.force_login(UserFactory(role=role))


@pytest.fixture
def manager(client, db):
    sign_in(client, "manager")


def notices(answer):
    return [str(message) for message in answer.context["messages"]]


@pytest.fixture
def refused(sink, plain_kind, db):
    """Several people's server refuses us; Ana's mail was the last to meet it."""
    sink.say("rcpt", "550 5.7.1 relay denied")
    for number, name in enumerate(("Ben", "Cleo", "Ana")):
        MessageFactory(
            kind="plain",
            customer=CustomerFactory(given_name=name, family_name="Berg"),
            not_before=NOW - timedelta(hours=3 - number),
            expires_at=NOW + timedelta(days=3),
        )
    deliver(now=NOW)
    return sink


@pytest.mark.parametrize("page", ["/outbox/", "/settings/", "/"])
def test_the_page_shows_whose_mail_was_refused_and_what_the_server_answered(
    client, manager, refused, page
):
    seen = html.unescape(client.get(page).content.decode())

    assert "The mail server refused the mail to Ana Berg: “550 5.7.1 relay" in seen
    assert "2 mails before it met the same." in seen


@pytest.mark.parametrize("page", ["/outbox/", "/settings/", "/"])
def test_who_may_not_see_customers_reads_the_code_alone(client, refused, page):
    sign_in(client, "analyst")

    seen = html.unescape(client.get(page).content.decode())

    assert "The mail server refused the mail to a customer: “550”" in seen
    assert "Ana Berg" not in seen
    assert "relay denied" not in seen


def test_a_try_that_is_refused_again_is_shown_with_the_new_answer(
    client, manager, refused
):
    client.post("/outbox/try-now/")
    asked = client.get("/outbox/").content.decode()
    refused.say("rcpt", "554 5.7.0 still closed")
    deliver(now=timezone.now())

    seen = html.unescape(client.get("/outbox/").content.decode())

    assert "One mail is being tried since" in asked
    assert "One mail is being tried since" not in seen
    assert "the mail to Ben Berg: “554 5.7.0 still closed”" in seen
    assert "Last try" in seen
    assert refused.seen["rcpt"] == 4


def test_a_try_that_is_taken_is_reported_and_everything_goes(client, manager, refused):
    client.post("/outbox/try-now/")
    refused.recover()
    deliver(now=timezone.now())

    seen = client.get("/outbox/").content.decode()

    assert "Mail leaves again" in seen
    assert "Try now" not in seen
    assert len(refused.recipients) == 3


def test_a_try_without_a_mail_shows_what_it_waits_for(client, manager, refused):
    Message.objects.update(not_before=timezone.now() + timedelta(hours=5))

    client.post("/outbox/try-now/")
    deliver(now=timezone.now())

    assert "No mail is due at the moment" in client.get("/outbox/").content.decode()
    assert refused.seen["rcpt"] == 3


def test_trying_what_works_reports_it(client, manager):
    answer = client.post("/outbox/try-now/", follow=True)

    assert notices(answer) == ["Mail is leaving. There is nothing to try."]
