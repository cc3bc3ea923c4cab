"""Providers post what came in and what came back: by a secret address, once each."""

import json

import pytest
from django.test import Client

from messaging.models import Suppression
from support.models import Conversation, Mail, RawMail
from tests.factories import NOW, MessageFactory
from tests.support.mails import plain
from web import uploads

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mailbox", "own_storage")]


def post(path, body, ticket=None, **more):
    ticket = uploads.webhook_ticket() if ticket is None else ticket
    return Client(enforce_csrf_checks=True).post(
        f"/webhooks/mail/{ticket}/{path}", body, **more
    )


def postmark(path, event, **more):
    return post(
        f"postmark/{path}/", json.dumps(event), content_type="application/json", **more
    )


def came_in(raw):
    return {
        "RawEmail": raw.decode(),
        "OriginalRecipient": "help@kettle.example",
        "MessageID": "1",
    }


def test_a_mail_becomes_a_conversation_of_its_mailbox_once(dana, mailbox):
    event = came_in(plain(to="Undisclosed <list@kettle.example>"))

    for _ in range(3):
        assert postmark("inbound", event).status_code == 200

    assert Mail.objects.get().customer == dana
    assert Conversation.objects.get().mailbox == mailbox
    raw = RawMail.objects.get()
    assert (raw.source, raw.mailbox, raw.state) == ("webhook", mailbox, "read")


def test_parsed_fields_make_the_same_mail_each_time(dana):
    """SendGrid posts a form; boundaries of the mail that anymail makes of it differ."""
    form = {
        "headers": "From: Dana Levi <dana@example.org>\nTo: help@kettle.example\n"
        "Subject: My order\nMessage-ID: <1@example.org>\n"
        "Date: Sat, 21 Nov 2026 12:00:00 +0000\n",
        "from": "Dana Levi <dana@example.org>",
        "to": "help@kettle.example",
        "envelope": '{"to": ["help@kettle.example"], "from": "dana@example.org"}',
        "text": "Where is my parcel?",
        "html": "<p>Where is my parcel?</p>",
    }

    for _ in range(2):
        assert post("sendgrid/inbound/", form).status_code == 200

    assert Mail.objects.get().text.strip() == "Where is my parcel?"


def test_a_mail_as_large_as_mail_servers_take_comes_in(dana):
    event = came_in(plain(("x" * 70 + "\n") * 30_000))

    assert postmark("inbound", event).status_code == 200

    assert RawMail.objects.get().size > 2_000_000


@pytest.mark.parametrize("ticket", ["", "mail", "mail:wrong", "1:x"])
def test_without_the_secret_nobody_reports_anything(ticket):
    answer = postmark("inbound", came_in(plain()), ticket=ticket or "-")

    assert answer.status_code == 404
    assert not RawMail.objects.exists()


def test_a_secret_of_the_provider_counts_as_well(settings):
    settings.ANYMAIL = {"WEBHOOK_SECRET": "user:word"}
    event = came_in(plain())

    assert postmark("inbound", event).status_code == 400
    right = {"Authorization": "Basic dXNlcjp3b3Jk"}
    assert postmark("inbound", event, headers=right).status_code == 200


def test_only_posts_to_providers_that_are_known(dana):
    assert postmark("nothing", {}).status_code == 404
    ticket = uploads.webhook_ticket()
    url = f"/webhooks/mail/{ticket}/postmark/inbound/"
    assert Client().get(url).status_code == 405
    assert Client().head(url).status_code == 200


@pytest.mark.parametrize(
    ("kind", "details", "state", "barred"),
    [
        ("HardBounce", "smtp;550 5.1.1 no such user", "failed", ["bounce"]),
        ("SoftBounce", "smtp;452 4.2.2 full", "failed", []),
        ("SoftBounce", "full", "failed", []),
        ("HardBounce", "smtp;550 5.7.1 blocked for spam", "failed", []),
        ("SpamComplaint", "", "sent", ["complaint"]),
        ("Delivery", "", "sent", []),
    ],
)
def test_what_became_of_a_mail_goes_to_that_mail(dana, kind, details, state, barred):
    sent = MessageFactory(customer=dana, state="sent", final_at=NOW)
    event = {
        "RecordType": "SpamComplaint" if kind == "SpamComplaint" else "Bounce",
        "Type": kind,
        "Details": details,
        "Email": "dana@example.org",
        "BouncedAt": "2026-11-21T12:00:00Z",
        "Metadata": {"message": str(sent.message_uuid)},
    }
    if kind == "Delivery":
        event |= {"RecordType": "Delivery", "DeliveredAt": "2026-11-21T12:00:00Z"}

    for _ in range(2):
        assert postmark("tracking", event).status_code == 200

    sent.refresh_from_db()
    assert sent.state == state
    assert list(Suppression.objects.values_list("reason", flat=True)) == barred


@pytest.mark.parametrize("known", ["", "nonsense", None])
def test_what_names_no_mail_of_ours_changes_nothing(known):
    event = {"RecordType": "Bounce", "Type": "HardBounce", "Email": "x@example.org"}
    if known is not None:
        event["Metadata"] = {"message": known}

    assert postmark("tracking", event).status_code == 200

    assert not Suppression.objects.exists()
