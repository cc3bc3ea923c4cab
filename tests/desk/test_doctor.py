"""The doctor: a line each, red where something does not answer."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection
from kombu import Connection

from crm.models import JournalGap, JournalState
from crm.rules.choices import HeldReason
from crm.services import files, heartbeat
from crm.services.journal import position
from desk.selectors import doctor
from messaging.models import Circuit
from tests.factories import MessageFactory

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def short_wait(monkeypatch):
    monkeypatch.setattr(doctor, "ROUND_TRIP_SECONDS", 0.5)


def findings(ask_worker=lambda: None):
    return {
        found.part: found for found in doctor.examine(now=NOW, ask_worker=ask_worker)
    }


def red(ask_worker=lambda: None):
    return {part for part, found in findings(ask_worker).items() if not found.is_well}


def a_worker_answers():
    files.mark(now=NOW)
    heartbeat.beat("worker", now=NOW)


def test_all_is_well_where_everything_answers(db):
    heartbeat.beat("beat", now=NOW - timedelta(seconds=40))

    assert red(a_worker_answers) == set()


def test_files_that_the_workers_keep_elsewhere_are_red(db, settings, tmp_path):
    heartbeat.beat("beat", now=NOW)
    files.mark(now=NOW)
    elsewhere = settings.PRIVATE_STORAGE | {"OPTIONS": {"location": tmp_path}}
    settings.STORAGES = settings.STORAGES | {"private": elsewhere}

    assert red(lambda: heartbeat.beat("worker", now=NOW)) == {"files"}
    assert "FILES_DIR" in findings()["files"].text


@pytest.fixture
def database_of_type_c(db, monkeypatch):
    """A database as PostgreSQL makes it under LC_ALL=C; the doctor looks at it."""
    wanted = connection.get_connection_params() | {"dbname": "postgres"}
    other = connection.copy()
    other.settings_dict = connection.settings_dict | {"NAME": "of_type_c"}
    with psycopg.connect(**wanted, autocommit=True) as link:
        link.execute("CREATE DATABASE of_type_c TEMPLATE template0 LC_CTYPE 'C'")
        with other.cursor() as cursor:
            cursor.execute("CREATE EXTENSION pg_trgm")
        monkeypatch.setattr(doctor, "connection", other)
        yield
        other.close()
        link.execute("DROP DATABASE of_type_c")


def test_a_database_whose_searches_read_every_row_is_red(database_of_type_c):
    found = doctor._search()

    assert not found.is_well
    assert "LC_CTYPE is C" in found.text
    assert "docs/search.md" in found.text


@pytest.mark.parametrize("limit", doctor.LIMITS)
def test_a_session_that_may_wait_for_ever_is_red(db, limit):
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL {limit} = 0")
    found = doctor._limits()

    assert not found.is_well
    assert f"no limit: {limit};" in found.text
    assert "docs/settings.md" in found.text


def test_a_worker_that_does_not_answer_is_red(db):
    heartbeat.beat("beat", now=NOW)

    assert red() == {"worker"}


def test_a_beat_that_stopped_is_red(db):
    heartbeat.beat("beat", now=NOW - timedelta(minutes=10))

    assert red(a_worker_answers) == {"beat"}


def test_an_open_circuit_is_red(db):
    heartbeat.beat("beat", now=NOW)
    Circuit.objects.create(transport="smtp", state="open", reason_code="auth_refused")

    assert red(a_worker_answers) == {"smtp"}


def test_a_mail_that_needs_a_decision_is_red(db):
    heartbeat.beat("beat", now=NOW)
    MessageFactory(state="uncertain", final_at=NOW)

    assert red(a_worker_answers) == {"decisions"}


def test_a_broker_that_is_away_is_red_and_no_trace(db, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    heartbeat.beat("beat", now=NOW)

    assert red() == {"broker", "worker"}


@pytest.mark.slow
def test_a_broker_that_goes_away_meanwhile_is_red_and_no_trace(db):
    heartbeat.beat("beat", now=NOW)

    def ask_worker():
        with Connection("redis://127.0.0.1:1/0") as broker:
            broker.ensure_connection(max_retries=1, timeout=1)

    assert red(ask_worker) == {"worker"}
    assert "cannot be asked" in findings(ask_worker)["worker"].text


def test_a_mail_server_that_is_away_is_red(db, settings):
    settings.MAIL_TRANSPORT, settings.EMAIL_HOST = "smtp", "127.0.0.1"
    settings.EMAIL_PORT = 1
    heartbeat.beat("beat", now=NOW)

    assert red(a_worker_answers) == {"mail"}


@pytest.mark.parametrize("fault", ["held", "waiting", "elsewhere"])
def test_a_journal_with_a_fault_is_red(db, fault):
    heartbeat.beat("beat", now=NOW)
    if fault == "held":
        position.hold(HeldReason.RESTORED, now=NOW)
    elif fault == "waiting":
        JournalGap.objects.create(kind="withdrawn", rows=[], at=NOW)
    else:
        JournalState.objects.update(position=10)

    assert red(a_worker_answers) == {"journal"}


def test_the_command_exits_with_1_where_anything_is_red(db, capsys):
    with pytest.raises(SystemExit) as ended:
        call_command("doctor")

    assert ended.value.code == 1
    assert "RED  worker" in capsys.readouterr().out
