"""Signatures, notes, ready-made words, mail for later, and mail that is sent on."""

from datetime import timedelta

import pytest

from messaging.models import Message
from messaging.rules.choices import SuppressionReason
from messaging.services.delivery import deliver
from messaging.services.suppression import address_hash, suppress
from support.errors import NothingWritten, SavedReplyExists, SendTimeOver
from support.models import Conversation, Draft, Mention, SavedReply
from support.rules import placeholders
from support.rules.mentions import mentioned
from support.services import (
    drafts,
    forwarding,
    notes,
    saved_replies,
    sending_later,
    signatures,
    storage,
    taking_back,
    writing,
)
from tests.factories import NOW, UserFactory
from tests.support.mails import plain
from web.errors import InvalidValue, StaleVersion

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=5)
GONE = LATER + writing.WAIT
TOMORROW = LATER + timedelta(days=1)


@pytest.fixture
def noa(db):
    return UserFactory(email="noa@kettle.example", name="Noa Katz")


@pytest.fixture
def asked(take, dana):
    return take(plain())


@pytest.fixture
def draft(asked, noa):
    begun = drafts.begin(author=noa, conversation=asked.conversation, now=LATER)
    return drafts.keep(begun, version=1, now=LATER, text="It is on its way.")


# --- Signatures ----------------------------------------------------------------------


def test_a_signature_stands_below_a_new_draft(asked, noa):
    signatures.save(noa, words="Noa\nKettle & Leaf")

    draft = drafts.begin(author=noa, conversation=asked.conversation, now=LATER)

    assert draft.text == "\n\n-- \nNoa\nKettle & Leaf"


def test_a_signature_alone_is_nothing_written(asked, noa):
    signatures.save(noa, words="Noa")
    draft = drafts.begin(author=noa, conversation=asked.conversation, now=LATER)

    with pytest.raises(NothingWritten):
        writing.send(draft, now=LATER)


# --- Notes ---------------------------------------------------------------------------


def test_who_is_asked_for_in_a_note_is_told_until_they_saw_it(asked, noa):
    ben = UserFactory(name="Ben Bar")
    UserFactory(name="Ben Bartov")
    note = notes.add(
        asked.conversation, words="@ben bar, @Noa Katz: look", author=noa, now=LATER
    )

    [asked_for] = note.mentions.all()
    assert asked_for.user == ben
    assert notes.note_seen(asked.conversation, user=ben, now=GONE) == 1
    assert notes.note_seen(asked.conversation, user=ben, now=GONE) == 0
    assert Mention.objects.get().seen_at == GONE


def test_who_may_not_read_conversations_is_not_asked_for(asked, noa):
    UserFactory(name="Ana Lyst", role="analyst")
    UserFactory(name="Gone Away", is_active=False)

    note = notes.add(
        asked.conversation, words="@Ana Lyst @Gone Away", author=noa, now=LATER
    )

    assert not note.mentions.exists()


def test_an_empty_note_is_refused(asked, noa):
    with pytest.raises(InvalidValue):
        notes.add(asked.conversation, words=" \n", author=noa, now=LATER)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("@Ana", {1}),
        ("@ana!", {1}),
        ("@Ana Berg", {2}),
        ("@Anabel", set()),
        ("mail ana@ana.example", set()),
        ("@אנה: תסתכלי", {3}),
        ("@Ana and @Ana Berg", {1, 2}),
        ("", set()),
    ],
)
def test_whom_a_note_means(text, found):
    assert mentioned(text, {1: "Ana", 2: "Ana Berg", 3: "אנה", 4: ""}) == found


# --- Saved replies -------------------------------------------------------------------


def saved(name="Thanks", *, language="", words="Dear {first_name}", owner=None, **more):
    return saved_replies.save(
        more.pop("reply", None),
        name=name, language=language, words=words, owner=owner, **more,
    )  # fmt: skip


def test_words_are_filled_for_the_conversation(draft):
    reply = saved(words="Dear {first_name}, {author} of {shop} on {subject}")

    assert saved_replies.filled(reply, draft) == (
        "Dear Dana, Noa Katz of My shop on My order"
    )


