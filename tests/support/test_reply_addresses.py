"""Every mail to a customer can be answered once a mailbox is read."""

import pytest

from messaging.services.delivery import deliver
from support.models import Mailbox
from support.services import addresses, drafts, writing
from tests.factories import NOW, MessageFactory, UserFactory
from tests.messaging.plain_kind import PlainKind
from tests.messaging.small_kind import registered
from tests.support.conftest import conversation
from tests.support.mails import plain

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(dana, sink):
    """What a customer got of an automation, and its message."""

    def sent(**fields):
        with registered(PlainKind()):
            message = MessageFactory(
                customer=dana, kind="plain", not_before=NOW, **fields
            )
            deliver(now=NOW)
        return message, sink.mails[-1]

    return sent


def test_an_answer_to_an_automation_becomes_a_conversation(sent, mailbox, take, dana):
    message, mail = sent()

    answer = take(
        plain("Lovely", sender="else@example.net", to=mail["Reply-To"]),
    )

    assert mail["Reply-To"].startswith("help+m")
    assert answer.conversation.answers == message
    assert answer.conversation.customer == dana


def test_it_goes_to_the_mailbox_of_their_language(sent, mailbox):
    mailbox.pk, mailbox.address, mailbox.language = None, "hilfe@kettle.example", "he"
    mailbox.save(force_insert=True)

    assert sent(language="he")[1]["Reply-To"].startswith("hilfe+m")


def test_without_a_mailbox_it_goes_where_it_went(sent, mailbox):
    Mailbox.objects.update(is_on=False)

    assert "+" not in (sent()[1]["Reply-To"] or "")


@pytest.mark.parametrize("begun", ["before a mailbox", "in one that is off"])
def test_an_answer_of_ours_is_answered_where_it_is_read(begun, dana, mailbox, sink):
    old = None
    if begun == "in one that is off":
        fields = {"address": "old@kettle.example", "is_on": False}
        old = Mailbox.objects.create(
            **fields, name="Old", new_from=NOW, confirmed_at=NOW
        )
    thread = conversation(customer=dana, address=dana.email, mailbox=old)
    draft = drafts.begin(author=UserFactory(), conversation=thread, now=NOW)
    draft = drafts.keep(draft, version=1, now=NOW, to=dana.email, text="Yes.")

    writing.send(draft, now=NOW)
    deliver(now=NOW + writing.WAIT)

    signed = addresses.reply_address(mailbox, thread)
    assert sink.mails[-1]["Reply-To"] == signed
