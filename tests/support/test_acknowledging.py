"""Who writes to us is told that it has arrived: once a day, and never a machine."""

import threading
from datetime import timedelta

import pytest
from django.db import connections

from messaging.models import Message
from messaging.rules.choices import SuppressionReason
from messaging.services.suppression import address_hash, suppress
from support.models import AcknowledgementText, BlockedSender, Conversation, Mail
from support.selectors import threads
from support.services import acknowledging
from tests.factories import NOW, UserFactory
from tests.messaging.delivering import run
from tests.support.mails import plain


@pytest.fixture
def telling(mailbox):
    mailbox.acknowledges = True
    mailbox.save()
    return mailbox


def told():
    return Message.objects.filter(kind=threads.ACKNOWLEDGEMENT)


@pytest.mark.django_db
def test_it_says_that_a_machine_says_it(take, telling, dana, sink):
    first = take(plain())
    run(NOW)

    [sent] = sink.mails
    assert sent["Auto-Submitted"] == "auto-replied"
    assert sent["In-Reply-To"] == "<one@example.org>"
    assert (sent["Subject"], sink.recipients) == ("Re: My order", ["dana@example.org"])
    assert sent["Reply-To"].startswith("help+c")
    assert "It has arrived" in sent.get_body(("plain",)).get_content()
    conversation = first.conversation
    conversation.refresh_from_db()
    assert conversation.state == "open"
    # An answer of a person refers to what the customer wrote, and quotes that.
    assert threads.last_of(conversation) == first


@pytest.mark.django_db
def test_once_in_a_day_however_much_they_write(take, telling, dana):
    take(plain())
    take(plain("More", message_id="<two@example.org>"))
    take(plain("Yes", message_id="<3@example.org>", answers=("<one@example.org>",)))
    assert told().count() == 1

    later = NOW + timedelta(hours=24)
    take(plain("Again", message_id="<4@example.org>", at=later), now=later)

    assert told().count() == 2


HEADERS = [
    {"Auto_Submitted": "auto-replied"},
    {"Auto_Submitted": "auto-generated; owner"},
    {"Precedence": "bulk"},
    {"List_Id": "<news.example.org>"},
    {"X_Auto_Response_Suppress": "All"},
    {"Return_Path": "<>"},
    {"sender": "no-reply@example.org"},
    {"sender": "MAILER-DAEMON@example.org"},
    {"sender": "help@kettle.example"},
    {"sender": "nobody"},
    {"subject": "Automatic reply: your mail"},
    {"subject": "自动回复：您好"},
    {"subject": "מענה אוטומטי: חופשה"},
]


@pytest.mark.django_db
def test_never_a_machine_a_list_ourselves_or_somebody_blocked(take, telling, dana):
    for n, more in enumerate(HEADERS):
        take(plain("Hello", message_id=f"<{n}@m.example>", **more))
    old = NOW - timedelta(days=2)
    take(plain(message_id="<old@m.example>", at=old), arrived_at=old)
    history = telling.new_from - timedelta(days=1)
    take(plain(message_id="<past@m.example>", at=history), arrived_at=history)
    BlockedSender.objects.create(address="eve@bad.example", blocked_at=NOW)
    take(plain(sender="eve@bad.example", message_id="<eve@bad.example>"))
    suppress(address_hash("gone@example.org"), reason=SuppressionReason.BOUNCE, now=NOW)
    take(plain(sender="gone@example.org", message_id="<gone@example.org>"))

    assert Mail.objects.count() == len(HEADERS) + 4
    assert not told().exists()


@pytest.mark.django_db
def test_only_where_the_mailbox_is_to(take, mailbox, dana):
    take(plain())

    assert not told().exists()


@pytest.mark.django_db
def test_the_words_are_the_shops_own_in_the_customers_language(
    take, telling, dana, client
):
    dana.language = "he"
    dana.save()
    client.force_login(UserFactory(role="owner"))
    address = f"/mailboxes/{telling.pk}/automatic/"
    typed = client.get(address).context["form"].initial
    assert typed["text_he"] == acknowledging.default_text("he") != typed["text_en"]

    sent = {**typed, "text_he": "קיבלנו, תודה.", "close_after_days": 30}
    assert client.post(address, sent).status_code == 303
    assert client.post(address, sent).status_code == 422  # changed meanwhile
    take(plain())

    assert list(AcknowledgementText.objects.values_list("language")) == [("he",)]
    assert Mail.objects.get(is_automatic=True).text == "קיבלנו, תודה."
    telling.refresh_from_db()
    assert (telling.acknowledges, telling.close_after_days) == (True, 30)


@pytest.mark.django_db
def test_another_shop_answers_no_acknowledgement_and_a_stripped_one_once(
    take, telling, dana, sink
):
    """Two that acknowledge each other's mails stop, also where a server on the way
    takes out what says that a machine wrote it."""
    take(plain())
    run(NOW)
    [ours] = sink.mails
    # From here on we are the other shop, and know nothing of what went before.
    Conversation.objects.all().delete()
    telling.address = "help@other.example"
    telling.save()

    assert take(ours.as_bytes()).is_automatic
    assert told().count() == 1
    for n in range(3):
        del ours["Auto-Submitted"], ours["Message-ID"], ours["References"]
        ours["Message-ID"] = f"<stripped-{n}@kettle.example>"
        assert not take(ours.as_bytes()).is_automatic

    assert told().filter(address="help@kettle.example").count() == 1
    assert told().count() == 2


@pytest.mark.django_db(transaction=True)
def test_of_two_mails_at_once_one_is_acknowledged(take, telling, dana):
    barrier = threading.Barrier(2)

    def arrive(n):
        barrier.wait()
        take(plain(f"Mail {n}", message_id=f"<{n}@example.org>"))
        connections.close_all()

    both = [threading.Thread(target=arrive, args=(n,)) for n in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()

    assert Mail.objects.filter(direction="in").count() == 2
    assert told().count() == 1
