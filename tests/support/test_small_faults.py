"""Lines of which a small change was noticed by no other test."""

from datetime import timedelta

import pytest

from messaging.models import Message
from support.models import Conversation, Mail
from support.rules import mail_search
from support.rules.choices import MailSource
from support.rules.matching import Conditions
from support.selectors import searching, threads
from support.services import conversations, inbox_rules
from tests.factories import NOW, UserFactory
from tests.support.conftest import conversation
from tests.support.mails import plain
from tests.support.test_inbox_rules import make as rule
from web.errors import InvalidValue

pytestmark = pytest.mark.django_db


def test_another_mail_that_borrows_an_id_is_kept_beside_the_first(take, dana):
    take(plain())
    take(plain("Quite another one"))

    assert Mail.objects.filter(message_id="one@example.org").count() == 2


def test_an_older_mail_that_is_read_later_moves_nothing_down(take, dana):
    for hours in (5, 2, 3):
        at = NOW - timedelta(hours=hours)
        answers = ("<5@example.org>",) if hours < 5 else ()
        take(
            plain(at=at, message_id=f"<{hours}@example.org>", answers=answers),
            arrived_at=at,
        )

    assert Conversation.objects.get().last_mail_at == NOW - timedelta(hours=2)


def test_what_opens_again_keeps_no_end_and_no_alarm(take, dana):
    mail = take(plain())
    noa = UserFactory()
    conversations.snooze(mail.conversation, until=NOW + timedelta(days=3), now=NOW)
    conversations.close(mail.conversation, by=noa, outcome="Sent", now=NOW)

    take(plain("And?", message_id="<2@x>", answers=("<one@example.org>",)))

    found = Conversation.objects.get()
    assert (found.state, found.outcome, found.closed_by) == ("open", "", None)
    assert (found.closed_at, found.snoozed_until) == (None, None)


def test_the_language_that_a_mail_says_of_itself_is_not_believed(take, mailbox):
    mailbox.language = "he"
    mailbox.save()

    mail = take(b"Content-Language: en\n" + plain())

    assert mail.conversation.language == "he"


def test_what_is_put_aside_wakes_at_its_moment_and_never_in_the_past(take, dana):
    found = take(plain()).conversation
    with pytest.raises(InvalidValue):
        conversations.snooze(found, until=NOW, now=NOW)
    until = NOW + timedelta(hours=1)
    conversations.snooze(found, until=until, now=NOW)

    assert conversations.wake(now=until - timedelta(seconds=1)) == 0
    assert conversations.wake(now=until) == 1
    found.refresh_from_db()
    assert (found.state, found.snoozed_until) == ("open", None)


def test_what_is_called_spam_later_ended_when_it_was_closed():
    found = conversation(state="closed")

    conversations.mark_as_spam(found, by=None, now=NOW + timedelta(days=1))

    found.refresh_from_db()
    assert (found.is_spam, found.closed_at) == (True, NOW)


def test_copies_are_searched_and_a_body_as_far_as_it_is_read(take, dana):
    body = "x" * (mail_search.BODY_MOST + 10) + " sapphire"
    mail = take(plain(body, Cc="Ruth Amir <ruth@mill.example>"))

    assert list(searching.found("ruth@mill.example").everything) == [mail.conversation]
    assert not searching.found("sapphire").everything.exists()


def test_an_answer_in_what_is_spam_opens_nothing(take, dana):
    found = take(plain()).conversation
    conversations.mark_as_spam(found, by=None, now=NOW)

    take(plain("Buy!", message_id="<2@x>", answers=("<one@example.org>",)))

    found.refresh_from_db()
    assert (found.state, found.is_spam, found.mails.count()) == ("closed", True, 2)


def test_of_two_rules_that_close_the_second_finds_it_closed(take, dana):
    rule(name="One", subject="order", closes=True)
    rule(name="Two", subject="order", closes=True)

    assert take(plain()).conversation.is_closed


def test_rules_look_at_copies_and_are_tried_on_what_came_in(take, dana):
    rule(name="Mill", recipient="ruth@mill.example", kind="order")
    mail = take(plain(Cc="Ruth Amir <ruth@mill.example>"))
    take(plain("Ours", to="dana@example.org", message_id="<2@x>",
               Cc="ruth@mill.example"), source=MailSource.SENT_FOLDER)  # fmt: skip

    assert mail.conversation.kind == "order"
    assert Mail.objects.count() == 2
    assert inbox_rules.tried(Conditions(recipient="ruth@mill.example")) == [mail]


def test_an_acknowledgement_is_in_their_language_and_not_a_minute_too_early(
    take, dana, mailbox
):
    mailbox.acknowledges, mailbox.language = True, "en"
    mailbox.save()
    dana.language = "he"
    dana.save()
    told = Message.objects.filter(kind=threads.ACKNOWLEDGEMENT)

    take(plain())
    later = NOW + timedelta(hours=23, minutes=59)
    take(plain("Again", message_id="<2@x>", at=later), now=later)

    assert [message.language for message in told] == ["he"]


@pytest.mark.parametrize("walk_from", [0, 7])
def test_a_conversation_is_found_by_its_number_among_words(
    take, dana, monkeypatch, walk_from
):
    monkeypatch.setattr(searching, "_WALK_FROM", walk_from)
    found = take(plain()).conversation

    assert list(searching.found(str(found.pk)).everything) == [found]
