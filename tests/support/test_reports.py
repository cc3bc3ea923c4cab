"""Bounces and complaints: at the very mail, against nobody else, and believed only
where they name what its recipient alone knows."""

import uuid

import pytest

from messaging.models import Suppression
from messaging.services import suppression
from support.models import Conversation, RawMail
from tests.factories import NOW, MessageFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(dana):
    return MessageFactory(customer=dana, state="sent", final_at=NOW)


def bounce(message_uuid, *, to="dana@example.org", status="5.1.1", action="failed"):
    return (
        "From: MAILER-DAEMON@mx.example\nTo: help@kettle.example\nSubject: Returned\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=x\n\n"
        "--x\n\nIt could not be delivered.\n"
        "--x\nContent-Type: message/delivery-status\n\n"
        "Reporting-MTA: dns; mx.example\n\n"
        f"Final-Recipient: rfc822; {to}\nAction: {action}\nStatus: {status}\n"
        "Diagnostic-Code: smtp; 550 no such user\n\n"
        "--x\nContent-Type: text/rfc822-headers\n\n"
        f"Message-ID: <{message_uuid}@kettle.example>\n\n--x--\n"
    ).encode()


def complaint(message_uuid, recipient=""):
    told = f"Original-Rcpt-To: {recipient}\n" if recipient else ""
    return (
        "From: fbl@provider.example\nTo: help@kettle.example\n"
        "Content-Type: multipart/report; report-type=feedback-report; boundary=x\n\n"
        "--x\n\nAn abuse report.\n"
        "--x\nContent-Type: message/feedback-report\n\n"
        f"Feedback-Type: abuse\nUser-Agent: x/1\nVersion: 1\n{told}\n"
        "--x\nContent-Type: message/rfc822\n\n"
        f"Message-ID: <{message_uuid}@kettle.example>\n\nHello\n--x--\n"
    ).encode()


def barred():
    hashed = suppression.address_hash("dana@example.org")
    rows = Suppression.objects.filter(address_hash=hashed, lifted_at=None)
    return list(rows.values_list("reason", flat=True))


def test_an_address_that_does_not_exist_is_barred_and_the_mail_failed(take, sent):
    take(bounce(sent.message_uuid))

    sent.refresh_from_db()
    assert (sent.state, sent.reason_code) == ("failed", "no_such_mailbox")
    assert barred() == ["bounce"]
    assert RawMail.objects.get().state == "report"
    assert not Conversation.objects.exists()


@pytest.mark.parametrize("status", ["5.2.2", "5.7.1", "4.4.7", "5.3.4", "5.5.0"])
def test_what_is_no_fault_of_the_address_bars_nobody(take, sent, status):
    take(bounce(sent.message_uuid, status=status))

    sent.refresh_from_db()
    assert (sent.state, sent.reason_code) == ("failed", "refused")
    assert barred() == []


def test_a_complaint_ends_everything(take, sent):
    take(complaint(sent.message_uuid))
    take(complaint(sent.message_uuid, "dana@example.org"))

    sent.refresh_from_db()
    assert sent.state == "sent"
    assert barred() == ["complaint"]


@pytest.mark.parametrize("case", ["another id", "another address", "delayed"])
def test_what_is_forged_late_or_no_failure_changes_nothing(take, sent, case):
    reports = {
        "another id": bounce(uuid.uuid4()),
        "another address": bounce(sent.message_uuid, to="max@example.net"),
        "delayed": bounce(sent.message_uuid, action="delayed"),
    }

    take(reports[case])

    sent.refresh_from_db()
    assert sent.state == "sent"
    assert Suppression.objects.count() == 0


def test_a_mail_that_has_not_left_is_not_ended_by_a_report(take, dana):
    planned = MessageFactory(customer=dana)

    take(bounce(planned.message_uuid))

    planned.refresh_from_db()
    assert planned.state == "planned"
