"""A mail is kept once, and lands by signed address, by what it answers, by sender."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import DataError, IntegrityError, connection, transaction

from crm.models import AuditEntry, Customer
from support.models import BlockedSender, Conversation, Mail, Mailbox, MailFile, RawMail
from support.rules.choices import MailSource
from support.services import addresses, reading, receiving, storage
from tests.factories import NOW, CustomerFactory, MessageFactory, UserFactory
from tests.support.conftest import stored
from tests.support.mails import plain

pytestmark = pytest.mark.django_db


def test_a_mail_of_a_customer_opens_a_conversation(take, dana, mailbox):
    noa = mailbox.assignee = UserFactory()
    mailbox.save()

    mail = take(plain())

    conversation = mail.conversation
    assert conversation.customer == mail.customer == dana
    assert (conversation.state, conversation.subject) == ("open", "My order")
    assert conversation.assignee == noa
    assert mail.text.strip() == "Where is my parcel?"
    assert not mail.is_ours
    assert storage.read(mail.raw.key) == plain()
    entry = AuditEntry.objects.get(action="conversation.opened")
    assert entry.customer_id == dana.pk


def test_the_same_mail_twice_is_one(take, dana):
    take(plain())
    take(plain())
    take(b"Received: from elsewhere\n" + plain(), source=MailSource.PIPE)

    assert Mail.objects.count() == Conversation.objects.count() == 1
    assert RawMail.objects.count() == 1
    # Its bytes, and nothing of the copies.
    assert stored() == {RawMail.objects.get().key}


def test_an_answer_joins_what_it_answers(take, dana):
    first = take(plain())
    again = take(
        plain(
            "And one more thing",
            message_id="<two@example.org>",
            answers=("<one@example.org>",),
            subject="Something else",
        )
    )

    assert again.conversation == first.conversation


def test_equal_subjects_join_nothing(take, dana):
    first = take(plain())
    second = take(plain("Another one", message_id="<two@example.org>"))

    assert second.conversation != first.conversation
    assert second.customer == dana


def test_an_answer_from_another_address_joins_too(take, dana):
    """But who writes is nobody's customer by that."""
    first = take(plain())
    again = take(
        plain(
            "From my office",
            sender="d.levi@office.example",
            message_id="<two@office.example>",
            answers=("<one@example.org>",),
        )
    )

    assert again.conversation == first.conversation
    assert again.customer == dana
    assert Customer.objects.count() == 1


def test_a_forward_takes_nothing_over(take, dana):
    first = take(plain())
    forwarded = take(
        plain(
            "See below",
            sender="max@example.net",
            subject="Fwd: My order",
            message_id="<two@example.net>",
            answers=("<one@example.org>",),
        )
    )

    assert forwarded.conversation != first.conversation
    assert forwarded.customer is None


def test_a_signed_address_finds_it_without_any_header(take, dana, mailbox):
    first = take(plain())
    address = addresses.reply_address(mailbox, first.conversation)

    # Some servers write it in capitals.
    again = take(plain("Yes", to=address.upper(), message_id="", subject=""))

    assert again.conversation == first.conversation


@pytest.mark.parametrize("change", ["number", "signature", "letter"])
def test_a_forged_address_finds_nothing(take, dana, mailbox, change):
    first = take(plain())
    address = addresses.reply_address(mailbox, first.conversation)
    other = take(plain("x", sender="x@example.net", message_id="<x@example.net>"))
    number = f"+c{first.conversation.pk:x}-"
    forged = {
        "number": address.replace(number, f"+c{other.conversation.pk:x}-"),
        "signature": address.replace("@", "0@").replace("-", "-0", 1)[:-1],
        "letter": address.replace("+c", "+m"),
    }[change]

    again = take(plain("Yes", to=forged, sender="eve@example.net", message_id=""))

    assert again.conversation not in (first.conversation, other.conversation)


def test_an_answer_to_a_mail_of_the_pipeline_is_a_conversation(take, dana, mailbox):
    """By its Message-ID, or by the address to which such mails ask for answers."""
    sent = MessageFactory(customer=dana, state="sent", final_at=NOW)
    answer = plain(
        "Nine!", sender="other@example.net",
        answers=(f"<{sent.message_uuid}@kettle.example>",),
    )  # fmt: skip
    tagged = plain(
        "Ten!", sender="third@example.net", message_id="<t@example.net>",
        to=addresses.message_address(mailbox, sent.pk),
    )  # fmt: skip

    first, second = take(answer), take(tagged)

    assert first.customer == second.customer == dana
    assert first.conversation == second.conversation
    assert first.conversation.answers == sent


