"""Two Perennials whose mailboxes acknowledge write to each other: two databases, two
brokers, two workers, and between them an SMTP and an IMAP server."""

import subprocess
import sys
import time
from collections import Counter

import psycopg
import pytest
from celery import current_app
from django.utils import timezone

from benchmarks import database
from local.embedded.paths import BASE_DIR
from tests.faults.mails import PATIENCE
from tests.faults.workers import TICKS, running_site
from tests.journeys.test_conversation import AnyPort, Carrier
from tests.support.dovecot import PASSWORD, Dovecot, needs_dovecot
from tests.support.mails import plain

pytestmark = [
    needs_dovecot,
    pytest.mark.faults,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
]
FETCH = "support.tasks.fetch_mail"
OPEN = """
import django
django.setup()
from django.utils import timezone
from messaging.services import secrets
from support.models import Mailbox
from tests.journeys.support import open_business
open_business(from_transactional="{user}@{user}.example")
now = timezone.now()
Mailbox.objects.create(
    name="Help", address="{user}@{user}.example", host="127.0.0.1", port={port},
    security="none", user="{user}", password=secrets.encrypt("{password}"),
    new_from=now.replace(year=2026, month=1, day=1), confirmed_at=now,
    acknowledges=True)
"""


class Between(Carrier):
    """Brings mail from one to the other. `strips`: as a server on the way that takes
    away what says that a machine wrote it."""

    strips = False

    def __init__(self, server):
        super().__init__(server)
        self.carried = Counter()

    async def handle_DATA(self, server, session, envelope):
        (to,) = envelope.rcpt_tos
        user = to.partition("@")[0].partition("+")[0]
        self.carried[user] += 1
        lines = envelope.content.split(b"\r\n")
        if self.strips:
            lines = [line for line in lines if not line.startswith(b"Auto-Submitted")]
        self._server.put(user, b"\r\n".join(lines))
        return "250 OK"


@pytest.fixture
def server():
    dovecot = Dovecot()
    yield dovecot
    dovecot.stop()


@pytest.fixture
def carrier(server):
    handler = Between(server)
    controller = AnyPort(handler, hostname="127.0.0.1", port=0, decode_data=False)
    controller.start()
    yield handler
    controller.stop()


@pytest.fixture
def second(django_db_setup):
    """The address of another database like ours."""
    name = f"second_{time.monotonic_ns()}"
    database.create(name)
    url = database.url(name)
    yield url
    database.drop(name)


def run(site, *words):
    subprocess.run(
        [sys.executable, *words], cwd=BASE_DIR, env=site.environment(), check=True
    )


def open_shop(site, server, user):
    code = OPEN.format(user=user, port=server.port, password=PASSWORD)
    run(site, "-c", code)
    site.start_worker()


def tick(*sites):
    for site in sites:
        with current_app.connection_for_write(site.redis_url) as broker:
            for task in (FETCH, *TICKS):
                current_app.send_task(task, connection=broker, retry=False)
    time.sleep(0.4)


def until_read(sites, urls, mails):
    """Both have read what lies in their mailboxes, and a while has passed since."""
    end = time.monotonic() + PATIENCE
    while [read(url) for url in urls] != mails:
        assert time.monotonic() < end, [read(url) for url in urls]
        tick(*sites)
    for _ in range(8):
        tick(*sites)


def read(url):
    with psycopg.connect(url) as rows:
        found = rows.execute("SELECT count(*) FROM support_mail WHERE direction = 'in'")
        return found.fetchone()[0]


@pytest.mark.parametrize(
    ("strips", "carried", "mails"),
    [
        (False, {"one": 1}, [1, 1]),
        # An acknowledgement is taken for a person's mail, once.
        (True, {"one": 1, "two": 1}, [1, 2]),
    ],
)
def test_at_most_one_mail_goes_each_way(
    server, carrier, second, strips, carried, mails
):
    carrier.strips = strips
    with running_site(carrier) as first_site, running_site(carrier) as second_site:
        second_site.database_url = second
        run(second_site, "manage.py", "migrate", "--verbosity", "0")
        open_shop(first_site, server, "one")
        open_shop(second_site, server, "two")
        written = plain(
            sender="Shop one <one@one.example>", to="two@two.example",
            at=timezone.now(),
        )  # fmt: skip

        server.put("two", written)
        urls = (database.url(), second)
        until_read((first_site, second_site), urls, mails)

    assert carrier.carried == carried
    assert [read(url) for url in urls] == mails
