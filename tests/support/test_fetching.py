"""Mailboxes of a real IMAP server: read in order, once, with nothing changed there."""

import socket
import threading
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from messaging.services import secrets
from support.models import Conversation, Mail, Mailbox, MailFolder, RawMail
from support.rules import folders
from support.services import fetching, imap, receiving
from tests.factories import CustomerFactory
from tests.support.dovecot import PASSWORD, Dovecot, needs_dovecot
from tests.support.mails import plain

pytestmark = [needs_dovecot, pytest.mark.django_db]
NOW = timezone.now().replace(microsecond=0)


@pytest.fixture(scope="module")
def server():
    dovecot = Dovecot()
    yield dovecot
    dovecot.stop()


@pytest.fixture
def box(server, request, own_storage):
    """A mailbox of this test alone, on the server."""
    name = f"u{abs(hash(request.node.nodeid))}"
    return Mailbox.objects.create(
        name=name,
        address=f"{name}@kettle.example",
        host="127.0.0.1",
        port=server.port,
        security="none",
        user=name,
        password=secrets.encrypt(PASSWORD),
        new_from=NOW - timedelta(days=30),
    )


def mail(number, **more):
    return plain(
        f"Mail {number}",
        message_id=f"<{number}@example.org>",
        at=NOW - timedelta(hours=1) + timedelta(seconds=number),
        **more,
    )


def fetch(box, now=NOW):
    return fetching.fetch(box, now=now, until=time.monotonic() + 60)


def texts():
    return [row.text.strip() for row in Mail.objects.order_by("pk")]


def test_new_mail_comes_once_and_in_order(server, box):
    server.put(box.user, *(mail(number) for number in range(5)))

    assert fetch(box) == 5
    assert fetch(box) == 0
    server.put(box.user, mail(5))
    assert fetch(box) == 1

    assert texts() == [f"Mail {number}" for number in range(6)]
    box.refresh_from_db()
    assert (box.error_code, box.read_at, box.leased_until) == ("", NOW, None)


def test_nothing_on_the_server_is_marked_moved_or_deleted(server, box):
    server.put(box.user, mail(1), mail(2))
    before = server.flags(box.user)

    fetch(box)

    assert len(before) == 2
    assert not any(b"Seen" in line for line in before)
    assert server.flags(box.user) == before


def test_the_sent_folder_is_read_before_what_answers_it(server, box):
    dana = CustomerFactory(email="dana@example.org")
    box.sent_folder = "Sent"
    box.save()
    server.put(box.user, mail(1, answers=("<0@example.org>",)))
    server.put(box.user, mail(0, sender=box.address, to=dana.email), folder="Sent")

    fetch(box)

    ours, theirs = Mail.objects.order_by("at")
    assert (ours.direction, theirs.direction) == ("out", "in")
    assert ours.conversation == theirs.conversation
    assert ours.customer == dana


def test_mail_from_before_the_day_that_was_chosen_is_history(server, box):
    CustomerFactory(email="dana@example.org")
    long_ago = NOW - timedelta(days=40)
    server.put(box.user, mail(1), at=long_ago)
    server.put(box.user, mail(2), at=NOW - timedelta(days=1))

    fetch(box)

    states = Conversation.objects.order_by("pk").values_list("state", "is_history")
    assert list(states) == [("closed", True), ("open", False)]


def test_a_mailbox_that_was_numbered_anew_is_read_anew_and_stores_nothing_twice(
    server, box
):
    """The server forgot most mails, and the next one has a number that was read."""
    server.put(box.user, *(mail(number) for number in range(5)))
    fetch(box)
    before = MailFolder.objects.get()
    server.renumber(box.user, keep=2)
    server.put(box.user, mail(5))

    assert fetch(box) == 1

    assert texts() == [f"Mail {number}" for number in range(6)]
    folder = MailFolder.objects.get()
    assert folder.uid_validity != before.uid_validity
    assert (before.last_uid, folder.last_uid) == (5, 3)
    assert fetch(box) == 0


def test_what_cannot_be_read_stops_nothing(server, box):
    server.put(box.user, mail(1), b"no mail at all\r\n\r\nx", mail(2))

    fetch(box)

    assert texts() == ["Mail 1", "Mail 2"]
    assert RawMail.objects.get(state="unreadable").reason == "no_headers"


def test_a_mail_that_is_too_large_leaves_its_head(server, box, monkeypatch):
    monkeypatch.setattr(receiving, "MOST_BYTES", 50_000)
    server.put(box.user, plain("x" * 100_000, subject="A large one"), mail(1))

    fetch(box)

    row = RawMail.objects.get(state="unreadable")
    assert (row.reason, row.size < 2_000) == ("too_large", True)
    assert texts() == ["Mail 1"]


