"""Replies leave from an address once a mail from it has come in, and from the shop's
until then."""

import pytest

from messaging.models import Message
from messaging.services.delivery import deliver
from support.models import Conversation, Mail, RawMail
from support.rules.choices import MailSource
from support.selectors import senders
from support.services import addresses, confirming, receiving
from tests.factories import NOW, MessageFactory, UserFactory
from tests.support.conftest import conversation
from tests.support.mails import plain

pytestmark = pytest.mark.django_db


@pytest.fixture
def new_mailbox(mailbox):
    mailbox.confirmed_at = mailbox.tags_seen_at = None
    mailbox.save()
    return mailbox


def sender(mailbox):
    mailbox.refresh_from_db()
    thread = Conversation(mailbox=mailbox)
    return senders.sender_of(thread, UserFactory(name="Noa")).address


def test_a_mailbox_writes_to_itself_and_is_offered_once_that_came_in(
    new_mailbox, sink, take
):
    before = sender(new_mailbox)
    confirming.ask(new_mailbox, now=NOW)
    deliver(now=NOW)
    plain_one, tagged = sorted(sink.raw, key=lambda raw: b"help+" in raw)

    senders_seen = {mail["From"].addresses[0].addr_spec for mail in sink.mails}
    assert senders_seen == {"help@kettle.example"}
    assert len(sink.recipients) == 2
    assert "help@kettle.example" in sink.recipients
    assert before != "help@kettle.example"
    assert sender(new_mailbox) == before

    assert take(plain_one) is None

    assert sender(new_mailbox) == "help@kettle.example"
    thread = conversation(mailbox=new_mailbox)
    assert addresses.reply_address(new_mailbox, thread) == "help@kettle.example"
    assert take(tagged) is None
    new_mailbox.refresh_from_db()
    assert addresses.reply_address(new_mailbox, thread).startswith("help+c")
    # It is nobody's conversation.
    assert not Mail.objects.exists()
    assert not RawMail.objects.exists()
    assert set(Message.objects.values_list("state", flat=True)) == {"sent"}


def test_a_server_that_takes_no_tags_leaves_the_plain_address(
    new_mailbox, sink, take, dana
):
    """The mail to the tag comes back, and answers must not."""
    confirming.ask(new_mailbox, now=NOW)
    deliver(now=NOW)
    take(next(raw for raw in sink.raw if b"help+" not in raw))
    new_mailbox.refresh_from_db()
    message = MessageFactory(customer=dana, kind="plain", not_before=NOW)

    assert addresses.of_messages([message]) == {message.pk: "help@kettle.example"}
    new_mailbox.confirmed_at = None
    new_mailbox.save()
    assert addresses.of_messages([message]) == {}


@pytest.mark.parametrize(
    "subject",
    ["Test [0123456789abcdef0123]", "Test []", "Re: {signed}"],
)
def test_only_our_own_signature_in_the_mailbox_itself_confirms(
    new_mailbox, take, subject
):
    """The signature of another address or account is another one."""
    signed = confirming.signature_of(new_mailbox)
    new_mailbox.address = "other@kettle.example"
    new_mailbox.save()

    take(plain(subject=subject.format(signed=f"[{signed}]")))

    assert sender(new_mailbox) != new_mailbox.address
    assert Mail.objects.count() == 1


def test_what_came_by_another_way_than_the_mailbox_confirms_nothing(
    new_mailbox, own_storage
):
    subject = f"Test [{confirming.signature_of(new_mailbox)}]"

    receiving.receive(plain(subject=subject), source=MailSource.PIPE, now=NOW)

    assert sender(new_mailbox) != "help@kettle.example"
