"""What the schedule clears by itself: sessions, and what sign-ins left behind."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session

from config.schedule import BEAT_SCHEDULE
from crm.models import AttemptCounter
from crm.services import purging, retention
from crm.tasks import purge
from tests.factories import UserFactory

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def session_ending(moment):
    store = SessionStore()
    store.set_expiry(moment)
    store.save()
    return store.session_key


def test_sessions_that_ended_go_and_the_others_stay():
    session_ending(NOW - timedelta(seconds=1))
    live = session_ending(NOW + timedelta(seconds=1))

    assert retention.purge(now=NOW) == 1
    assert Session.objects.get().session_key == live


def test_real_sign_ins_leave_nothing_for_ever(client):
    user = UserFactory()
    client.post("/login/", {"username": user.email, "password": "wrong"})
    client.force_login(user)
    assert AttemptCounter.objects.exists()
    assert Session.objects.exists()

    with time_machine.travel(datetime.now(UTC) + timedelta(days=31)):
        purge()

    assert not AttemptCounter.objects.exists()
    assert not Session.objects.exists()


def test_more_than_one_slice_goes_at_once(monkeypatch):
    monkeypatch.setattr(purging, "_SLICE", 2)
    for _ in range(5):
        session_ending(NOW - timedelta(days=1))

    assert retention.purge(now=NOW) == 5


def test_beat_rings_for_it():
    assert "crm.tasks.purge" in {line["task"] for line in BEAT_SCHEDULE.values()}
