"""A colleague writes: drafts are kept, mails leave in their thread, and for ten seconds
they can be taken back."""

from datetime import timedelta
from threading import Barrier, Thread
from uuid import uuid4

import pytest
from django.db import connection

from crm.models import Business
from messaging.models import Body, Message
from messaging.rules.choices import SuppressionReason
from messaging.services.delivery import deliver
from messaging.services.suppression import address_hash, suppress
from support.errors import (
    AddressesRefused,
    AlreadyLeft,
    DraftFilesTooLarge,
    DraftGone,
    NobodyToWriteTo,
    NothingWritten,
)
from support.models import Conversation, Draft, DraftFile, Mail, Mailbox, MailFile
from support.rules import quoting, replies
from support.rules.choices import MailSource
from support.selectors import threads
from support.services import drafts, letters, receiving, storage, taking_back, writing
from tests.factories import NOW, CustomerFactory, UserFactory
from tests.support.conftest import stored
from tests.support.mails import plain
from web.errors import StaleVersion

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=5)
GONE = LATER + writing.WAIT


@pytest.fixture
def noa(db):
    return UserFactory(email="noa@kettle.example", name="Noa Katz")


@pytest.fixture
def asked(take, dana):
    """Dana's question, with Ben in copy."""
    return take(plain(cc="Ben <ben@example.org>, help@kettle.example"))


@pytest.fixture
def draft(asked, noa):
    return drafts.begin(author=noa, conversation=asked.conversation, now=LATER)


@pytest.fixture
def hebrew(mailbox):
    """A second mailbox that is read."""
    return Mailbox.objects.create(
        name="Ezra", address="ezra@kettle.example", host="imap.kettle.example",
        user="ezra", password=mailbox.password, language="he", confirmed_at=NOW,
        new_from=mailbox.new_from,
    )  # fmt: skip


def typed(draft, now=LATER, **fields):
    return drafts.keep(draft, version=draft.version, now=now, **fields)


def send(draft, **fields):
    return writing.send(
        typed(draft, **{"text": "It is on its way.", **fields}), now=LATER
    )


def text_of(mail):
    return mail.get_body(("plain",)).get_content().replace("\r\n", "\n")


# --- Drafts --------------------------------------------------------------------------


def test_an_answer_begins_with_whoever_wrote_last(draft):
    assert draft.to == "Dana Levi <dana@example.org>"
    assert draft.cc == ""
    assert draft.subject == "Re: My order"


def test_an_answer_to_all_leaves_our_own_addresses_out(asked, noa):
    draft = drafts.begin(
        author=noa, conversation=asked.conversation, to_all=True, now=LATER
    )

    assert draft.to == "Dana Levi <dana@example.org>"
    assert draft.cc == "Ben <ben@example.org>"


OURS = {
    "from_transactional": "Orders@Kettle.example",
    "from_survey": "ask@kettle.example",
    "from_loyalty": "club@kettle.example",
    "from_marketing": "news@kettle.example",
    "reply_to": "answers@kettle.example",
}


def test_no_address_of_ours_is_answered_to_however_it_is_written(
    take, dana, noa, hebrew
):
    """Neither one that we write from, nor one that is read, with a tag or without."""
    Business.objects.update(**OURS)
    tagged = "Help+C1f-0123456789abcdef0123@Kettle.example"
    written = (tagged, "EZRA@kettle.example", *OURS.values())
    mail = take(plain(to=", ".join(written), cc="ben@example.org, Dana@Example.org"))

    draft = drafts.begin(
        author=noa, conversation=mail.conversation, to_all=True, now=LATER
    )

    assert (draft.to, draft.cc) == ("Dana Levi <dana@example.org>", "ben@example.org")


def test_an_answer_goes_where_they_want_answers(take, dana, noa):
    mail = take(plain(reply_to="Office <office@example.org>"))

    draft = drafts.begin(author=noa, conversation=mail.conversation, now=LATER)

    assert draft.to == "Office <office@example.org>"


def test_each_colleague_has_one_draft_in_a_conversation(draft, asked, noa):
    again = drafts.begin(author=noa, conversation=asked.conversation, now=LATER)
    other = drafts.begin(
        author=UserFactory(), conversation=asked.conversation, now=LATER
    )

    assert again == draft
    assert other != draft


