"""A whole conversation that is sent on: what is chosen of it, in order."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from support.errors import DraftFilesTooLarge
from support.models import Draft
from support.services import drafts, forwarding, storage, taking_back, writing
from tests.factories import NOW, UserFactory
from tests.pages import read
from tests.support.mails import plain

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def noa(db):
    return UserFactory(email="noa@kettle.example", name="Noa Katz")


@pytest.fixture
def thread(take, dana, mailbox):
    """Three mails of a customer; both later ones quote the one before."""
    first = take(plain("Where is it?"))
    for number, words in ((2, "Still nothing"), (3, "It came")):
        take(
            plain(
                f"{words}\n\nOn Monday, Noa wrote:\n> We look.",
                message_id=f"<{number}@x.example>",
                answers=("<one@example.org>",),
                at=NOW + timedelta(minutes=number),
            )
        )
    for mail in first.conversation.mails.all():
        with_file(mail, b"logo")
    with_file(first, b"%PDF-1")
    return first.conversation


def with_file(mail, content):
    values = storage.kept("a.pdf", content, now=NOW)
    return mail.files.create(**values)


@pytest.fixture
def client(noa):
    client = Client()
    client.force_login(noa)
    return client


def address_of(thread):
    return reverse("support:conversation-forward", args=[thread.pk])


def test_what_is_chosen_stands_in_order_with_who_and_when(client, thread, noa):
    html = read(client.get(address_of(thread)))
    first, _second, third = thread.mails.order_by("at")
    # The same picture comes with each mail, and has one box.
    assert html.count('name="files"') == 2
    chosen = {"mails": [third.pk, first.pk], "files": [first.files.last().pk]}

    answer = client.post(address_of(thread), chosen)

    draft = Draft.objects.get(author=noa)
    assert answer["Location"] == draft.get_absolute_url()
    assert draft.text.index("Where is it?") < draft.text.index("It came")
    assert draft.text.count("From: ") == 2
    assert f"Date: {third.at:%Y-%m-%d %H:%M}" in draft.text
    assert "Still nothing" not in draft.text
    assert "We look" not in draft.text
    assert storage.read(draft.files.get().key) == b"%PDF-1"
    # Twice is once, and a single mail has a draft of its own.
    again = client.post(address_of(thread), chosen)
    assert again["Location"] == answer["Location"]
    assert forwarding.begin(third, author=noa, now=LATER) != draft


def test_nothing_chosen_begins_nothing_and_keeps_the_boxes(client, thread, noa):
    file = thread.mails.first().files.first()

    answer = client.post(address_of(thread), {"files": [file.pk]})

    html = read(answer, status=422)
    assert "Choose at least one mail." in html
    form = html.partition('<form class="p-card')[2].partition("</form>")[0]
    assert form.count(" checked") == 1
    assert not Draft.objects.exists()


def test_more_than_a_mail_may_carry_is_refused(thread, noa):
    mail = thread.mails.first()
    mail.files.update(size=drafts.FILES_MOST_BYTES)

    with pytest.raises(DraftFilesTooLarge):
        forwarding.begin_of_all(
            thread,
            mails={mail.pk},
            files=set(mail.files.values_list("pk", flat=True)),
            author=noa,
            now=LATER,
        )

    assert not Draft.objects.exists()


def test_it_begins_a_side_thread_and_can_be_taken_back(thread, noa):
    ids = set(thread.mails.values_list("pk", flat=True))
    draft = forwarding.begin_of_all(thread, mails=ids, files=(), author=noa, now=LATER)
    draft = drafts.keep(draft, version=1, now=LATER, to="mill@supplier.example")

    mail = writing.send(draft, now=LATER)

    assert mail.conversation.side_of == thread
    back = taking_back.take_back(mail, staff=noa, now=LATER)
    assert back.conversation == thread
    assert "Still nothing" in back.text
    assert forwarding.begun_of_all(thread, noa) == back
