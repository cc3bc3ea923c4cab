"""A customer writes, is answered, and answers from another address; a supplier is asked
beside it. Nothing is faked: an IMAP server, an SMTP server that asks who sends, our
pages, and what carries mail between them."""

import smtplib
import socket
import time
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from django.test import Client
from django.utils import timezone

from messaging.services.delivery import deliver
from support.models import Conversation, Draft, Mail, Mailbox
from support.services import fetching
from tests.factories import CustomerFactory, UserFactory
from tests.pages import read
from tests.support.dovecot import PASSWORD, Dovecot, needs_dovecot
from tests.support.postfix import Postfix, needs_postfix

pytestmark = [needs_dovecot, pytest.mark.slow, pytest.mark.django_db]
PEOPLE = ("help", "dana", "dana.home", "supplier")


class Carrier:
    """Puts each mail into the folder of its recipient, as an MTA with its delivery
    agent does; "+tag" belongs to the address before it (RFC 5233)."""

    def __init__(self, server):
        self._server, self.bounced = server, []

    async def handle_DATA(self, server, session, envelope):
        for to in envelope.rcpt_tos:
            user = to.partition("@")[0].partition("+")[0].lower()
            if user not in PEOPLE:
                self.bounced.append(to)
                return "550 5.1.1 no such user"
            head = f"Return-Path: <{envelope.mail_from}>\r\nDelivered-To: {to}\r\n"
            self._server.put(user, head.encode() + envelope.content)
        return "250 OK"

    def settle(self):
        """What it takes lies there at once."""

    def authenticate(self, server, session, envelope, mechanism, data):
        right = (data.login, data.password) == (b"help", PASSWORD.encode())
        return AuthResult(success=right, handled=False)


class AnyPort(Controller):
    """On a port that is free."""

    def _trigger_server(self):
        """The base class asks the port it was given, which is 0."""
        self.handler.port = self.server.sockets[0].getsockname()[1]
        socket.create_connection(("127.0.0.1", self.handler.port), 5).close()


@pytest.fixture
def server():
    dovecot = Dovecot()
    yield dovecot
    dovecot.stop()


@pytest.fixture(params=["ours", pytest.param("postfix", marks=needs_postfix)])
def carrier(request, server):
    if request.param == "postfix":
        postfix = Postfix(server, PEOPLE)
        yield postfix
        postfix.stop()
        return
    handler = Carrier(server)
    controller = AnyPort(
        handler, hostname="127.0.0.1", port=0, authenticator=handler.authenticate,
        auth_require_tls=False, decode_data=False,
    )  # fmt: skip
    controller.start()
    yield handler
    controller.stop()


class Correspondent:
    """Somebody with a mail program of their own."""

    def __init__(self, server, carrier, user, name):
        self._server, self._carrier = server, carrier
        self.address, self._user, self._name = f"{user}@mail.example", user, name

    def write(self, *, to, subject, text, answers=None):
        mail = EmailMessage()
        mail["From"] = f"{self._name} <{self.address}>"
        mail["To"], mail["Subject"] = to, subject
        mail["Message-ID"] = f"<{time.monotonic_ns()}@mail.example>"
        mail["Date"] = timezone.now()
        if answers is not None:
            mail["In-Reply-To"] = answers["Message-ID"]
            chain = f"{answers.get('References', '')} {answers['Message-ID']}"
            mail["References"] = chain.strip()
        mail.set_content(text)
        with smtplib.SMTP("127.0.0.1", self._carrier.port, timeout=10) as client:
            client.send_message(mail, self.address, [to])
        self._carrier.settle()
        return mail

    def inbox(self):
        with self._server.signed_in(self._user) as client:
            client.select("INBOX", readonly=True)
            numbers = client.search(None, "ALL")[1][0].split()
            parts = [client.fetch(number, "(BODY[])")[1][0][1] for number in numbers]
        return [message_from_bytes(part, policy=policy.default) for part in parts]


@pytest.fixture
def mailbox(server, carrier, settings, tmp_path, client):
    settings.STORAGES = {
        **settings.STORAGES,
        "private": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path},
        },
    }
    settings.JOURNAL_FOLDER = tmp_path / "journal"
    owner = Client()
    owner.force_login(UserFactory(role="owner"))
    owner.get("/settings/security/")
    typed = {
        "name": "Help", "address": "help@mail.example", "host": "127.0.0.1",
        "port": server.port, "security": "none", "user": "help", "password": PASSWORD,
        "language": "", "assignee": "", "new_on": "2026-01-01", "is_on": "on",
        "sent_folder": "Sent", "files_sent": "on", "smtp_host": "127.0.0.1",
        "smtp_port": carrier.port, "smtp_security": "none",
    }  # fmt: skip
    read(owner.post("/mailboxes/new/", typed, follow=True), "It works: 0 mails")
    # It writes to itself; from then on replies leave from its address.
    tick(carrier, 2)
    assert Mailbox.objects.get().confirmed_at is not None
    assert Mailbox.objects.get().tags_seen_at is not None
    return Mailbox.objects.get()