def test_a_second_window_does_not_write_over_the_first(draft):
    typed(draft, text="One")

    with pytest.raises(StaleVersion):
        drafts.keep(draft, version=draft.version, now=LATER, text="Two")

    assert Draft.objects.get().text == "One"


def test_a_colleague_is_seen_writing_for_two_minutes(draft, asked, noa):
    def seen(by, after):
        now = LATER + timedelta(seconds=after)
        return threads.writers(asked.conversation, but=by, now=now)

    typed(draft, text="I am")
    other = UserFactory()

    assert seen(other, 60) == ["Noa Katz"]
    assert seen(noa, 60) == []
    assert seen(other, 121) == []


def test_files_larger_than_mail_servers_take_are_refused(draft, monkeypatch):
    monkeypatch.setattr(drafts, "FILES_MOST_BYTES", 10)
    drafts.add_file(draft, name="a.txt", content=b"123456", now=LATER)

    with pytest.raises(DraftFilesTooLarge):
        drafts.add_file(draft, name="b.txt", content=b"12345", now=LATER)

    assert [file.name for file in draft.files.all()] == ["a.txt"]


def test_what_is_thrown_away_leaves_no_file(draft, django_capture_on_commit_callbacks):
    before = stored()
    drafts.add_file(draft, name="C:\\x\\..\\bill.pdf", content=b"%PDF-1", now=LATER)
    assert draft.files.get().name == "bill.pdf"
    assert draft.files.get().content_type == "application/pdf"

    with django_capture_on_commit_callbacks(execute=True):
        drafts.discard(draft)

    assert stored() == before


def test_drafts_nobody_goes_on_with_are_thrown_away(draft):
    assert drafts.discard_old(LATER + drafts.KEPT) == 0
    assert drafts.discard_old(LATER + drafts.KEPT + timedelta(seconds=1)) == 1
    assert not Draft.objects.exists()


# --- Sending -------------------------------------------------------------------------


def test_an_answer_threads_and_leaves_from_where_they_wrote_to(draft, asked, sink):
    mail = send(draft)

    deliver(now=GONE)

    [sent] = sink.mails
    assert sink.recipients == ["dana@example.org"]
    assert sent["From"] == "Noa Katz <help@kettle.example>"
    assert sent["Subject"] == "Re: My order"
    assert sent["In-Reply-To"] == "<one@example.org>"
    assert sent["References"] == "<one@example.org>"
    assert sent["Message-ID"] == f"<{mail.message_id}>"
    assert sent["Reply-To"].startswith("help+c")
    assert sent["Auto-Submitted"] is None
    assert text_of(sent) == (
        "It is on its way.\n\nOn 21 November 2026, Dana Levi wrote:\n"
        "> Where is my parcel?\n"
    )
    assert "<blockquote" in sent.get_body(("html",)).get_content()


def test_what_they_answer_lands_in_the_same_conversation(draft, asked, sink, take):
    send(draft)
    deliver(now=GONE)
    [sent] = sink.mails
    answers = [sent["In-Reply-To"], sent["Message-ID"]]

    by_thread = take(
        plain("Thanks", sender="d@other.example", message_id="<2@x>", answers=answers)
    )
    by_address = take(
        plain("Oh!", sender="e@other.example", message_id="<3@x>", to=sent["Reply-To"])
    )

    assert by_thread.conversation == by_address.conversation == asked.conversation
    assert asked.conversation.mails.count() == 4


def test_our_own_mail_that_comes_back_is_there_already(draft, sink, mailbox):
    send(draft)
    deliver(now=GONE)
    before = Mail.objects.count()

    receiving.receive(
        sink.mails[0].as_bytes(), source=MailSource.IMAP, mailbox=mailbox, now=GONE
    )

    assert Mail.objects.count() == before


def test_it_is_their_turn_once_we_have_answered(draft, asked):
    send(draft)

    asked.conversation.refresh_from_db()
    assert asked.conversation.state == "waiting"
    assert not Draft.objects.exists()