def test_a_disk_that_is_full_loses_nothing(server, box, monkeypatch):
    server.put(box.user, mail(1))

    def full(*args, **more):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("support.services.storage.save", full)
        fetch(box)
    box.refresh_from_db()
    assert box.error_code == "storage_refused"
    assert not MailFolder.objects.filter(last_uid__gt=0).exists()

    assert fetch(box) == 1


def test_two_processes_do_not_read_one_mailbox_at_once(server, box):
    server.put(box.user, mail(1))
    Mailbox.objects.update(leased_until=NOW + timedelta(minutes=1))

    assert fetch(box) == 0
    # Whoever had it was killed.
    assert fetch(box, now=NOW + timedelta(minutes=2)) == 1


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"password": secrets.encrypt("wrong horse")}, "login_refused"),
        ({"user": "דנה", "password": secrets.encrypt("סוד")}, "login_refused"),
        ({"password": "not encrypted"}, "password_unreadable"),
        ({"host": "no-such-host.invalid"}, "host_unknown"),
        ({"port": 1}, "server_unreachable"),
        ({"security": "tls"}, "not_imap"),
        ({"security": "starttls"}, "not_imap"),
        ({"sent_folder": "Nowhere"}, "folder_missing"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_wrong_is_noted_by_name(server, box, values, code):
    Mailbox.objects.update(**values)
    box.refresh_from_db()

    fetch(box)

    box.refresh_from_db()
    assert (box.error_code, box.error_since) == (code, NOW)
    assert box.leased_until is None


def test_an_error_that_goes_on_began_when_it_began(server, box):
    right = box.port
    Mailbox.objects.update(port=1)
    box.refresh_from_db()
    fetch(box)
    fetch(box, now=NOW + timedelta(hours=1))
    box.refresh_from_db()
    assert box.error_since == NOW

    Mailbox.objects.update(port=right)
    box.refresh_from_db()
    fetch(box)
    box.refresh_from_db()
    assert (box.error_code, box.error_since) == ("", None)


def test_a_connection_that_breaks_off_loses_nothing(server, box):
    """The server's side is cut while it sends; the next pass goes on behind the last
    mail that was stored."""
    server.put(box.user, *(mail(number) for number in range(30)))
    cut = Cut(server.port, after=6_000)
    Mailbox.objects.update(port=cut.port)
    box.refresh_from_db()

    fetch(box)
    box.refresh_from_db()
    assert box.error_code == "connection_lost"
    some = Mail.objects.count() + RawMail.objects.filter(state="waiting").count()
    assert 0 < some < 30

    Mailbox.objects.update(port=server.port)
    box.refresh_from_db()
    fetch(box)
    assert texts() == [f"Mail {number}" for number in range(30)]


class Cut:
    """Carries bytes to and fro, and ends after so many from the server."""

    def __init__(self, port, after):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port, self._to, self._left = self._listener.getsockname()[1], port, after
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        near, _ = self._listener.accept()
        far = socket.create_connection(("127.0.0.1", self._to))
        threading.Thread(target=self._carry, args=(near, far), daemon=True).start()
        while self._left > 0 and (data := far.recv(1000)):
            near.sendall(data)
            self._left -= len(data)
        for one in (near, far, self._listener):
            one.close()

    def _carry(self, near, far):
        try:
            while data := near.recv(1000):
                far.sendall(data)
        except OSError:
            pass


@pytest.mark.parametrize(
    "name", ["INBOX", "Envoyés", "已发送邮件", "A & B", "נשלחו", "a/b"]
)
def test_names_of_folders_in_every_script(name):
    assert folders.decoded(folders.encoded(name)) == name
    assert folders.encoded(name).isascii()


def test_folders_in_other_scripts_are_found(server, box):
    with server.signed_in(box.user) as client:
        client.create('"' + folders.encoded("已发送 & more") + '"')

    with imap.opened(box, now=NOW) as opened:
        assert "已发送 & more" in opened.folders()
        assert opened.open_folder("已发送 & more") > 0


def test_passwords_stand_nowhere_in_the_clear(box):
    with connection.cursor() as cursor:
        cursor.execute("SELECT t::text FROM support_mailbox t")
        assert PASSWORD not in str(cursor.fetchall())


def test_an_earlier_key_still_opens_a_password(settings):
    settings.SECRET_KEY = "first " * 10
    stored = secrets.encrypt("open sesame")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "second " * 10, ["first " * 10]

    assert secrets.decrypt(stored) == "open sesame"
