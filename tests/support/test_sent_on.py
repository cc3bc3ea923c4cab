"""A mail that a colleague sends on to the mailbox, and one that is handed over."""

from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from django.urls import reverse

from support.models import Conversation, Mail, Mention, Note
from support.selectors import threads
from support.services import sent_on
from tests.factories import NOW, UserFactory
from tests.pages import read
from tests.support.mails import plain
from tests.support.test_forwards import ENGLISH, GMAIL
from web.errors import DomainError

pytestmark = pytest.mark.django_db
FORWARDED = GMAIL.format(**ENGLISH)


@pytest.fixture
def noa(db):
    return UserFactory(email="noa@kettle.example", name="Noa Katz", role="agent")


@pytest.fixture
def here(client, noa):
    client.force_login(noa)
    return client


@pytest.fixture
def forwarded(take, dana, noa):
    return take(
        plain(FORWARDED, sender="Noa <Noa@kettle.example>", subject="Fwd: My order")
    )


def confirm(client, mail, **fields):
    typed = {"name": "Dana Levi", "address": "dana@example.org"} | fields
    return client.post(reverse("support:mail-first-writer", args=[mail.pk]), typed)


def test_nothing_changes_before_somebody_says_so(here, forwarded):
    assert forwarded.from_address == "Noa@kettle.example"
    assert forwarded.conversation.customer is None

    page = read(here.get(forwarded.conversation.get_absolute_url()))

    assert "Noa Katz sent this on. Who wrote it?" in page
    assert 'value="dana@example.org"' in page


def test_it_becomes_the_conversation_of_who_wrote_it(here, forwarded, dana, noa):
    confirm(here, forwarded)

    mail = Mail.objects.get()
    conversation = Conversation.objects.get()
    assert (mail.from_name, mail.from_address) == ("Dana Levi", "dana@example.org")
    assert (mail.text, mail.subject) == ("Where is my parcel?\n\nDana", "My order")
    assert mail.customer == conversation.customer == dana
    assert conversation.subject == "My order"
    assert "parcel" in mail.search_text
    assert "please" not in mail.search_text
    assert mail.raw is not None
    assert [(note.text, note.author) for note in Note.objects.all()] == [
        ("Please look.", noa)
    ]
    to, _cc = threads.recipients(conversation, to_all=False)
    assert to == [("Dana Levi", "dana@example.org")]
    assert "Who wrote it?" not in read(here.get(conversation.get_absolute_url()))


def test_a_mail_that_came_as_a_file_keeps_its_thread_and_files(here, take, dana, noa):
    inner = message_from_bytes(
        plain(message_id="<dana-1@example.org>", at=NOW), policy=policy.default
    )
    inner.add_attachment(
        b"%PDF-1.4", maintype="application", subtype="pdf", filename="bill.pdf"
    )
    outer = EmailMessage()
    outer["From"], outer["To"] = "noa@kettle.example", "help@kettle.example"
    outer["Subject"], outer["Message-ID"] = "Fwd: My order", "<noa-1@kettle.example>"
    outer.set_content("Yours, I think.")
    outer.add_attachment(inner)
    mail = take(outer.as_bytes())

    confirm(here, mail)

    mail.refresh_from_db()
    assert mail.message_id == "dana-1@example.org"
    assert mail.text == "Where is my parcel?"
    assert mail.at == NOW
    assert sorted(mail.files.values_list("name", flat=True))[0] == "bill.pdf"
    assert Note.objects.get().text == "Yours, I think."


def test_another_address_than_the_guessed_one_is_taken(here, forwarded):
    confirm(here, forwarded, address="ben@example.org", name="Ben")

    conversation = Conversation.objects.get()
    assert (conversation.customer, conversation.address) == (None, "ben@example.org")


def test_what_is_no_address_or_done_already_changes_nothing(here, forwarded):
    page = here.post(
        reverse("support:mail-first-writer", args=[forwarded.pk]),
        {"name": "Dana", "address": "dana"},
        follow=True,
    )
    assert "p-bad" in read(page)
    assert Mail.objects.get().from_address == "Noa@kettle.example"

    confirm(here, forwarded)
    with pytest.raises(DomainError):
        sent_on.confirm(forwarded, name="Ben", address="ben@example.org", now=NOW)
    assert Mail.objects.get().from_address == "dana@example.org"


def test_what_a_customer_sends_on_is_theirs(here, take, dana, noa):
    mail = take(plain(FORWARDED.replace("dana@", "ben@"), subject="Fwd: My order"))

    page = read(here.get(mail.conversation.get_absolute_url()))

    assert "Who wrote it?" not in page
    confirm(here, mail)
    assert Mail.objects.get().from_address == "dana@example.org"


# --- Handing over --------------------------------------------------------------------


def test_it_is_handed_over_with_a_note_that_its_new_owner_is_asked_for(
    here, take, dana, noa
):
    conversation = take(plain()).conversation
    other = UserFactory(name="Avi Bar", role="agent")
    page = read(here.get(conversation.get_absolute_url()))
    assert 'data-key="a"' in page
    assert f'<option value="{other.pk}">' in page

    url = reverse("support:conversation-act", args=[conversation.pk, "assign"])
    here.post(url, {"colleague": other.pk, "note": "Knows the carrier."})

    conversation.refresh_from_db()
    assert conversation.assignee == other
    assert Note.objects.get().text == "Knows the carrier."
    assert Mention.objects.get().user == other


def test_it_is_handed_over_without_a_note_and_only_to_who_reads_conversations(
    here, take, dana, noa
):
    conversation = take(plain()).conversation
    other, analyst = UserFactory(role="agent"), UserFactory(role="analyst")
    url = reverse("support:conversation-act", args=[conversation.pk, "assign"])

    assert here.post(url, {"colleague": analyst.pk}).status_code == 404
    here.post(url, {"colleague": other.pk, "note": "  "})

    conversation.refresh_from_db()
    assert conversation.assignee == other
    assert not Note.objects.exists()
