"""Mails that people write go through the one pipeline, as they are."""

from datetime import timedelta

import pytest
from anymail.exceptions import AnymailUnsupportedFeature
from django.core import mail as django_mail
from django.core.mail.backends.base import BaseEmailBackend

from messaging.kinds import AttachedFile, Letter, LetterKind
from messaging.models import Body, Message
from messaging.rules.choices import SuppressionReason
from messaging.services import messages
from messaging.services.direct import post
from messaging.services.suppression import address_hashes, suppress
from tests.factories import UserFactory
from tests.messaging.delivering import NOW, plan_many, row, run
from tests.messaging.small_kind import registered

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plain_kind")]
WAIT = timedelta(seconds=10)
PICTURE = AttachedFile("logo.png", "image/png", b"PNG\r\n.\r\n", "logo")
BILL = AttachedFile("Rechnung ü.pdf", "application/pdf", bytes(range(256)) * 9)
PAGE = AttachedFile("page.html", "text/html", b"<script>alert(1)</script>")


class LetterForTests(LetterKind):
    name = "letter"
    label = "Letter"
    summary = "A letter for tests."
    priority = 1
    life = timedelta(days=2)
    more: dict[str, object] = {}

    def letters(self, messages, now):
        return {
            message.pk: Letter(**{**self.words(), **self.more})
            for message in messages
            if "lost" not in message.occurrence
        }

    def words(self):
        return {
            "subject": "Re: הקפה",
            "text": "Hello\n.\nדנה\n> as you wrote\n",
            "html": "",
            "sender": "help@kettle.example",
            "sender_name": "Noa",
            "message_id": "<mail-1@kettle.example>",
            "to": (("Ana", "ana@example.org"), ("Ben", "ben@example.org")),
            "cc": (("Cy", "cy@example.org"),),
        }

    def explain(self, messages):
        return {message.pk: "Noa wrote it." for message in messages}


@pytest.fixture
def letter():
    with registered(LetterForTests()) as kind:
        yield kind


def send(*to, wait=WAIT, occurrence="mail:1"):
    return [
        post(kind="letter", to=one, occurrence=occurrence, now=NOW, wait=wait)
        for one in to
    ]


def text_of(mail):
    return mail.get_body(("plain",)).get_content().replace("\r\n", "\n")


def test_one_mail_goes_to_each_recipient_with_equal_headers(letter, sink):
    sent = send("ana@example.org", "cy@example.org", "hidden@example.org")

    run(NOW + WAIT)

    assert [row(one).state for one in sent] == ["sent"] * 3
    assert sorted(sink.recipients) == sorted(one.address for one in sent)
    for mail in sink.mails:
        assert mail["To"] == "Ana <ana@example.org>, Ben <ben@example.org>"
        assert mail["Cc"] == "Cy <cy@example.org>"
        assert "hidden" not in str(mail)
        assert mail["Message-ID"] == "<mail-1@kettle.example>"
        assert mail["Subject"] == letter.words()["subject"]
        assert text_of(mail) == letter.words()["text"]
        assert mail["Auto-Submitted"] is None
        assert mail["Precedence"] is None
        assert mail["List-Unsubscribe"] is None


def test_an_answer_names_the_chain_it_belongs_to(letter, sink):
    chain = tuple(f"<{number}@mail.example.org>" for number in range(90))
    letter.more = {"references": chain, "reply_to": "help+x1@kettle.example"}

    send("ana@example.org")
    run(NOW + WAIT)

    [mail] = sink.mails
    assert mail["In-Reply-To"] == chain[-1]
    assert mail["References"].split() == list(chain)
    assert mail["Reply-To"] == "help+x1@kettle.example"


def test_an_acknowledgement_says_that_a_machine_wrote_it(letter, sink):
    letter.more = {"is_automatic": True}

    send("ana@example.org")
    run(NOW + WAIT)

    assert sink.mails[0]["Auto-Submitted"] == "auto-replied"


