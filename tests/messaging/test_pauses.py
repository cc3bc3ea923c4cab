"""A pause: one truth for the customer and for staff, who may pause and resume too."""

import re
import threading
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connections
from django.urls import reverse

from crm.models import AuditEntry
from messaging.models import Hold, Message
from messaging.services import delivery, links, pauses
from tests.factories import CustomerFactory, MessageFactory, UserFactory
from tests.pages import cell, panel, shown

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def noa(client, db):
    user = UserFactory(role="agent")
    client.force_login(user)
    return user


@pytest.fixture
def dana(db):
    return CustomerFactory(email="dana@example.org", email_norm="dana@example.org")


@pytest.fixture
def waiting(dana, plain_kind, settings):
    """Planned before the pause, for tomorrow, with a week to live."""
    settings.MAIL_TRANSPORT = "outbox"
    return MessageFactory(customer=dana, kind="plain", not_before=NOW + DAY)


def pages(customer, message):
    """Every page of staff that shows the mail or the permission."""
    return {
        "customer": f"/customers/{customer.pk}/",
        "why": reverse("messaging:message-why", args=[message.pk]),
        "message": reverse("messaging:message", args=[message.pk]),
        "outbox": "/outbox/",
    }


# --- Seen by staff -------------------------------------------------------------------


def test_before_a_pause_every_page_shows_permission(client, noa, dana, waiting):
    for url in pages(dana, waiting).values():
        assert "aused" not in shown(client, url).replace("Pause all", "")

    assert "May we write: yes" in shown(client, pages(dana, waiting)["why"])


@pytest.mark.parametrize("page", ["customer", "why", "message", "outbox"])
def test_a_pause_of_the_customer_shows_at_once(client, noa, dana, waiting, page):
    pauses.pause(dana, now=NOW)

    text = shown(client, pages(dana, waiting)[page])

    assert re.search("customer (paused|until)|by the customer", text), text
    assert "21 February 2027" in text
    assert "May we write: yes" not in text
    assert "Yes, since" not in text


def test_the_customer_page_shows_it_for_each_class_and_on_the_strip(
    client, noa, dana, waiting
):
    pauses.pause(dana, now=NOW)

    answer = client.get(f"/customers/{dana.pk}/")

    consents = panel(answer, "consents")
    assert consents.pause == "Paused by the customer until 21 February 2027"
    assert [row.text for row in consents.allowed] == [
        "Not before 21 Feb 2027: paused",
        "Not before 21 Feb 2027: paused",
        "No, never agreed",
        "No, never agreed",
    ]
    planned = cell(answer, "Next contact")
    assert planned.value == "None"
    assert "Paused by the customer until 21 February 2027" in planned.detail


def test_where_nothing_is_planned_the_strip_shows_until_when(client, noa, dana):
    pauses.pause(dana, now=NOW)

    planned = cell(client.get(f"/customers/{dana.pk}/"), "Next contact")

    assert (planned.value, planned.detail) == (
        "None",
        "Paused by the customer until 21 February 2027",
    )


def test_a_pause_that_is_over_is_shown_no_more(client, noa, dana, waiting):
    pauses.pause(dana, now=NOW - timedelta(days=100))

    for url in pages(dana, waiting).values():
        assert "paused" not in shown(client, url)
    planned = cell(client.get(f"/customers/{dana.pk}/"), "Next contact")
    assert planned.value == "22 Nov"


def test_a_mail_that_outlives_the_pause_goes_after_it(client, noa, dana, small_kind):
    message = MessageFactory(
        customer=dana, not_before=NOW + DAY, expires_at=NOW + timedelta(days=100)
    )
    pauses.pause(dana, now=NOW)

    text = shown(client, pages(dana, message)["why"])

    assert "The customer paused our mail until 21 February 2027" in text
    assert "it may go after that" in text


def test_a_pause_is_shown_before_a_limit_that_is_full_as_well(
    client, noa, dana, waiting
):
    for _ in range(3):
        MessageFactory(
            customer=dana, state="sent", counted_at=NOW, final_at=NOW, transport="smtp"
        )
    pauses.pause(dana, now=NOW)

    text = shown(client, pages(dana, waiting)["why"])

    assert "May we write: not now. The customer paused our mail" in text
    assert "Contact limit" not in text


# --- By staff ------------------------------------------------------------------------


def press(client, name, customer):
    url = reverse(f"messaging:{name}", args=[customer.pk])
    response = client.post(url, follow=True)
    assert response.status_code == 200
    return response


def test_staff_pause_and_the_customer_sees_and_ends_it(client, noa, dana, waiting):
    printed = press(client, "mail-pause", dana).content.decode()
    assert "Paused for three months." in printed
    assert reverse("messaging:mail-resume", args=[dana.pk]) in printed

    choose = f"/p/{links.preference_token(dana.pk)}/"
    page = client.get(choose).content.decode()
    assert "Paused until 21 Feb" in page
    assert re.search(r'<input[^>]+name="pause"[^>]+checked', page)
    for url in pages(dana, waiting).values():
        assert re.search("(?i)staff", shown(client, url)), url

    client.post(choose, {"survey": "on", "loyalty": "on", "language": "en"})
    assert pauses.standing_pause(dana, now=NOW) is None


def test_staff_resume_what_the_customer_paused_and_mail_goes(
    client, noa, dana, waiting
):
    pauses.pause(dana, now=NOW)
    delivery.deliver(now=NOW + DAY)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.deferred_reason) == ("planned", "on_hold")

    assert "Resumed" in press(client, "mail-resume", dana).content.decode()

    assert "May we write: yes" in shown(client, pages(dana, waiting)["why"])
    delivery.deliver(now=NOW + DAY + timedelta(hours=2))
    waiting.refresh_from_db()
    assert waiting.state == "sent"


def test_who_paused_and_resumed_is_in_the_audit(client, noa, dana):
    press(client, "mail-pause", dana)
    press(client, "mail-resume", dana)

    entries = AuditEntry.objects.filter(customer_id=dana.pk).order_by("id")
    assert [(e.action, e.actor_kind, e.actor_id) for e in entries] == [
        ("hold.placed", "user", noa.pk),
        ("hold.released", "user", noa.pk),
    ]


def test_pausing_twice_is_once_and_keeps_whose_it_is(client, noa, dana):
    pauses.pause(dana, now=NOW)
    press(client, "mail-pause", dana)

    assert [hold.reason for hold in Hold.objects.all()] == ["paused_by_customer"]


@pytest.mark.parametrize("name", ["mail-pause", "mail-resume"])
@pytest.mark.parametrize("role", ["marketer", "analyst"])
def test_who_may_not_stop_may_not_pause(client, dana, name, role):
    client.force_login(UserFactory(role=role))

    response = client.post(reverse(f"messaging:{name}", args=[dana.pk]))

    assert response.status_code == 403
    assert not Hold.objects.exists()


def test_pause_resume_back_pause_is_a_new_wish(client, noa, dana):
    for _ in range(2):
        press(client, "mail-pause", dana)
        press(client, "mail-resume", dana)
    press(client, "mail-pause", dana)

    assert pauses.standing_pause(dana, now=NOW)
    assert Hold.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_fifty_pauses_at_once_are_one():
    customer = CustomerFactory()

    def work():
        try:
            pauses.pause(customer, now=NOW)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert Hold.objects.count() == 1
    assert Message.objects.count() == 0
