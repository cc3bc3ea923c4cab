"""A mailbox whose mail is brought: an address, and what new conversations get."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from messaging.models import Message
from support.models import Mail, Mailbox
from support.rules.choices import MailSource
from support.services import confirming, drafts, fetching, receiving, writing
from tests.factories import NOW, UserFactory
from tests.pages import read
from tests.support.mails import plain

pytestmark = pytest.mark.django_db
TYPED = {
    "name": "Help", "address": "help@kettle.example", "host": "", "port": "993",
    "security": "tls", "user": "", "password": "", "language": "he",
    "new_on": "2026-01-01", "sent_folder": "", "is_on": "on",
}  # fmt: skip


@pytest.fixture
def noa(db):
    return UserFactory(role="owner", name="Noa")


@pytest.fixture
def owner(noa):
    client = Client()
    client.force_login(noa)
    client.get("/settings/security/")
    return client


def bring(raw):
    receiving.receive(raw, source=MailSource.PIPE, now=NOW)


@pytest.mark.usefixtures("own_storage")
def test_it_answers_from_its_address_once_the_test_mail_came(owner, noa):
    seen = owner.post("/mailboxes/new/", {**TYPED, "assignee": noa.pk}, follow=True)

    html = read(seen)
    assert "Its mail comes from a provider or through a pipe." in html
    assert "Its mail is brought" in html
    row = Mailbox.objects.get()
    tests = Message.objects.filter(kind="mailbox_test").order_by("pk")
    plain_one, tagged = tests.values_list("address", flat=True)
    assert plain_one == "help@kettle.example"
    assert tagged.startswith("help+c")
    bring(plain())
    asked = Mail.objects.get().conversation
    assert (asked.mailbox, asked.assignee, asked.language) == (row, noa, "he")
    assert answer(asked, noa).from_address != row.address

    signed = confirming.signature_of(row)
    bring(plain(subject=f"Test [{signed}]", message_id="<2@x>"))

    assert answer(asked, noa).from_address == row.address
    assert fetching.fetch_all(now=NOW, seconds=5) == 0
    row.refresh_from_db()
    assert row.error_code == ""


def answer(conversation, author):
    conversation.refresh_from_db()
    draft = drafts.begin(author=author, conversation=conversation, now=NOW)
    draft = drafts.keep(draft, version=draft.version, now=NOW, text="It left.")
    return writing.send(draft, now=NOW)


@pytest.mark.parametrize("change", [{"user": "help"}, {"sent_folder": "Sent"}])
def test_what_needs_a_server_is_refused_without_one(owner, change):
    seen = owner.post("/mailboxes/new/", {**TYPED, **change})

    assert seen.status_code == 422
    assert not Mailbox.objects.exists()


def test_who_takes_the_server_away_keeps_no_password_and_no_error(owner, mailbox):
    Mailbox.objects.update(error_code="login_refused", error_since=NOW)

    owner.post(f"/mailboxes/{mailbox.pk}/", {**TYPED, "version": mailbox.version})

    mailbox.refresh_from_db()
    assert (mailbox.host, mailbox.password, mailbox.error_code) == ("", "", "")
    with pytest.raises(IntegrityError), transaction.atomic():
        Mailbox.objects.update(user="somebody")