def test_an_answer_to_a_merged_customer_is_of_the_record_that_was_kept(take, dana):
    old = CustomerFactory(merged_into=dana)
    sent = MessageFactory(customer=old, state="sent", final_at=NOW)

    mail = take(
        plain(sender="x@y.example", answers=(f"<{sent.message_uuid}@kettle.example>",))
    )

    assert mail.customer == dana


@pytest.mark.parametrize("count", [0, 2])
def test_nobody_or_several_ask_who_this_is(take, count):
    for _ in range(count):
        CustomerFactory(email="dana@example.org")

    mail = take(plain())

    assert mail.conversation.customer is None
    assert mail.conversation.address == "dana@example.org"


def test_who_writes_again_opens_the_conversation_again(take, dana):
    for number, state in enumerate(("waiting", "snoozed", "closed")):
        first = take(plain(f"{state}", message_id=f"<a{number}@example.org>"))
        Conversation.objects.filter(pk=first.conversation_id).update(
            state=state,
            snoozed_until=NOW + timedelta(days=3) if state == "snoozed" else None,
            closed_at=NOW if state == "closed" else None,
        )

        take(
            plain(
                f"again {state}",
                message_id=f"<b{number}@example.org>",
                answers=(f"<a{number}@example.org>",),
            )
        )

        conversation = Conversation.objects.get(pk=first.conversation_id)
        assert conversation.state == "open", state
    assert AuditEntry.objects.filter(action="conversation.reopened").count() == 1


@pytest.mark.parametrize("case", ["machine", "blocked", "history", "in our name"])
def test_what_reopens_nothing(take, dana, mailbox, case):
    first = take(plain())
    Conversation.objects.update(state="closed", closed_at=NOW)
    more = {"Auto_Submitted": "auto-replied"} if case == "machine" else {}
    if case == "blocked":
        BlockedSender.objects.create(address="dana@example.org", blocked_at=NOW)
    if case == "in our name":
        more = {"sender": "Help <help+x@kettle.example>"}
        Mailbox.objects.update(address="help+x@kettle.example")
    take(
        plain("x", message_id="<2@x.example>", answers=("<one@example.org>",), **more),
        arrived_at=mailbox.new_from - timedelta(days=1) if case == "history" else None,
    )

    first.conversation.refresh_from_db()
    assert first.conversation.mails.count() == 2
    assert first.conversation.state == "closed"


def test_older_mail_is_closed_history_until_they_write_again(take, dana, mailbox):
    before = mailbox.new_from - timedelta(days=30)
    old = take(plain(at=before), arrived_at=before)

    assert (old.conversation.state, old.conversation.is_history) == ("closed", True)

    take(plain("Again", message_id="<2@x.example>", answers=("<one@example.org>",)))
    old.conversation.refresh_from_db()
    assert (old.conversation.state, old.conversation.is_history) == ("open", False)


def test_what_a_blocked_sender_writes_is_kept_and_closed(take):
    BlockedSender.objects.create(address="spam@example.net", blocked_at=NOW)

    mail = take(plain(sender="Spam <SPAM@example.net>"))

    assert (mail.conversation.state, mail.conversation.is_spam) == ("closed", True)


def test_the_sent_folder_shows_what_was_written_elsewhere(take, dana):
    first = take(plain())
    sent = take(
        plain(
            "It left today.",
            sender="Noa <help@kettle.example>",
            to="dana@example.org",
            message_id="<sent@kettle.example>",
            answers=("<one@example.org>",),
        ),
        source=MailSource.SENT_FOLDER,
    )

    assert sent.is_ours
    assert sent.conversation == first.conversation
    assert sent.conversation.state == "waiting"


def test_a_mail_of_ours_to_nobody_we_know_is_not_kept(take, dana):
    sent = take(
        plain(sender="help@kettle.example", to="bank@example.net"),
        source=MailSource.SENT_FOLDER,
    )

    assert sent is None
    assert not RawMail.objects.exists()
    assert stored() == set()


def test_a_stranger_in_our_name_is_not_taken_for_us(take, dana, mailbox):
    mail = take(plain(sender="help@kettle.example", to="dana@example.org"))

    assert not mail.is_ours
    assert mail.is_automatic
    assert mail.conversation.customer is None


# --- Stored first --------------------------------------------------------------------


def test_what_cannot_be_read_is_kept_and_stops_nothing(take, dana):
    take(b"no mail at all\n\nreally")
    mail = take(plain())

    row = RawMail.objects.get(state="unreadable")
    assert row.reason == "no_headers"
    assert storage.read(row.key) == b"no mail at all\n\nreally"
    assert mail is not None