def test_what_is_not_known_stays_in_sight(noa):
    reply = saved(words="Dear {first_name}, about {last_order}")
    draft = drafts.begin(author=noa, now=LATER)

    assert saved_replies.filled(reply, draft) == reply.text


def test_a_place_that_does_not_exist_is_refused():
    with pytest.raises(InvalidValue) as refused:
        saved(words="Dear {firstname}")

    assert refused.value.fields == {"text": "unknown_placeholder"}
    assert placeholders.unknown("{a} {name} {b} {a}") == ["a", "b"]


def test_ones_own_are_seen_by_nobody_else(noa):
    shared, own = saved("Shared"), saved("Own", owner=noa)
    saved("Hebrew", language="he")

    def seen_by(user, language=""):
        return [one.name for one in saved_replies.of(user, language=language)]

    assert seen_by(noa) == ["Hebrew", own.name, shared.name]
    assert seen_by(UserFactory()) == ["Hebrew", shared.name]
    assert seen_by(noa, "en") == [own.name, shared.name, "Hebrew"]


def test_a_name_stands_once_in_a_language(noa):
    first = saved("Thanks")
    saved("Thanks", language="he")
    saved("Thanks", owner=noa)

    with pytest.raises(SavedReplyExists):
        saved("Thanks")
    with pytest.raises(StaleVersion):
        saved("Other", reply=first, version=7)
    assert saved("Other", reply=first, version=1).version == 2
    saved_replies.delete(first)
    assert SavedReply.objects.count() == 2


# --- Later ---------------------------------------------------------------------------


def test_it_goes_by_itself_once_and_not_before(draft, sink):
    sending_later.schedule(draft, at=TOMORROW, now=LATER)

    assert sending_later.send_due(TOMORROW - timedelta(seconds=1)) == 0
    assert sending_later.send_due(TOMORROW) == 1
    assert sending_later.send_due(TOMORROW) == 0
    deliver(now=TOMORROW + writing.WAIT)
    assert sink.recipients == ["dana@example.org"]


def test_it_waits_again_if_the_customer_writes_first(draft, take):
    sending_later.schedule(draft, at=TOMORROW, now=LATER)

    take(plain("Never mind", message_id="<2@x>", answers=["<one@example.org>"]))

    assert sending_later.send_due(TOMORROW) == 0
    kept = Draft.objects.get()
    assert (kept.send_at, kept.held_back) == (None, "they_wrote_first")
    assert kept.text == draft.text


@pytest.mark.parametrize("to_customer", [True, False], ids=["customer", "address"])
def test_a_new_mail_waits_again_if_they_write_first(noa, dana, take, to_customer):
    customer = dana if to_customer else None
    begun = drafts.begin(author=noa, customer=customer, now=LATER)
    kept = drafts.keep(
        begun, version=1, now=LATER, to="Dana <DANA@example.org>", text="How is it?"
    )
    sending_later.schedule(kept, at=TOMORROW, now=LATER)

    take(plain("No subject is like it", sender="Ben <ben@example.org>"))
    assert Draft.objects.get().send_at == TOMORROW
    take(plain("It is broken", message_id="<2@x>"))

    assert sending_later.send_due(TOMORROW) == 0
    assert Draft.objects.get().held_back == "they_wrote_first"


def test_what_goes_elsewhere_does_not_wait_for_a_supplier(asked, noa, take, dana):
    sent = writing.send(forwarded(asked, noa), now=LATER)
    reply = drafts.begin(author=noa, conversation=asked.conversation, now=LATER)
    reply = drafts.keep(reply, version=1, now=LATER, text="It is on its way.")
    sending_later.schedule(reply, at=TOMORROW, now=LATER)

    take(
        plain("It left on Monday", sender="Sam <supplier@example.net>",
              message_id="<s@example.net>", answers=[f"<{sent.message_id}>"])
    )  # fmt: skip
    assert Draft.objects.get().send_at == TOMORROW
    take(plain("And another matter", subject="Tea", message_id="<3@x>"))

    assert Draft.objects.get().held_back == "they_wrote_first"


def test_a_machine_that_answers_first_changes_nothing(draft, take):
    sending_later.schedule(draft, at=TOMORROW, now=LATER)

    take(
        plain(
            "I am away",
            message_id="<2@x>",
            answers=["<one@example.org>"],
            auto_submitted="auto-replied",
        )
    )

    assert sending_later.send_due(TOMORROW) == 1


