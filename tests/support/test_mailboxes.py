"""Settings of mailboxes: typed, tried, and never shown with their password."""

import pytest
from django.test import Client

from crm.models import AuditEntry
from messaging.services import secrets
from support.models import Mailbox
from tests.factories import UserFactory
from tests.pages import read
from tests.support.dovecot import PASSWORD, Dovecot, needs_dovecot

pytestmark = pytest.mark.django_db
TYPED = {
    "name": "Wholesale", "address": "Trade@Kettle.example", "host": "127.0.0.1",
    "port": "1", "security": "none", "user": "trade", "password": "open sesame",
    "language": "", "assignee": "", "new_on": "2026-01-01", "sent_folder": "",
    "is_on": "on",
}  # fmt: skip


@pytest.fixture
def owner():
    client = Client()
    client.force_login(UserFactory(role="owner"))
    client.get("/settings/security/")
    return client


def test_a_mailbox_is_kept_and_what_is_wrong_is_said(owner):
    seen = owner.post("/mailboxes/new/", TYPED, follow=True)

    row = Mailbox.objects.get()
    assert (row.address, row.is_on) == ("trade@kettle.example", True)
    assert secrets.decrypt(row.password) == "open sesame"
    assert "Nothing answers at this port." in read(seen)
    entry = AuditEntry.objects.get(action="mailbox.created")
    assert "open sesame" not in str(vars(entry))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"host": "imap.example.org"}, "the password would travel in the clear"),
        ({"host": "no host"}, "Enter a name such as imap.example.org"),
        ({"password": ""}, "Enter"),
        ({"port": "0"}, ""),
        ({"security": "magic"}, ""),
        ({"address": "nobody"}, ""),
        ({"new_on": "yesterday"}, ""),
    ],
)
def test_what_cannot_be_is_refused(owner, change, said):
    seen = owner.post("/mailboxes/new/", {**TYPED, **change})

    assert seen.status_code == 422
    assert said in seen.content.decode()
    assert not Mailbox.objects.exists()


def test_one_address_is_one_mailbox(owner):
    owner.post("/mailboxes/new/", TYPED)
    seen = owner.post("/mailboxes/new/", {**TYPED, "address": "trade@KETTLE.example"})

    assert "Another mailbox has this address" in seen.content.decode()
    assert Mailbox.objects.count() == 1


def test_the_password_is_never_shown_and_stays_unless_typed(owner):
    owner.post("/mailboxes/new/", TYPED)
    row = Mailbox.objects.get()
    for url in (f"/mailboxes/{row.pk}/", f"/admin/support/mailbox/{row.pk}/change/"):
        html = read(owner.get(url))
        assert "open sesame" not in html
        assert row.password not in html

    owner.post(
        f"/mailboxes/{row.pk}/",
        {**TYPED, "name": "Trade", "password": "", "version": row.version},
    )

    row.refresh_from_db()
    assert row.name == "Trade"
    assert secrets.decrypt(row.password) == "open sesame"


def test_another_server_is_not_sent_the_old_password(owner):
    """Whoever may change a mailbox must not learn its password that way."""
    owner.post("/mailboxes/new/", TYPED)
    row = Mailbox.objects.get()
    changed = {**TYPED, "host": "localhost", "password": "", "version": row.version}

    seen = owner.post(f"/mailboxes/{row.pk}/", changed)

    assert seen.status_code == 422
    row.refresh_from_db()
    assert row.host == "127.0.0.1"


def test_two_at_once_do_not_undo_one_another(owner):
    owner.post("/mailboxes/new/", TYPED)
    row = Mailbox.objects.get()
    stale = {**TYPED, "name": "Second", "version": row.version}
    owner.post(f"/mailboxes/{row.pk}/", {**stale, "name": "First"})

    seen = owner.post(f"/mailboxes/{row.pk}/", stale)

    assert seen.status_code == 422
    row.refresh_from_db()
    assert row.name == "First"


@needs_dovecot
def test_a_try_says_what_lies_there(owner):
    server = Dovecot()
    try:
        server.put("trade", b"From: a@b.example\r\n\r\nx")
        typed = {**TYPED, "port": str(server.port), "password": PASSWORD}
        seen = owner.post("/mailboxes/new/", typed, follow=True)
    finally:
        server.stop()

    assert "It works: 1 mail lies there." in read(seen)
    assert "Sent" in read(seen)
