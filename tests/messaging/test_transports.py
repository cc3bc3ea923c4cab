"""Mails as bytes, and providers behind an API."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from html import unescape

import pytest
from anymail.exceptions import AnymailAPIError, AnymailRecipientsRefused
from django.core import mail as django_mail
from django.core.mail.backends.base import BaseEmailBackend
from requests.exceptions import ConnectTimeout, ReadTimeout

from messaging.models import Circuit
from messaging.rules.smtp_replies import Meaning
from messaging.transports import mime
from messaging.transports.base import Mail, NotTried
from messaging.transports.provider import ProviderSender
from tests.messaging.delivering import plan, plan_many, row, run, states

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def mail(**fields) -> Mail:
    values = {
        "to": "dana@example.org",
        "to_name": "Dana Levi",
        "sender": "ask@kettle.example",
        "sender_name": "Noa",
        "subject": "Hello",
        "text": "Hello\n",
        "html": "<p>Hello</p>",
        "message_id": "<1@kettle.example>",
        "date": NOW,
        "headers": (("Auto-Submitted", "auto-generated"),),
    }
    return Mail(**(values | fields))


def read(one: Mail):
    return message_from_bytes(mime.packed(one), policy=default)


@pytest.mark.parametrize(
    "text",
    [
        "plain\n.\n..\nend\n",
        "café\n",
        "דנה קנתה קפה\n",
        "订单\n" * 40,
        "a" * 3000 + "\n",
    ],
)
def test_texts_arrive_as_they_were(text):
    found = read(mail(text=text, html=f"<p>{text}</p>"))

    plain = found.get_body(("plain",)).get_content().replace("\r\n", "\n")
    html = found.get_body(("html",)).get_content().replace("\r\n", "\n")
    assert plain == text
    assert unescape(html) == f"<p>{text}</p>\n"


def test_no_line_is_longer_than_servers_allow():
    raw = mime.packed(mail(text="é" * 5000, html="x" * 5000))

    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert raw.count(b"\n") == raw.count(b"\r\n")


def test_ascii_travels_without_encoding():
    assert mime.packed(mail()).count(b"Content-Transfer-Encoding: 7bit") == 2


@pytest.mark.parametrize("field", ["subject", "message_id"])
def test_a_line_break_in_a_header_is_refused(field):
    with pytest.raises(ValueError, match="."):
        mime.packed(mail(**{field: "x\r\nBcc: all@example.org"}))


@pytest.mark.parametrize(
    "to",
    [
        "",
        "a",
        "@x.yz",
        "a@",
        "a b@x.yz",
        "a@x.yz>\r\nRCPT",
        "a@b@x.yz",
        "ü@x.yz",
        "<a@x.y>",
    ],
)
def test_what_is_no_address_is_refused(to):
    with pytest.raises((ValueError, UnicodeError)):
        mime.packed(mail(to=to))


def test_a_foreign_domain_is_written_in_its_plain_form():
    assert mime.envelope("a@bücher.example") == "a@xn--bcher-kva.example"


def test_a_name_cannot_break_out_of_its_header():
    name = 'Eve\r\nBcc: x@y.z, "you"; <a@b.c>\u202e' + "x" * 300

    found = read(mail(to_name=name))

    assert [one.addr_spec for one in found["To"].addresses] == ["dana@example.org"]
    assert len(found["To"].addresses[0].display_name) <= 75
    assert found["Bcc"] is None


def test_a_long_subject_in_another_script_is_folded_and_read_back():
    subject = "איך היה הקפה שהזמנתם בשבוע שעבר? " * 4

    assert read(mail(subject=subject.strip()))["Subject"] == subject.strip()


# --- Providers -----------------------------------------------------------------------


class Scripted(BaseEmailBackend):
    """A provider whose answer the test chose."""

    error: Exception | None = None

    def send_messages(self, messages):
        if Scripted.error is not None:
            raise Scripted.error
        django_mail.outbox += messages
        return len(messages)


class Response:
    def __init__(self, status_code):
        self.status_code = status_code


def api_error(status):
    return AnymailAPIError("no", status_code=status, response=Response(status))


@pytest.fixture
def provider(settings, tmp_path, plain_kind, db):
    settings.MAIL_TRANSPORT = "provider"
    settings.JOURNAL_FOLDER = tmp_path
    settings.EMAIL_BACKEND = "tests.messaging.test_transports.Scripted"
    Scripted.error = None
    return Scripted


def test_a_provider_gets_each_mail_with_its_headers(provider):
    message = plan("dana@example.org")

    run()

    (sent,) = django_mail.outbox
    assert row(message).state == "sent"
    assert row(message).transport == "provider"
    assert sent.to == ["Dana Levi <dana@example.org>"]
    assert sent.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert str(message.message_uuid) in sent.extra_headers["Message-ID"]
    assert sent.alternatives[0].mimetype == "text/html"


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (AnymailRecipientsRefused("no"), "failed"),
        (api_error(422), "failed"),
        (api_error(429), "planned"),
        (ConnectTimeout(), "planned"),
        (ConnectionRefusedError(), "planned"),
        (ReadTimeout(), "handed"),
        (api_error(500), "handed"),
        (RuntimeError("what"), "handed"),
    ],
)
def test_what_a_provider_s_error_means_for_a_mail(provider, error, state):
    message = plan("dana@example.org")
    provider.error = error

    run()

    assert row(message).state == state


def test_a_provider_that_refuses_our_key_stops_the_queue(provider):
    plan_many(5)
    provider.error = api_error(401)

    run()

    assert states() == {"planned": 5}
    assert Circuit.objects.get().smtp_code == 401


def test_a_backend_that_is_none_stops_the_queue(provider, settings):
    settings.EMAIL_BACKEND = "no.such.Backend"
    plan_many(2)

    run()

    assert states() == {"planned": 2}
    assert Circuit.objects.get().reason_code == "provider_settings"


def test_without_a_word_from_the_lease_a_provider_is_not_called(provider):
    sender = ProviderSender()
    sender.open()
    packed = sender.pack(mail())

    with pytest.raises(NotTried):
        sender.send(packed, lambda: False)

    assert django_mail.outbox == []
    assert sender.send(packed, lambda: True).meaning is Meaning.ACCEPTED