def test_what_cannot_go_later_says_why_and_is_kept(draft):
    sending_later.schedule(draft, at=TOMORROW, now=LATER)
    suppress(address_hash("dana@example.org"), reason=SuppressionReason.BOUNCE, now=NOW)

    assert sending_later.send_due(TOMORROW) == 0

    kept = Draft.objects.get()
    assert (kept.send_at, kept.held_back) == (None, "addresses_bounced")
    assert not Message.objects.exists()


def test_nothing_goes_in_the_name_of_who_has_left(draft, noa):
    sending_later.schedule(draft, at=TOMORROW, now=LATER)
    noa.is_active = False
    noa.save()

    assert sending_later.send_due(TOMORROW) == 0
    assert Draft.objects.get().held_back == "author_gone"


@pytest.mark.parametrize("at", [LATER, LATER + timedelta(days=366)])
def test_a_moment_that_is_over_or_too_far_is_refused(draft, at):
    with pytest.raises(SendTimeOver):
        sending_later.schedule(draft, at=at, now=LATER)


def test_what_is_wrong_is_said_while_its_author_is_there(draft):
    empty = drafts.keep(draft, version=draft.version, now=LATER, text="")

    with pytest.raises(NothingWritten):
        sending_later.schedule(empty, at=TOMORROW, now=LATER)


def test_it_can_be_stopped(draft):
    sending_later.schedule(draft, at=TOMORROW, now=LATER)

    sending_later.unschedule(draft)

    assert sending_later.send_due(TOMORROW) == 0
    assert Draft.objects.get().text == draft.text


# --- Sent on -------------------------------------------------------------------------


def forwarded(mail, noa, to="supplier@example.net"):
    draft = forwarding.begin(mail, author=noa, now=LATER)
    return drafts.keep(draft, version=1, now=LATER, to=to)


def test_the_answer_to_what_was_sent_on_stays_among_us(asked, noa, take, sink):
    sent = writing.send(forwarded(asked, noa), now=LATER)
    deliver(now=GONE)
    [gone] = sink.mails

    answer = take(
        plain(
            "It left on Monday",
            sender="Sam <supplier@example.net>",
            message_id="<s@example.net>",
            answers=[gone["Message-ID"]],
            at=GONE,
        ),
        now=GONE,
    )

    side = sent.conversation
    assert side.side_of == asked.conversation
    assert answer.conversation == side
    assert gone["Subject"] == "Fwd: My order"
    assert "Where is my parcel?" in gone.get_body(("plain",)).get_content()
    assert gone["In-Reply-To"] is None
    assert list(asked.conversation.mails.all()) == [asked]
    reply = drafts.begin(author=noa, conversation=asked.conversation, now=GONE)
    mail = writing.send(
        drafts.keep(reply, version=1, now=GONE, text="On Monday"), now=GONE
    )
    assert mail.quoted.endswith(":\n> Where is my parcel?")
    assert mail.references == [asked.message_id]


def test_files_are_sent_on_as_copies(take, dana, noa, mailbox):
    raw = plain()
    mail = take(raw)
    mail.files.create(
        key=storage.save(b"%PDF-1", now=NOW), name="a.pdf", size=6, sha256="0" * 64,
        content_type="application/pdf",
    )  # fmt: skip

    draft = forwarding.begin(mail, author=noa, now=LATER)

    assert draft.files.get().key != mail.files.get().key
    assert storage.read(draft.files.get().key) == b"%PDF-1"
    drafts.discard(draft)
    assert storage.read(mail.files.get().key) == b"%PDF-1"


def test_what_was_sent_on_can_be_taken_back(asked, noa, take):
    mail = writing.send(forwarded(asked, noa), now=LATER)
    take(plain("Hello?", message_id="<2@x>", answers=["<one@example.org>"]))

    back = taking_back.take_back(mail, staff=noa, now=LATER)

    back.refresh_from_db()
    assert back.conversation == asked.conversation
    assert back.forwards == asked
    assert back.to == "supplier@example.net"
    assert Conversation.objects.count() == 1