def test_everybody_named_gets_one_and_hidden_ones_are_named_to_nobody(draft, sink):
    mail = send(
        draft,
        cc="Ben <ben@example.org>; BEN@example.org",
        bcc="boss@kettle.example, dana@example.org",
    )
    deliver(now=GONE)

    assert sorted(sink.recipients) == [
        "ben@example.org",
        "boss@kettle.example",
        "dana@example.org",
    ]
    assert len({sent["Message-ID"] for sent in sink.mails}) == 1
    for sent in sink.mails:
        assert sent["Cc"] == "Ben <ben@example.org>"
        assert "boss" not in sent.as_string()
    journey = threads.journeys([mail], now=GONE)[mail.pk]
    assert journey.hidden == ("boss@kettle.example",)


def test_files_go_along_and_stay_with_the_mail(draft, sink):
    drafts.add_file(draft, name="הצעה.pdf", content=b"%PDF-1 bill", now=LATER)

    mail = send(draft, text="")
    deliver(now=GONE)

    [file] = mail.files.all()
    [part] = [part for part in sink.mails[0].walk() if part.get_filename()]
    assert part.get_filename() == "הצעה.pdf"
    assert part.get_content() == storage.read(file.key) == b"%PDF-1 bill"
    assert not DraftFile.objects.exists()


def test_what_they_wrote_in_html_is_nothing_but_words_in_ours(take, dana, noa, sink):
    mail = take(plain("Is <b>this</b> & that ok?\n\nשלום"))
    draft = drafts.begin(author=noa, conversation=mail.conversation, now=LATER)

    send(draft, text="See <script>alert(1)</script> https://kettle.example/?a=1&b=2")
    deliver(now=GONE)

    html = sink.mails[0].get_body(("html",)).get_content()
    assert "<script>" not in html
    assert "&lt;b&gt;this" in html
    assert 'href="https://kettle.example/?a=1&amp;b=2"' in html
    assert html.count('dir="auto"') == 3


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"to": ""}, NobodyToWriteTo),
        ({"to": "Dana"}, AddressesRefused),
        ({"to": "dana@example.org, not an address"}, AddressesRefused),
        ({"bcc": "a@b"}, AddressesRefused),
        ({"text": " \n "}, NothingWritten),
    ],
)
def test_what_cannot_be_sent_stays_a_draft(draft, fields, error):
    with pytest.raises(error):
        send(draft, **fields)

    assert Draft.objects.count() == 1
    assert not Message.objects.exists()


def test_an_address_whose_mail_came_back_is_named(draft):
    suppress(address_hash("dana@example.org"), reason=SuppressionReason.BOUNCE, now=NOW)

    with pytest.raises(AddressesRefused) as refused:
        send(draft)

    assert refused.value.code == "addresses_bounced"
    assert refused.value.addresses == ["dana@example.org"]


def test_who_complained_about_our_mail_still_gets_an_answer(draft, sink):
    known = address_hash("dana@example.org")
    suppress(known, reason=SuppressionReason.COMPLAINT, now=NOW)

    send(draft)
    deliver(now=GONE)

    assert sink.recipients == ["dana@example.org"]


@pytest.mark.django_db(transaction=True)
def test_pressing_send_twice_sends_once(draft):
    ready = typed(draft, text="Once")
    barrier, results = Barrier(2), []

    def press():
        try:
            barrier.wait()
            results.append(writing.send(ready, now=LATER))
        except DraftGone:
            results.append(None)
        finally:
            connection.close()

    presses = [Thread(target=press) for _ in range(2)]
    for one in presses:
        one.start()
    for one in presses:
        one.join()

    assert sorted(result is None for result in results) == [False, True]
    assert Message.objects.count() == 1


def test_a_new_mail_begins_a_conversation_of_whose_address_it_is(dana, noa, mailbox):
    draft = drafts.begin(author=noa, now=LATER)

    mail = send(draft, to="dana@example.org", subject="Your beans")

    assert mail.conversation.customer == dana
    assert mail.conversation.assignee == noa
    assert mail.from_address == mailbox.address
    assert mail.references == []
    assert mail.quoted == ""


