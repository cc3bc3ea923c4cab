"""Bounces and complaints: at the very mail, against nobody else, and believed only
where they name what its recipient alone knows."""

import uuid
from datetime import timedelta

import pytest

from messaging.models import Message, Suppression
from messaging.services import suppression
from support.models import Conversation, RawMail
from support.services import drafts, writing
from tests.factories import NOW, MessageFactory, UserFactory
from tests.support.mails import plain

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


SOFT, OURS = ["5.2.2", "4.4.7", "5.2.1", "4.3.1"], ["5.7.1", "5.3.4", "5.5.0", "4.7.0"]


@pytest.mark.parametrize("status", [*SOFT, *OURS])
def test_what_is_no_fault_of_the_address_bars_nobody(take, sent, status):
    take(bounce(sent.message_uuid, status=status))

    sent.refresh_from_db()
    reason = "soft_bounce" if status in SOFT else "refused"
    assert (sent.state, sent.reason_code) == ("failed", reason)
    assert barred() == []


def several(dana, take, status, days, count=5):
    """So many mails to Dana came back, one every so many days up to now."""
    for number in range(count):
        at = NOW - timedelta(days=days * (count - 1 - number))
        row = MessageFactory(customer=dana, state="sent", final_at=at)
        take(bounce(row.message_uuid, status=status))


def test_an_address_that_is_full_again_and_again_is_written_to_no_more(take, dana):
    several(dana, take, "5.2.2", days=7, count=4)
    assert barred() == []

    several(dana, take, "4.2.2", days=0, count=1)

    assert barred() == ["bounce"]


@pytest.mark.parametrize(
    ("status", "days"), [("5.7.1", 1), ("5.5.0", 1), ("5.3.4", 1), ("5.2.2", 8)]
)
def test_faults_of_ours_and_bounces_of_long_ago_do_not_add_up(take, dana, status, days):
    """Five in 32 days are not five within 30."""
    several(dana, take, status, days)

    assert barred() == []


def test_a_bounce_of_a_reply_goes_to_the_recipient_it_names(take, dana):
    """One mail has one Message-ID and a message for each of its recipients."""
    noa = UserFactory()
    asked = take(plain())
    draft = drafts.begin(author=noa, conversation=asked.conversation, now=NOW)
    draft = drafts.keep(
        draft, version=draft.version, now=NOW, text="Hello", cc="ben@example.org"
    )
    mail = writing.send(draft, now=NOW)
    Message.objects.update(state="sent", final_at=NOW)

    take(bounce(mail.message_id.partition("@")[0], to="Ben@example.org"))

    states = dict(Message.objects.values_list("address", "state"))
    assert states == {"dana@example.org": "sent", "ben@example.org": "failed"}
    mail.refresh_from_db()
    assert mail.failed_at == NOW
    assert Conversation.objects.count() == 1


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
