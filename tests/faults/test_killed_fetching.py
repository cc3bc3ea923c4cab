"""Mailboxes are read while workers and the IMAP server are killed: each mail is stored
once, none is lost, and they stand in the order in which they came."""

import os
import random
import time
from datetime import timedelta

import pytest
from celery import current_app
from django.utils import timezone

from messaging.services import secrets
from support.models import Mail, Mailbox, MailFolder, RawMail
from tests.faults.mails import LONG, PATIENCE
from tests.faults.workers import running_site
from tests.support.dovecot import PASSWORD, Dovecot, needs_dovecot
from tests.support.mails import plain

pytestmark = [
    needs_dovecot,
    pytest.mark.faults,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
]
# With FAULTS=long the figures of the promise.
MAILS, KILLS = (10_000, 10) if LONG else (300, 3)
# A machine that is busy reads eight mails a second.
BETWEEN_KILLS = PATIENCE + MAILS / (KILLS + 1) / 4
TASK = "support.tasks.fetch_mail"


def letters():
    begun = timezone.now() - timedelta(hours=10)
    for number in range(MAILS):
        yield plain(
            f"Mail {number}",
            sender=f"c{number % 50}@example.org",
            message_id=f"<{number}@example.org>",
            at=begun + timedelta(seconds=number),
        )


@pytest.fixture
def server():
    dovecot = Dovecot()
    yield dovecot
    dovecot.stop()


@pytest.fixture
def box(server):
    server.fill("help", letters())
    return Mailbox.objects.create(
        name="Help", address="help@kettle.example", host="127.0.0.1",
        port=server.port, security="none", user="help",
        password=secrets.encrypt(PASSWORD), new_from=timezone.now() - timedelta(days=1),
    )  # fmt: skip


def ring(site):
    """What beat does each minute. The wait after an error takes minutes: here nobody
    waits for it."""
    Mailbox.objects.update(next_try_at=None)
    with current_app.connection_for_write(site.redis_url) as broker:
        current_app.send_task(TASK, connection=broker, retry=False)


def until(site, is_true, patience):
    end = time.monotonic() + patience
    while not is_true():
        assert time.monotonic() < end, (RawMail.objects.count(), Mail.objects.count())
        ring(site)
        time.sleep(0.4)


def test_each_mail_is_stored_once_none_is_lost_and_their_order_is_kept(
    sink, server, box
):
    seed = int(os.environ.get("FAULTS_SEED") or random.randrange(10**6))
    print(f"seed {seed}: repeat with FAULTS_SEED={seed}")  # noqa: T201
    chance = random.Random(seed)
    with running_site(sink) as site:
        site.start_worker()
        for number in range(1, KILLS + 1):
            some = MAILS * number // (KILLS + 1)
            until(
                site, lambda some=some: RawMail.objects.count() >= some, BETWEEN_KILLS
            )
            time.sleep(chance.random() / 2)
            if number % 2:
                site.kill(site.workers[-1])
                # It would hold the mailbox for three minutes more.
                Mailbox.objects.update(leased_until=None)
                site.start_worker()
            else:
                server.kill()
                server.start()
        until(site, lambda: Mail.objects.count() == MAILS, BETWEEN_KILLS * KILLS)
        site.end()

    assert RawMail.objects.exclude(state="read").count() == 0
    assert RawMail.objects.count() == MAILS
    texts = Mail.objects.order_by("raw_id").values_list("text", flat=True)
    assert [text.strip() for text in texts] == [f"Mail {n}" for n in range(MAILS)]
    assert MailFolder.objects.get().last_uid == MAILS