# --- Taking back ---------------------------------------------------------------------


def test_it_is_a_draft_again_as_it_was_typed(draft, asked, noa, sink):
    drafts.add_file(draft, name="a.pdf", content=b"%PDF-1", now=LATER)
    mail = send(draft, cc="Ben <ben@example.org>", bcc="boss@kettle.example")

    taking_back.take_back(mail, staff=noa, now=GONE - timedelta(seconds=1))
    deliver(now=GONE)

    assert sink.mails == []
    [back] = Draft.objects.all()
    assert (back.to, back.cc, back.bcc, back.text) == (
        "Dana Levi <dana@example.org>",
        "Ben <ben@example.org>",
        "boss@kettle.example",
        "It is on its way.",
    )
    assert [file.name for file in back.files.all()] == ["a.pdf"]
    assert storage.read(back.files.get().key) == b"%PDF-1"
    assert not MailFile.objects.exists()
    asked.conversation.refresh_from_db()
    assert asked.conversation.state == "open"


def test_what_was_begun_meanwhile_is_kept_below(draft, asked, noa):
    mail = send(draft)
    other = drafts.begin(author=noa, conversation=asked.conversation, now=LATER)
    typed(other, text="And one more thing")

    back = taking_back.take_back(mail, staff=noa, now=LATER)

    assert back.text == "It is on its way.\n\nAnd one more thing"


def test_what_has_left_stays_as_it_is(draft, noa, sink):
    mail = send(draft, cc="ben@example.org")
    deliver(now=GONE, limit=1)
    before = sorted(Message.objects.values_list("pk", "state"))

    with pytest.raises(AlreadyLeft):
        taking_back.take_back(mail, staff=noa, now=GONE)

    assert sorted(Message.objects.values_list("pk", "state")) == before
    assert Mail.objects.filter(pk=mail.pk).exists()


@pytest.mark.parametrize("state", ["claimed", "handed"])
def test_what_is_about_to_leave_stays_as_it_is(draft, noa, state):
    mail = send(draft)
    lease = GONE + timedelta(minutes=1)
    Message.objects.update(state=state, claim_token=uuid4(), lease_until=lease)

    with pytest.raises(AlreadyLeft):
        taking_back.take_back(mail, staff=noa, now=GONE)

    assert Message.objects.get().state == state
    assert Draft.objects.count() == 0


def test_what_a_server_has_put_off_stays_as_it_is(draft, noa, sink):
    """It has seen the mail, and may have kept it."""
    sink.say("data", "451 4.3.0 later", to="dana@example.org")
    mail = send(draft)
    deliver(now=GONE)
    assert Message.objects.values_list("state", "attempts").get() == ("planned", 1)

    with pytest.raises(AlreadyLeft):
        taking_back.take_back(mail, staff=noa, now=GONE)

    assert Message.objects.get().state == "planned"


def test_a_new_mail_that_is_taken_back_leaves_no_conversation(noa, mailbox):
    draft = drafts.begin(author=noa, now=LATER)
    mail = send(draft, to="new@example.org", subject="Hello")

    back = taking_back.take_back(mail, staff=noa, now=LATER)

    back.refresh_from_db()
    assert back.conversation is None
    assert back.text == "It is on its way."
    assert not Conversation.objects.exists()


def test_taken_back_and_sent_again_goes_once(draft, noa, sink):
    mail = send(draft)
    back = taking_back.take_back(mail, staff=noa, now=LATER)

    writing.send(back, now=LATER)
    deliver(now=GONE)

    assert sink.recipients == ["dana@example.org"]


# --- What became of it ---------------------------------------------------------------


def test_what_a_server_refused_is_known_for_each_recipient(draft, sink):
    sink.say("rcpt", "550 5.1.1 no such user", to="ben@example.org")
    mail = send(draft, cc="ben@example.org")
    waiting = threads.journeys([mail], now=LATER)[mail.pk]
    assert waiting.until == GONE
    assert waiting.is_waiting

    deliver(now=GONE)

    journey = threads.journeys([mail], now=GONE)[mail.pk]
    assert [(who, state) for who, state, _ in journey.failures] == [
        ("ben@example.org", "failed")
    ]
    assert not journey.is_waiting
    assert journey.until is None
    assert not Body.objects.exists()