def test_files_arrive_as_they_were(letter, sink):
    letter.more = {
        "html": '<p>See <img src="cid:logo"></p>',
        "files": (PICTURE, BILL, PAGE),
    }

    send("ana@example.org")
    run(NOW + WAIT)

    [mail] = sink.mails
    files = {part.get_filename(): part for part in mail.walk() if part.get_filename()}
    assert {name: part.get_content() for name, part in files.items()} == {
        file.name: file.content for file in (PICTURE, BILL, PAGE)
    }
    assert files["logo.png"]["Content-ID"] == "<logo>"
    assert files["logo.png"].get_content_disposition() == "inline"
    assert files["page.html"].get_content_type() == "application/octet-stream"
    assert files["page.html"].get_content_disposition() == "attachment"
    assert "cid:logo" in mail.get_body(("html",)).get_content()


def test_it_can_be_taken_back_until_it_goes(letter, sink):
    [kept, taken] = send("ana@example.org", "ben@example.org")
    run(NOW + WAIT - timedelta(seconds=1))
    assert sink.mails == []

    messages.cancel(taken, now=NOW, staff=UserFactory())
    run(NOW + WAIT)

    assert sink.recipients == ["ana@example.org"]
    assert [row(kept).state, row(taken).state] == ["sent", "cancelled"]


def test_it_goes_before_everything_that_is_planned(letter, sink):
    plan_many(3)
    send("ana@example.org", wait=timedelta(0))

    run(limit=1)

    assert sink.recipients == ["ana@example.org"]


def test_the_workers_are_called_when_its_time_has_come(
    letter, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks() as calls:
        send("ana@example.org", "ben@example.org")

    [call] = calls
    assert call.wait == WAIT


def test_what_goes_tomorrow_is_left_to_beat(letter, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as calls:
        send("ana@example.org", wait=timedelta(days=1))

    assert calls == []


def test_an_address_that_bounced_gets_none(letter, sink):
    [known] = address_hashes(["ana@example.org"]).values()
    suppress(known, reason=SuppressionReason.BOUNCE, now=NOW)
    [message] = send("ana@example.org")

    run(NOW + WAIT)

    assert sink.mails == []
    assert (row(message).state, row(message).reason_code) == ("suppressed", "bounced")


def test_a_letter_that_is_gone_fails_alone(letter, sink):
    [lost] = send("ana@example.org", occurrence="lost")
    [kept] = send("ana@example.org")

    run(NOW + WAIT)

    assert (row(lost).state, row(kept).state) == ("failed", "sent")


def test_no_second_copy_of_its_words_is_kept(letter, sink):
    send("ana@example.org")

    run(NOW + WAIT)

    assert Message.objects.get().state == "sent"
    assert not Body.objects.exists()


class Plain(BaseEmailBackend):
    """A provider that names nobody else than whom it writes to."""

    names_others = False

    def send_messages(self, messages):
        if not Plain.names_others and "Cc" in messages[0].extra_headers:
            raise AnymailUnsupportedFeature("spoofing `To` header")
        django_mail.outbox += messages
        return len(messages)


@pytest.mark.parametrize("names_others", [True, False])
def test_a_provider_gets_a_letter_once_for_each(
    letter, settings, tmp_path, names_others
):
    settings.MAIL_TRANSPORT = "provider"
    settings.JOURNAL_FOLDER = tmp_path
    settings.EMAIL_BACKEND = "tests.messaging.test_letters.Plain"
    Plain.names_others = names_others
    letter.more = {"html": '<img src="cid:logo">', "files": (PICTURE, BILL)}

    send("ana@example.org", "cy@example.org")
    run(NOW + WAIT)

    assert [mail.to for mail in django_mail.outbox] == [
        ["ana@example.org"],
        ["cy@example.org"],
    ]
    for mail in django_mail.outbox:
        raw = mail.message()
        named = "Cy <cy@example.org>" if names_others else None
        assert raw["Cc"] == named
        assert [part.get_filename() for part in raw.walk() if part.get_filename()] == [
            file.name for file in (PICTURE, BILL)
        ]
