"""Every setting of the broker and the workers has the effect that it was given for."""

import os
import time

import psutil
import pytest
from celery import current_app
from celery.app.defaults import NAMESPACES, flatten
from django.conf import settings
from kombu.transport.redis import Channel

from crm.models import Heartbeat
from tests.faults.mails import PATIENCE, plan, wait_until
from tests.faults.workers import running_site

pytestmark = pytest.mark.faults

KNOWN_OPTIONS = set(Channel.from_transport_options)


def test_celery_knows_every_setting_of_ours():
    known = {name for name, _ in flatten(NAMESPACES)}
    ours = {
        name.removeprefix("CELERY_").lower()
        for name in dir(settings)
        if name.startswith("CELERY_")
    }

    assert len(ours) > 10
    assert ours - known == set()


def test_the_transport_reads_every_option_of_ours():
    assert set(settings.CELERY_BROKER_TRANSPORT_OPTIONS) - KNOWN_OPTIONS == set()


def test_the_transport_works_with_our_values():
    """The effective ones, read from a channel that is connected."""
    ours = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    with current_app.connection_for_read() as broker:
        channel = broker.default_channel
        effective = {name: getattr(channel, name) for name in ours}
        sockets = channel.client.connection_pool.connection_kwargs

    assert effective == ours
    assert sockets["socket_timeout"] == ours["socket_timeout"]
    assert sockets["health_check_interval"] == 25


def test_no_running_task_can_be_given_out_again():
    """C2: what is not acknowledged is given out again after the visibility timeout."""
    visible_again = settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"]

    assert visible_again >= 10 * settings.CELERY_TASK_TIME_LIMIT
    assert settings.CELERY_TASK_TIME_LIMIT > settings.CELERY_TASK_SOFT_TIME_LIMIT


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_full_outbox_keeps_no_tick_waiting(sink):
    """One process, mails for minutes, a hundred tasks before the tick."""
    sink.delay = 0.1
    plan(400)
    with running_site(sink) as site:
        site.processes = 1
        send(site, "messaging.tasks.deliver", 100)
        worker = site.start_worker()
        wait_until(lambda: len(sink.accepted) >= 5, PATIENCE)
        asked = time.monotonic()
        send(site, "crm.tasks.beat_heartbeat", 1)
        wait_until(Heartbeat.objects.filter(name="worker").exists, PATIENCE)
        took = time.monotonic() - asked
        children = psutil.Process(worker.pid).children()
        largest = max(child.memory_info().rss for child in children)
        own = os.getpriority(os.PRIO_PROCESS, 0)
        gives_way = [child.nice() - own for child in children]
        left = 400 - len(sink.accepted)

    print(f"heartbeat {took:.1f} s, process {largest // 2**20} MB")  # noqa: T201
    assert gives_way == [5], "to the web servers of the machine"
    assert left > 50, "the outbox was not full any more"
    assert took < 30
    assert largest < settings.CELERY_WORKER_MAX_MEMORY_PER_CHILD * 1024 / 2


def send(site, task, times):
    with current_app.connection_for_write(site.redis_url) as broker:
        for _ in range(times):
            current_app.send_task(task, connection=broker)
