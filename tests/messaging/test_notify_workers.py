"""Workers are notified once per commit; a failure never breaks the request."""

import logging
import time

import pytest
from celery import current_app
from django.conf import settings
from django.db import transaction

from messaging.services import workers

pytestmark = pytest.mark.django_db


@pytest.fixture
def rings(monkeypatch):
    heard = []
    monkeypatch.setattr(
        type(current_app._get_current_object()),
        "send_task",
        lambda self, name, **_: heard.append(name),
    )
    return heard


def test_it_rings_once_however_often_it_is_called(
    rings, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(5):
            workers.notify_workers_on_commit()

    assert rings == [workers.DELIVER]


def test_it_waits_for_the_commit(rings, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        workers.notify_workers_on_commit()
        assert rings == []


def test_what_is_rolled_back_does_not_ring(rings, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        workers.notify_workers_on_commit()
        transaction.set_rollback(True)

    assert rings == []


def test_a_ring_after_a_rolled_back_one_is_heard(
    rings, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        with transaction.atomic():
            workers.notify_workers_on_commit()
            transaction.set_rollback(True)
        workers.notify_workers_on_commit()

    assert rings == [workers.DELIVER]


def test_its_name_is_that_of_the_task():
    current_app.loader.import_default_modules()

    assert workers.DELIVER in current_app.tasks


@pytest.mark.parametrize("address", ["redis://127.0.0.1:1/0", "silent"])
def test_a_broken_broker_costs_two_seconds_and_no_error(address, caplog, monkeypatch):
    import socket

    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(1)
        if address == "silent":
            address = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        # Not the one to write to as well: it follows, and would be put back as it
        # followed, for every test after this one.
        monkeypatch.setattr(current_app.conf, "broker_url", address)
        started = time.monotonic()

        with caplog.at_level(logging.WARNING):
            workers.notify_workers()

        monkeypatch.undo()

    assert time.monotonic() - started < 3
    assert "The workers were not notified" in caplog.text
    # The next test uses the shared broker.
    assert current_app.conf.broker_write_url == settings.REDIS_URL
