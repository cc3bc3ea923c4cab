"""A person closes, or time does: each says so in its own way."""

from datetime import timedelta

import pytest

from crm.models import AuditEntry
from support import signals
from support.models import Conversation, Draft
from support.services import closing, conversations
from tests.factories import NOW, UserFactory
from tests.support.mails import plain

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=7)


@pytest.fixture
def heard():
    """What either signal said."""
    found = []

    def closed(*, conversation, by, **_more):
        found.append(("closed", conversation.pk, conversation.outcome, by))

    def lapsed(*, conversations, **_more):
        found.append(("lapsed", *(one.pk for one in conversations)))

    signals.conversation_closed.connect(closed)
    signals.conversations_lapsed.connect(lapsed)
    yield found
    signals.conversation_closed.disconnect(closed)
    signals.conversations_lapsed.disconnect(lapsed)


def waiting(take, n):
    conversation = take(plain(message_id=f"<{n}@example.org>")).conversation
    Conversation.objects.filter(pk=conversation.pk).update(state="waiting")
    return conversation


def test_a_person_closes_with_an_outcome_and_a_mail_opens_it_again(take, dana, heard):
    noa = UserFactory()
    conversation = take(plain()).conversation

    conversations.close(conversation, by=noa, outcome="Sent a new one", now=NOW)

    assert heard == [("closed", conversation.pk, "Sent a new one", noa)]
    take(plain("It broke", message_id="<2@x.example>", answers=("<one@example.org>",)))
    conversation.refresh_from_db()
    assert (conversation.state, conversation.outcome) == ("open", "")
    assert AuditEntry.objects.filter(action="conversation.reopened").exists()
    conversations.mark_as_spam(conversation, by=noa, now=NOW)
    assert len(heard) == 1


def test_time_closes_what_waits_for_them_and_nothing_else(take, dana, mailbox, heard):
    lapsed, drafted, fresh = (waiting(take, n) for n in range(3))
    owed = take(plain(message_id="<owed@example.org>")).conversation
    Draft.objects.create(
        author=UserFactory(), conversation=drafted, begun_at=NOW, changed_at=NOW
    )
    Conversation.objects.filter(pk=fresh.pk).update(last_mail_at=LATER)
    assert closing.close_lapsed(now=LATER) == 0  # nobody asked for it

    mailbox.close_after_days = 7
    mailbox.save()
    assert closing.close_lapsed(now=LATER - timedelta(seconds=1)) == 0
    assert closing.close_lapsed(now=LATER) == 1
    assert closing.close_lapsed(now=LATER) == 0

    states = [Conversation.objects.get(pk=one.pk).state for one in (drafted, fresh)]
    assert states == ["waiting", "waiting"]
    assert Conversation.objects.get(pk=owed.pk).state == "open"
    closed = Conversation.objects.get(state="closed")
    assert (closed.pk, closed.closed_by, closed.closed_at) == (lapsed.pk, None, LATER)
    assert heard == [("lapsed", lapsed.pk)]
    entry = AuditEntry.objects.get(action="conversation.lapsed")
    assert entry.customer_id == dana.pk