def test_a_reader_that_fails_keeps_the_mail(take, monkeypatch, caplog):
    """A fault of ours, as an update may bring one; the next reading is after it."""

    def broken(*args, **more):
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(reading, "read", broken)
        take(plain())
    row = RawMail.objects.get()
    assert (row.state, row.reason) == ("unreadable", "reader_failed")
    assert str(row.pk) in caplog.text
    assert "dana" not in caplog.text

    receiving.read_again(row, now=NOW)

    assert Mail.objects.get().text.strip() == "Where is my parcel?"


def test_what_was_stored_and_not_read_is_read_by_the_next_tick(
    own_storage, mailbox, dana
):
    receiving.store(plain(), source=MailSource.IMAP, mailbox=mailbox, now=NOW)
    assert not Mail.objects.exists()

    assert receiving.read_waiting(now=NOW) == 1
    assert receiving.read_waiting(now=NOW) == 0
    assert Mail.objects.count() == 1


def test_the_bytes_are_kept_before_anything_reads_them(
    own_storage, mailbox, dana, monkeypatch
):
    def killed(*args, **more):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(reading, "read", killed)
        with pytest.raises(KeyboardInterrupt):
            receiving.receive(plain(), source=MailSource.PIPE, mailbox=mailbox, now=NOW)

    row = RawMail.objects.get()
    assert (row.state, row.readings) == ("waiting", 1)
    assert storage.read(row.key) == plain()
    receiving.read_waiting(now=NOW)
    assert Mail.objects.get().raw == row


def test_a_mail_that_ends_the_reader_is_set_aside(own_storage, mailbox):
    row, _ = receiving.store(plain(), source=MailSource.IMAP, mailbox=mailbox, now=NOW)
    RawMail.objects.update(readings=3)

    receiving.read_waiting(now=NOW)

    row.refresh_from_db()
    assert (row.state, row.reason) == ("unreadable", "ended_reader")


@pytest.mark.django_db(transaction=True)
def test_what_another_process_is_reading_is_left_to_it(own_storage, mailbox):
    row, _ = receiving.store(plain(), source=MailSource.IMAP, mailbox=mailbox, now=NOW)

    def read() -> None:
        try:
            receiving.read(row.pk, now=NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as other, transaction.atomic():
        assert receiving._taken(row.pk) is not None
        other.submit(read).result(timeout=20)
    row.refresh_from_db()
    assert (row.state, row.readings) == ("waiting", 0)

    receiving.read(row.pk, now=NOW)
    assert Mail.objects.count() == 1


def test_reading_ends_with_the_time_of_its_pass(own_storage, mailbox):
    receiving.store(plain(), source=MailSource.IMAP, mailbox=mailbox, now=NOW)

    assert receiving.read_waiting(now=NOW, until=0.0) == 0
    assert not Mail.objects.exists()


def test_a_mail_that_is_too_large_leaves_its_head(take, monkeypatch):
    monkeypatch.setattr(receiving, "MOST_BYTES", 100_000)

    take(plain("x" * 200_000))

    row = RawMail.objects.get()
    assert (row.state, row.reason) == ("unreadable", "too_large")
    assert 1_000 < row.size < 100_000


def test_files_come_into_the_private_storage(take, dana):
    raw = (
        b"From: dana@example.org\nContent-Type: multipart/mixed; boundary=x\n\n"
        b"--x\n\nHere\n--x\nContent-Type: image/png; name=a.png\n\n"
        b"\x89PNG\r\n\x1a\nxyz\n--x--\n"
    )

    (file,) = take(raw).files.all()

    assert (file.name, file.content_type) == ("a.png", "image/png")
    assert storage.read(file.key).startswith(b"\x89PNG")


def test_the_database_refuses_what_is_wrong(take, dana):
    mail = take(plain())
    wrong = [
        (Conversation, {"state": "lost"}),
        (Conversation, {"state": "closed"}),
        (Conversation, {"state": "snoozed"}),
        (Conversation, {"is_spam": True}),
        (Conversation, {"kind": "gossip"}),
        (Mail, {"direction": "up"}),
        (Mail, {"author": UserFactory()}),
        (Mail, {"fingerprint": "x"}),
        (RawMail, {"state": "unreadable"}),
        (RawMail, {"source": "air"}),
        (Mailbox, {"password": ""}),
        (Mailbox, {"port": 0}),
        (Mailbox, {"error_code": "x"}),
    ]
    for model, values in wrong:
        with pytest.raises((IntegrityError, DataError)), transaction.atomic():
            model.objects.update(**values)
    assert mail.conversation.state == "open"
    assert not MailFile.objects.exists()


def test_a_mail_that_was_long_on_its_way_stands_on_top_of_the_list(take, dana):
    late = take(plain(at=NOW - timedelta(days=9)))

    late.conversation.refresh_from_db()
    assert late.at == NOW - timedelta(days=9)
    assert late.conversation.last_mail_at == NOW
