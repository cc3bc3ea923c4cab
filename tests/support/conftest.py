import pytest

from crm.services import files
from messaging.services import secrets
from support.models import Conversation, Mail, Mailbox
from support.rules.choices import MailSource
from support.services import receiving
from tests.factories import NOW, CustomerFactory


@pytest.fixture
def mailbox(db):
    return Mailbox.objects.create(
        name="Help",
        address="help@kettle.example",
        host="imap.kettle.example",
        user="help",
        password=secrets.encrypt("a secret of the shop"),
        new_from=NOW.replace(year=2026, month=1),
        confirmed_at=NOW,
        tags_seen_at=NOW,
    )


@pytest.fixture
def dana(db):
    return CustomerFactory(email="dana@example.org", given_name="Dana")


@pytest.fixture
def own_storage(settings, tmp_path):
    """A private storage of this test alone."""
    settings.STORAGES = {
        **settings.STORAGES,
        "private": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path},
        },
    }


@pytest.fixture
def take(mailbox, own_storage, django_capture_on_commit_callbacks):
    """Take a mail in; the mail as it is kept, or None."""

    def take(raw, *, source=MailSource.IMAP, now=NOW, arrived_at=None):
        with django_capture_on_commit_callbacks(execute=True):
            row = receiving.receive(
                raw, source=source, mailbox=mailbox, now=now, arrived_at=arrived_at
            )
        return Mail.objects.filter(raw=row.pk).first()

    return take


def stored(folder="mails"):
    """The keys of everything that lies in a folder of the private storage."""
    return {
        f"{folder}/{month}/{name}"
        for month in files.folders(folder)
        for name in files.names(f"{folder}/{month}")
    }


def conversation(**values):
    """A conversation without mails; closed ones are closed now."""
    opened = {"opened_at": NOW, "last_mail_at": NOW, **values}
    if opened.get("state") == "closed":
        opened.setdefault("closed_at", NOW)
    return Conversation.objects.create(**opened)
