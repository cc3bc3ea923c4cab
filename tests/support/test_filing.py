"""Replies are filed in the folder of sent mail: once, after they left, and where the
owner wishes."""

import time
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from django.utils import timezone

from messaging.models import Message
from messaging.services import secrets
from messaging.services.delivery import deliver
from support.models import Mail, Mailbox
from support.services import drafts, fetching, imap, writing
from tests.factories import CustomerFactory, UserFactory
from tests.support.dovecot import PASSWORD, Dovecot, needs_dovecot

pytestmark = [needs_dovecot, pytest.mark.django_db]
NOW = timezone.now().replace(microsecond=0)


@pytest.fixture(scope="module")
def server():
    dovecot = Dovecot()
    yield dovecot
    dovecot.stop()


@pytest.fixture
def box(server, request, own_storage):
    name = f"f{len(request.node.name)}"
    return Mailbox.objects.create(
        name="Help", address="help@kettle.example", host="127.0.0.1",
        port=server.port, security="none", user=name,
        password=secrets.encrypt(PASSWORD), new_from=NOW - timedelta(days=1),
        sent_folder="Sent", files_sent=True, confirmed_at=NOW,
    )  # fmt: skip


@pytest.fixture
def reply(box):
    CustomerFactory(email="dana@example.org")
    draft = drafts.begin(author=UserFactory(), now=NOW)
    draft = drafts.keep(
        draft, version=draft.version, now=NOW, to="dana@example.org",
        cc="b@example.org", subject="Your parcel", text="It is on its way.",
    )  # fmt: skip
    return writing.send(draft, now=NOW)


def fetch(box):
    fetching.fetch(box, now=NOW + timedelta(minutes=5), until=time.monotonic() + 60)
    box.refresh_from_db()
    assert box.error_code == ""


def filed(server, box):
    with server.signed_in(box.user) as client:
        client.select("Sent", readonly=True)
        _, found = client.search(None, "ALL")
        numbers = found[0].split()
        return [
            message_from_bytes(client.fetch(n, "(BODY[])")[1][0][1], policy=policy.SMTP)
            for n in numbers
        ]


def test_a_reply_is_filed_once_it_has_left(server, box, reply, sink):
    fetch(box)
    assert filed(server, box) == []

    deliver(now=NOW + timedelta(minutes=1))
    for _ in range(3):
        fetch(box)

    (copy,) = filed(server, box)
    assert copy["Message-ID"] == f"<{reply.message_id}>"
    assert (copy["To"], copy["Cc"]) == ("dana@example.org", "b@example.org")
    assert copy["Date"].datetime == Message.objects.first().handed_at
    assert copy.get_body(("plain",)).get_content().strip() == "It is on its way."
    assert b"Seen" in server.flags(box.user, "Sent")[0]
    # The folder is read, too: what stands in the timeline is one mail.
    assert Mail.objects.count() == 1


def test_a_kill_right_after_it_was_filed_files_nothing_twice(
    server, box, reply, sink, monkeypatch
):
    deliver(now=NOW + timedelta(minutes=1))
    append = imap.Connection.append

    def dying(self, *args):
        append(self, *args)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(imap.Connection, "append", dying)
        with pytest.raises(KeyboardInterrupt):
            fetch(box)
    assert len(filed(server, box)) == 1
    Mailbox.objects.update(leased_until=None)

    fetch(box)

    assert len(filed(server, box)) == 1
    assert not Mail.objects.filter(is_to_file=True).exists()


def test_what_reached_nobody_is_not_filed(server, box, reply, sink):
    sink.say("rcpt", "550 5.1.1 no such user")
    deliver(now=NOW + timedelta(minutes=1))

    fetch(box)

    assert filed(server, box) == []
    assert not Mail.objects.filter(is_to_file=True).exists()


def test_a_copy_that_the_provider_made_itself_is_enough(server, box, reply, sink):
    deliver(now=NOW + timedelta(minutes=1))
    server.put(box.user, sink.raw[0], folder="Sent")

    fetch(box)

    assert len(filed(server, box)) == 1
    assert Mail.objects.count() == 1
