"""F09: the broker forgets, refuses, freezes or fills up. It only starts work.

One worker lives through all of it without a restart.
"""

import signal
import time
from collections.abc import Callable

import pytest
import redis
from celery import current_app
from django.test import Client

from messaging.models import Message
from tests.factories import UserFactory
from tests.faults.mails import LONG, all_are_final, plan, wait_until
from tests.faults.workers import Site, running_site, ticking
from tests.messaging.delivering import NOW, states
from tests.messaging.delivering import plan as plan_one
from tests.smtp_sink import running_sink

pytestmark = [
    pytest.mark.faults,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
]

# The longest that a write may wait for a broker, and mail for it to be back.
WRITE_SECONDS, RESUME_SECONDS = 4, 120
FROZEN_SECONDS = 90 if LONG else 7

Break = Callable[[Site, redis.Redis], None]


@pytest.fixture(scope="module")
def site(django_db_setup, django_db_blocker, tmp_path_factory):
    with (
        django_db_blocker.unblock(),
        running_sink(tmp_path_factory.mktemp("sink")) as sink,
        running_site(sink) as running,
    ):
        running.start_worker()
        yield running


@pytest.fixture
def broker(site):
    """A connection that was open before the fault, and can end it."""
    client = redis.Redis(unix_socket_path=str(site.valkey.socket))
    client.ping()
    yield client
    client.close()


@pytest.fixture
def owner(site, monkeypatch):
    """Their browser, on a web server that uses this broker."""
    for name in ("broker_url", "broker_write_url"):
        monkeypatch.setattr(current_app.conf, name, site.redis_url)
    client = Client(raise_request_exception=False)
    client.force_login(UserFactory(role="owner"))
    return client


def forget_all(site, broker):
    broker.flushall()


def forget_bindings(site, broker):
    for key in broker.keys("*_kombu.binding*"):
        broker.delete(key)


def ask_for_a_password(site, broker):
    broker.config_set("requirepass", "new")
    broker.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")


def drop_the_password(site, broker):
    broker.config_set("requirepass", "")


def hang_up(site, broker):
    broker.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")


def freeze(site, broker):
    site.valkey.child.send_signal(signal.SIGSTOP)


def thaw(site, broker):
    time.sleep(FROZEN_SECONDS)
    site.valkey.child.send_signal(signal.SIGCONT)


def fill_up(site, broker):
    broker.config_set("maxmemory", 1)


def give_room(site, broker):
    broker.config_set("maxmemory", "256mb")


def become_a_replica(site, broker):
    broker.execute_command("REPLICAOF", "127.0.0.1", "1")


def become_a_master(site, broker):
    broker.execute_command("REPLICAOF", "NO", "ONE")


def nothing(site, broker):
    pass


FAULTS: dict[str, tuple[Break, Break]] = {
    "FLUSHALL": (forget_all, nothing),
    "DEL bindings": (forget_bindings, nothing),
    "CLIENT KILL": (hang_up, nothing),
    "wrong password": (ask_for_a_password, drop_the_password),
    "frozen": (freeze, thaw),
    "memory full": (fill_up, give_room),
    "read-only replica": (become_a_replica, become_a_master),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_writes_are_accepted_and_mail_goes_on_by_itself(site, broker, owner, fault):
    start, end = FAULTS[fault]
    unsure = plan_one("unsure@example.org", state="uncertain", final_at=NOW)
    before = len(site.sink.recipients)

    start(site, broker)
    asked = time.monotonic()
    answer = owner.post(f"/outbox/{unsure.pk}/again/")
    took = time.monotonic() - asked
    plan(5, fault.replace(" ", "-"))
    end(site, broker)
    back = time.monotonic()
    with ticking(site):
        wait_until(all_are_final, RESUME_SECONDS)

    resumed = time.monotonic() - back
    print(f"{fault}: write {took:.1f} s, all out {resumed:.1f} s after")  # noqa: T201
    arrived = site.sink.recipients[before:]
    assert (answer.status_code, took < WRITE_SECONDS) == (302, True)
    assert Message.objects.filter(state="sent").count() == 6 == len(set(arrived))
    assert (states(), len(arrived)) == ({"sent": 6}, 6)