def tick(carrier, times=1):
    """What the clock starts, with the ten seconds over in which mail is held back."""
    for _ in range(times):
        now = timezone.now() + timedelta(seconds=11)
        deliver(now=now)
        carrier.settle()
        fetching.fetch_all(now=now, seconds=60)
    assert not Mailbox.objects.exclude(error_code="").exists()


def write(carrier, staff, url, **typed):
    """Press, type and send; the mail that left."""
    page = staff.post(url)
    assert page.status_code == 303
    draft = Draft.objects.get()
    names = ("to", "cc", "bcc", "subject", "text", "version")
    fields = {name: getattr(draft, name) for name in names} | typed
    staff.post(draft.get_absolute_url(), {**fields, "action": "send"})
    assert not Draft.objects.exists()
    tick(carrier)


def test_from_the_first_question_to_the_last_word(server, carrier, mailbox):
    customer = CustomerFactory(email="dana@mail.example", given_name="Dana")
    dana = Correspondent(server, carrier, "dana", "Dana Levi")
    at_home = Correspondent(server, carrier, "dana.home", "Dana")
    supplier = Correspondent(server, carrier, "supplier", "The mill")
    noa, staff = UserFactory(name="Noa Katz", role="agent"), Client()
    staff.force_login(noa)

    asked = dana.write(to=mailbox.address, subject="My order", text="Where is it?")
    tick(carrier)
    thread = Conversation.objects.get()
    assert thread.customer == customer
    read(staff.get(f"/customers/{customer.pk}/"), "Where is it?")

    staff.post(f"/inbox/{thread.pk}/take/")
    write(carrier, staff, f"/inbox/{thread.pk}/reply/", text="It leaves tomorrow.")
    (reply,) = dana.inbox()
    assert reply["From"].addresses[0].addr_spec == "help@mail.example"
    assert reply["Subject"] == "Re: My order"
    assert reply["In-Reply-To"] == reply["References"] == asked["Message-ID"]
    assert "Auto-Submitted" not in reply
    thread.refresh_from_db()
    assert (thread.state, thread.assignee) == ("waiting", noa)

    # Another address, and a program that keeps no headers: the address finds it.
    answered_to = reply["Reply-To"].addresses[0].addr_spec
    at_home.write(to=answered_to, subject="a parcel", text="> tomorrow\n\nThank you!")
    tick(carrier)
    assert [
        one.conversation for one in Mail.objects.filter(text__contains="Thank")
    ] == [thread]
    thread.refresh_from_db()
    assert thread.state == "open"

    last = Mail.objects.filter(conversation=thread).latest("pk")
    write(
        carrier,
        staff,
        f"/mails/{last.pk}/forward/",
        to=supplier.address,
        text="Can you?",
    )
    (sent_on,) = supplier.inbox()
    supplier.write(
        to=sent_on["Reply-To"].addresses[0].addr_spec, subject=sent_on["Subject"],
        text="We can, for our price of 3.", answers=sent_on,
    )  # fmt: skip
    tick(carrier)
    side = Conversation.objects.get(side_of=thread)
    assert side.mails.filter(text__contains="our price").exists()

    write(carrier, staff, f"/inbox/{thread.pk}/reply/", text="All is well.")
    everything = "".join(
        mail.get_body(("plain",)).get_content()
        for mail in (*dana.inbox(), *at_home.inbox())
    )
    assert "All is well." in everything
    assert "our price" not in everything

    staff.post(f"/inbox/{thread.pk}/close/", {"outcome": "Sent"})
    thread.refresh_from_db()
    assert (thread.state, thread.outcome) == ("closed", "Sent")
    # The folder of sent mail holds what was written here, once each, and reading it
    # made no second entry of any.
    tick(carrier, 2)
    with server.signed_in("help") as client:
        filed = int(client.select("Sent", readonly=True)[1][0])
    assert filed == Mail.objects.filter(author=noa).count() == 3
    assert Conversation.objects.count() == 2
    assert carrier.bounced == []