# --- Rules ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "people"),
    [
        ("", []),
        ("a@x.org", [("", "a@x.org")]),
        ("Ana <a@x.org>, b@x.org", [("Ana", "a@x.org"), ("", "b@x.org")]),
        ("a@x.org; b@x.org\nc@x.org", [("", f"{one}@x.org") for one in "abc"]),
        ('"Levi, Dana" <d@x.org>', [("Levi, Dana", "d@x.org")]),
        ("דנה לוי <d@x.org>", [("דנה לוי", "d@x.org")]),
        ("nobody", [("nobody", "")]),
    ],
)
def test_a_line_is_read_as_people_type_it(line, people):
    assert replies.people_in(line) == people


@pytest.mark.parametrize(
    "name",
    ["Ana", "דנה לוי", "Ana Berg", 'He"llo <x>, y', "张伟", "O'Neil", "a\r\nb", ""],
)
def test_a_line_that_was_written_is_read_again(name):
    [(_name, address)] = replies.people_in(replies.line_of([(name, "a@x.org")]))

    assert address == "a@x.org"


def test_re_stands_once():
    assert replies.subject("Re: AW: RE: Beans") == "Re: Beans"
    assert replies.subject("") == "Re:"


def test_a_long_chain_keeps_its_first_and_its_nearest():
    before = [f"{number}@x" for number in range(100)]

    chain = replies.chain("now@x", before)

    assert chain[:3] == ["now@x", "0@x", "1@x"]
    assert chain[-1] == "99@x"
    assert len(chain) == replies.REFERENCES_MOST


# --- The line above what is quoted ---------------------------------------------------


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", "On 21 November 2026, Dana Levi wrote:"),
        ("zh-hans", "Dana Levi 于 2026年11月21日 写道："),
        ("zh-hant", "Dana Levi 於 2026年11月21日 寫道："),
        ("he", "בתאריך 21 בנובמבר 2026, Dana Levi כתב/ה:"),
    ],
)
def test_it_is_in_the_language_of_whom_we_answer_and_is_folded_again(
    draft, asked, dana, language, line
):
    dana.language = language
    dana.save()
    Conversation.objects.update(language="")

    mail = send(draft)

    assert mail.quoted.splitlines()[0] == line
    assert quoting.folded(f"Thanks!\n\n{line}\n> It is on its way.")[0] == "Thanks!"
    html = letters.as_html(mail.text, mail.quoted, language)
    assert ('dir="rtl"' in html) == (language == "he")


def test_it_is_the_day_where_the_customer_lives(draft, asked, dana):
    dana.time_zone = "Pacific/Auckland"
    dana.save()
    Mail.objects.filter(pk=asked.pk).update(at=NOW.replace(day=21, hour=23))

    assert send(draft).quoted.startswith("On 22 November 2026,")


# --- From which address --------------------------------------------------------------


def test_an_answer_leaves_from_the_address_that_was_written_to_last(
    draft, hebrew, asked
):
    again = plain("Also", message_id="<2@x.example>", answers=("<one@example.org>",))
    receiving.receive(again, source=MailSource.IMAP, mailbox=hebrew, now=LATER)

    assert send(draft).from_address == "ezra@kettle.example"


def test_no_answer_leaves_from_an_address_that_is_not_tried(draft, hebrew, asked):
    Mailbox.objects.filter(pk=hebrew.pk).update(confirmed_at=None)
    hebrew.refresh_from_db()
    again = plain("Also", message_id="<2@x.example>", answers=("<one@example.org>",))
    receiving.receive(again, source=MailSource.IMAP, mailbox=hebrew, now=LATER)

    assert send(draft).from_address == "help@kettle.example"


def test_a_new_mail_leaves_from_the_mailbox_of_their_language(noa, mailbox, hebrew):
    for language, sender in (("he", hebrew), ("en", mailbox)):
        someone = CustomerFactory(language=language)
        new = drafts.begin(author=noa, customer=someone, now=LATER)
        assert send(new, subject="Hello").from_address == sender.address
