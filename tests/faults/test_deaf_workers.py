"""No worker dies with its broker, or becomes deaf: connected and idle while tasks wait.

It takes as many tasks as it has processes. All of them at work, it does not read its
broker's connection, and what makes it read again is an acknowledgement.
"""

import logging
import os
import signal
import time

import pytest
import redis
from celery import current_app
from django.utils import timezone

from crm.models import Heartbeat
from local.supervisor import worker as supervised
from local.supervisor.watch import Watched
from tests.faults.mails import PATIENCE, all_are_final, plan, wait_until
from tests.faults.workers import running_site, ticking, url_of_test_database

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

RESUME_SECONDS = 120
# What is in hand ends within the five seconds of a pass; then its acknowledgement is
# tried four times, with pauses, and against a silent broker for five seconds each.
REFUSED_SECONDS, FROZEN_SECONDS = 15, 45
# The third ended a worker.
BROKER_KILLS = 5


@pytest.fixture
def site(sink):
    with running_site(sink) as site:
        site.processes = 1
        yield site


@pytest.fixture
def broker(site):
    """A connection that was open before the fault, and can end it."""
    with redis.Redis(unix_socket_path=str(site.valkey.socket)) as client:
        client.ping()
        yield client


def ask_for_a_password(broker):
    broker.config_set("requirepass", "new")
    broker.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")


@pytest.fixture
def hand(site):
    """A connection with one place, and the task that takes it."""
    with (
        current_app.connection_for_write(site.redis_url) as connection,
        connection.SimpleQueue("celery") as queue,
    ):
        queue.consumer.qos(prefetch_count=1)
        queue.put("a task")
        task = queue.get(timeout=5)
        assert not queue.channel.qos.can_consume()
        yield connection, queue.channel, task


@pytest.mark.parametrize("answer", ["ack_log_error", "reject_log_error"])
def test_an_answer_that_cannot_be_given_frees_its_place(hand, broker, answer):
    connection, channel, task = hand

    ask_for_a_password(broker)
    getattr(task, answer)(logging.getLogger(), connection.connection_errors)
    broker.config_set("requirepass", "")

    assert channel.qos.can_consume()


@pytest.mark.parametrize("answer", ["ack_log_error", "reject_log_error"])
def test_an_answer_over_a_thrown_away_connection_ends_no_worker(hand, answer):
    """Any error but those of a connection would."""
    connection, channel, task = hand

    # What kombu leaves of a channel that it failed to close with its connection.
    channel._disconnect_pools()
    channel.connection.client = None
    getattr(task, answer)(logging.getLogger(), connection.connection_errors)

    assert channel.qos.can_consume()
    assert not task.acknowledged


@pytest.mark.slow
def test_a_broker_that_dies_while_one_works_and_one_waits_ends_no_worker(site, sink):
    """It is not started again: here it has no supervisor."""
    sink.delay = 0.2
    site.processes = 4
    worker = site.start_worker()
    for number in range(BROKER_KILLS):
        before = len(sink.accepted)
        plan(20, f"before{number}-")
        with ticking(site):
            wait_until(lambda before=before: len(sink.accepted) >= before + 2)
        site.valkey.child.kill()
        site.valkey.child.wait()
        time.sleep(1.5)
        site.valkey.start()
        time.sleep(2.5)
    plan(1, "after")
    with ticking(site):
        wait_until(lambda: worker.poll() is not None or all_are_final(), RESUME_SECONDS)

    assert worker.poll() is None
    assert len(set(sink.recipients)) == len(sink.recipients) == 20 * BROKER_KILLS + 1


def another_password(site, broker):
    ask_for_a_password(broker)
    time.sleep(REFUSED_SECONDS)
    broker.config_set("requirepass", "")


def frozen(site, broker):
    site.valkey.child.send_signal(signal.SIGSTOP)
    time.sleep(FROZEN_SECONDS)
    site.valkey.child.send_signal(signal.SIGCONT)


@pytest.mark.slow
@pytest.mark.parametrize("fault", [another_password, frozen])
def test_a_broker_that_goes_while_all_are_at_work_is_heard_again(
    site, sink, broker, fault
):
    sink.delay = 0.1
    plan(12, "before")
    site.ring()
    site.start_worker()
    wait_until(lambda: len(sink.accepted) >= 1)

    fault(site, broker)
    back = time.monotonic()
    plan(1, "after")
    with ticking(site):
        wait_until(all_are_final, RESUME_SECONDS)

    print(f"{fault.__name__}: consumed after {time.monotonic() - back:.1f} s")  # noqa: T201
    assert len(set(sink.recipients)) == len(sink.recipients) == 13


@pytest.mark.slow
def test_a_worker_that_lives_and_hears_nothing_is_replaced(site, tmp_path, monkeypatch):
    """By its supervisor, after the pause here shortened; the next one works."""
    monkeypatch.setattr(supervised, "STUCK_AFTER", 3.0)
    monkeypatch.setattr(supervised, "ASK_EVERY", 1.0)
    worker = supervised.Worker(
        "worker",
        supervised.CELERY,
        tmp_path / "worker.log",
        env=site.environment(),
        database_url=url_of_test_database(),
    )
    watched = Watched(worker, started_at=time.monotonic())
    worker.start()
    try:
        ask_for_a_heartbeat(site)
        wait_until(lambda: Heartbeat.objects.filter(name="worker").exists(), PATIENCE)
        deaf = worker.child.pid
        os.killpg(deaf, signal.SIGSTOP)
        stopped, began = timezone.now(), time.monotonic()
        text = watch_until_replaced(watched)
        took = time.monotonic() - began
        ask_for_a_heartbeat(site)
        wait_until(
            lambda: Heartbeat.objects.filter(name="worker", at__gt=stopped).exists(),
            PATIENCE,
        )
    finally:
        worker.kill()

    print(f"replaced after {took:.1f} s")  # noqa: T201
    assert "no round trip for" in text[0]
    assert worker.child.pid != deaf
    # Silence, the question, a pause, and ten seconds to stop.
    assert took < 3 + 1 + 1 + 10 + 5


def ask_for_a_heartbeat(site):
    """What beat does every minute."""
    with current_app.connection_for_write(site.redis_url) as broker:
        current_app.send_task("crm.tasks.beat_heartbeat", connection=broker)


def watch_until_replaced(watched):
    text = []
    until = time.monotonic() + PATIENCE
    while not (text and text[-1].endswith("is started again")):
        assert time.monotonic() < until, text
        line = watched.look(time.monotonic())
        text += [line] if line else []
        time.sleep(0.2)
    return text


def test_a_deaf_worker_is_replaced_within_four_minutes():
    """The figure of docs/reliability.md; the test above shows that it happens."""
    assert supervised.STUCK_AFTER + supervised.ASK_EVERY + 1 + 10 < 240
