"""What is forgotten takes its contents in the storage along."""

from datetime import timedelta

import pytest

from crm.services import personal_data
from support.models import BlockedSender, Conversation, Mail, MailFile, RawMail
from support.services import conversations, forgetting, storage
from tests.factories import NOW, CustomerFactory
from tests.support.conftest import stored
from tests.support.mails import plain

pytestmark = pytest.mark.django_db
WITH_FILE = (
    b"Content-Type: multipart/mixed; boundary=x\n\n--x\n\nHere\n"
    b"--x\nContent-Type: image/png; name=a.png\n\n\x89PNG\r\n\x1a\nxyz\n--x--\n"
)


@pytest.fixture
def commit(django_capture_on_commit_callbacks):
    return lambda: django_capture_on_commit_callbacks(execute=True)


def test_an_erased_customer_leaves_no_content(take, dana, commit):
    take(b"From: dana@example.org\n" + WITH_FILE)
    assert len(stored()) == 2

    with commit():
        personal_data.erase(dana, now=NOW)

    assert stored() == set()
    assert not Mail.objects.exists()
    assert not RawMail.objects.exists()
    assert not MailFile.objects.exists()
    conversation = Conversation.objects.get()
    assert (conversation.state, conversation.subject) == ("closed", "")


def test_what_they_wrote_without_being_known_goes_too(take, dana, commit):
    """And as a third person: the words are of the one whose conversation it is."""
    twin = type(dana).objects.create(
        external_id="twin", email="dana@example.org", email_norm="dana@example.org",
        created_at=NOW, updated_at=NOW,
    )  # fmt: skip
    unknown = take(plain("From nobody in particular"))
    assert unknown.conversation.customer is None
    twin.delete()
    first = take(plain(sender="max@example.net", message_id="<m@example.net>"))
    third = take(
        plain("Me too", message_id="<t@x.example>", answers=("<m@example.net>",))
    )
    BlockedSender.objects.create(address="dana@example.org", blocked_at=NOW)

    with commit():
        personal_data.erase(dana, now=NOW)

    assert not Mail.objects.filter(pk=unknown.pk).exists()
    assert first.conversation_id == third.conversation_id
    third.refresh_from_db()
    assert (third.from_address, third.from_name) == ("", "")
    assert "Me too" in third.text
    assert not BlockedSender.objects.exists()


def test_an_erased_address_stands_in_no_mail_of_another(take, dana, commit, mailbox):
    CustomerFactory(email="max@x.example", given_name="Max")
    given = {"sender": "max@x.example", "cc": "Dana <Dana@Example.org>, eve@x.example"}
    mail = take(plain("Dana knows", **given, reply_to="dana@example.org"))
    other = take(plain("Hi", sender="max@x.example", message_id="<2@x.example>"))

    with commit():
        personal_data.erase(dana, now=NOW)

    mail.refresh_from_db()
    assert (mail.cc, mail.reply_to) == ([["", "eve@x.example"]], [])
    assert (mail.raw, mail.from_address) == (None, "max@x.example")
    assert "example.org" not in mail.search_text
    other.refresh_from_db()
    assert stored() == {other.raw.key}


def test_an_address_of_two_stays_with_the_other(take, dana):
    ben = CustomerFactory(email="dana@example.org")
    mail = take(plain("Ours"))
    conversations.belongs_to(mail.conversation, customer=ben, now=NOW)

    personal_data.erase(dana, now=NOW)

    mail.refresh_from_db()
    assert mail.from_address == "dana@example.org"


def test_mails_older_than_the_shop_keeps_them_go_with_everything(take, dana, commit):
    old = NOW - timedelta(days=400)
    take(plain(at=old))
    kept = take(plain("New", message_id="<2@example.org>"))

    with commit():
        assert forgetting.delete_mails_before(NOW - timedelta(days=100)) == 1

    assert list(Mail.objects.all()) == [kept]
    assert list(Conversation.objects.all()) == [kept.conversation]
    assert stored() == {kept.raw.key}


def test_the_bytes_go_after_ninety_days_and_the_mail_stays(take, dana, commit):
    mail = take(plain())
    take(b"never readable\n\n")

    with commit():
        forgetting.delete_raw(NOW + timedelta(days=91))

    mail.refresh_from_db()
    assert mail.raw is None
    assert not RawMail.objects.exists()
    assert stored() == set()


def test_a_content_without_a_row_is_found(own_storage, db):
    storage.save(b"left by a kill", now=NOW)
    assert len(stored()) == 1

    assert storage.purge(now=NOW) == 0  # perhaps its row is written just now
    far = NOW + timedelta(days=4000)
    assert storage.purge(now=far) == 1
    assert stored() == set()
