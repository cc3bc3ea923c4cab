"""What the schedule clears by itself: sessions, and what sign-ins left behind."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session

from config.schedule import BEAT_SCHEDULE
from crm.services import purging
from crm.tasks import purge
from tests.factories import UserFactory

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SIGN_IN_TABLES = [AccessAttempt, AccessLog, AccessFailureLog]

pytestmark = pytest.mark.django_db


def session_ending(moment):
    store = SessionStore()
    store.set_expiry(moment)
    store.save()
    return store.session_key


def test_sessions_that_ended_go_and_the_others_stay():
    session_ending(NOW - timedelta(seconds=1))
    live = session_ending(NOW + timedelta(seconds=1))

    assert purging.purge(now=NOW) == 1
    assert Session.objects.get().session_key == live


@pytest.mark.parametrize("model", SIGN_IN_TABLES, ids=lambda model: model.__name__)
def test_what_sign_ins_left_behind_goes_after_its_time(model):
    more = {"failures_since_start": 1} if model is AccessAttempt else {}
    for days in (1, 40):
        with time_machine.travel(NOW - timedelta(days=days), tick=False):
            model.objects.create(
                username="a@b.cd", ip_address=f"10.0.0.{days}", path_info="/", **more
            )

    assert purging.purge(now=NOW) == 1
    assert purging.purge(now=NOW) == 0
    assert model.objects.get().ip_address == "10.0.0.1"


def test_real_sign_ins_leave_nothing_for_ever(client):
    user = UserFactory()
    client.post("/login/", {"username": user.email, "password": "wrong"})
    client.force_login(user)

    with time_machine.travel(datetime.now(UTC) + timedelta(days=31)):
        purge()

    left = [model for model in [*SIGN_IN_TABLES, Session] if model.objects.exists()]
    assert left == []


def test_more_than_one_slice_goes_at_once(monkeypatch):
    monkeypatch.setattr(purging, "_SLICE", 2)
    for _ in range(5):
        session_ending(NOW - timedelta(days=1))

    assert purging.purge(now=NOW) == 5


def test_beat_rings_for_it():
    assert "crm.tasks.purge" in {line["task"] for line in BEAT_SCHEDULE.values()}
