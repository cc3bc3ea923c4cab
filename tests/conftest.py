"""The cast and the clients that every test may ask for.

Tests that need real commits (threads, workers) say
`@pytest.mark.django_db(transaction=True)`. After them the tables are emptied and the
rows that migrations wrote are put back, keys and sequences included.
"""

import gc
import signal
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib import auth
from django.contrib.sessions.backends.db import SessionStore
from django.core.management.commands import flush
from django.db import connection
from django.db.backends.base.creation import BaseDatabaseCreation
from django.http import HttpRequest
from django.test import Client
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from tests import committed
from tests import settings as default_settings
from tests.smtp_sink import Sink, running_sink

# The same examples every time, so that a change is judged by what it changed. New ones
# are looked for with --hypothesis-profile=random.
# How long an example takes to draw depends on what else the machine does.
_NOT_TIMED = [HealthCheck.too_slow]
hypothesis_settings.register_profile(
    "same", derandomize=True, suppress_health_check=_NOT_TIMED
)
hypothesis_settings.register_profile(
    "random", derandomize=False, suppress_health_check=_NOT_TIMED
)
hypothesis_settings.load_profile("same")

# Migrated rows, copied aside once, and a function that goes back to them: one statement
# for each table, and none that looks whether it is needed. Sequences go on
# behind the highest key.
KEEP = """
DO $$ DECLARE name text; is_kept bool; sequence text; highest bigint; body text := '';
BEGIN
    CREATE SCHEMA IF NOT EXISTS migrated;
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public'
        AND tablename <> 'django_migrations' LOOP
        body := body || format('DELETE FROM public.%I; ', name);
        EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', name) INTO is_kept;
        IF is_kept THEN
            EXECUTE format('CREATE TABLE IF NOT EXISTS migrated.%1$I'
                           ' AS TABLE public.%1$I', name);
            body := body || format('INSERT INTO public.%1$I OVERRIDING SYSTEM VALUE'
                                   ' SELECT * FROM migrated.%1$I; ', name);
        END IF;
        IF EXISTS (SELECT FROM pg_attribute WHERE attname = 'id'
                   AND attrelid = format('public.%I', name)::regclass) THEN
            sequence := pg_get_serial_sequence(format('public.%I', name), 'id');
            IF sequence IS NOT NULL THEN
                EXECUTE format('SELECT coalesce(max(id), 0) FROM public.%I', name)
                    INTO highest;
                body := body || format('PERFORM setval(%L, %s, false); ', sequence,
                                       highest + 1);
            END IF;
        END IF;
    END LOOP;
    EXECUTE format('CREATE OR REPLACE FUNCTION migrated.put_back() RETURNS void'
                   ' LANGUAGE plpgsql AS %L', 'BEGIN ' || body || 'END');
END $$
"""


def pytest_configure() -> None:
    """Take Ctrl-C by default: a shell lets what it starts in the background ignore it,
    and the processes that tests interrupt would inherit that."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


# These come first. At the end of a run processes take tests from each other: one that
# takes minutes would have the last process go on alone, and of a module that makes much
# for its tests each of them would make it again.
FIRST = [
    "test_first_run.py",
    "test_merge_states.py",
    "test_backup.py",
    "test_api_schema.py",
    "test_many_sums.py",
    "test_import_people_modes.py",
    "test_erasure.py",
    "test_supervisor.py",
    "test_carry_over.py",
    "test_urls.py",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    order = {name: number for number, name in enumerate(FIRST)}
    items.sort(key=lambda item: order.get(item.path.name, len(FIRST)))


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Rows of a module end before a test of it that does not ask for them: where tests
    are taken from another process, it may come behind one that does."""
    if nextitem is not None and item.path == nextitem.path:
        committed.end_rows_not_wanted(item, nextitem)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Thousands of tests are made here and stay to the end: to look for garbage among
    them takes a fifth of the time, and finds none. Later it is looked for seldom."""
    gc.disable()
    yield
    gc.freeze()
    gc.set_threshold(7_000)
    gc.enable()


# Connections of threads and servers that a test forgot; ended, so that the database can
# be dropped, and reported, so that the test can be found.
LEFT_OPEN = """
SELECT pg_terminate_backend(pid), application_name, state, left(query, 200)
FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
    AND backend_type = 'client backend'
"""


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The test database, with what migrations wrote kept aside. Automations write on
    any day: tests that are about days off say so."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("UPDATE messaging_automation SET rests = false")
        cursor.execute(KEEP)
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(LEFT_OPEN)
        for _, *who in cursor.fetchall():
            warnings.warn(f"A test left a connection open: {who}", stacklevel=1)


@pytest.fixture(autouse=True, scope="session")
def tables_are_emptied_to_what_migrations_wrote() -> Iterator[None]:
    """Triggers refuse to empty some tables; between tests it has to happen. Tests write
    few rows: DELETE takes a tenth of the time that TRUNCATE needs for new files."""
    from surveys.services.versions import questionnaire_of

    operations = type(connection.ops)

    def emptied(self: Any, style: Any, tables: list[str], **options: Any) -> list[str]:
        if not tables:
            return []
        # Ids are given anew, also those of what a process keeps for good.
        questionnaire_of.cache_clear()
        return [
            "SET session_replication_role = replica",
            "SELECT migrated.put_back()",
            "SET session_replication_role = DEFAULT",
        ]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(operations, "sql_flush", emptied)
        # The rows are back already: Django would write them a second time.
        patch.setattr(flush, "emit_post_migrate_signal", lambda *a, **k: None)
        patch.setattr(
            BaseDatabaseCreation, "deserialize_db_from_string", lambda *a: None
        )
        yield


@pytest.fixture(autouse=True, scope="session")
def signing_in_makes_one_session() -> Iterator[None]:
    """Django's client makes an empty session first, which signing in replaces at once:
    half of the statements of most tests with a page."""
    slowly = Client._login

    def login(self: Client, user: Any, backend: str | None = None) -> None:
        if settings.SESSION_COOKIE_NAME in self.cookies:
            slowly(self, user, backend)
            return
        request = HttpRequest()
        request.session = SessionStore()
        auth.login(request, user, backend)
        request.session.save()
        self._set_login_cookies(request)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Client, "_login", login)
        yield


@pytest.fixture(autouse=True)
def journal_ends_with_the_test(request: pytest.FixtureRequest) -> Iterator[None]:
    """What a test did to the database is undone; so the journal knows of it no more:
    else the next test finds a database that was put back, from which no mail leaves.
    That of a site of several tests, too, whose tables are emptied between them."""
    yield
    folders = {default_settings.JOURNAL_FOLDER}
    marker = request.node.get_closest_marker("django_db")
    if marker and marker.kwargs.get("transaction"):
        folders.add(settings.JOURNAL_FOLDER)
    for folder in folders:
        for path in folder.glob("*.jsonl"):
            path.unlink()


@pytest.fixture
def sink(tmp_path: Path, settings: Any) -> Iterator[Sink]:
    """A mail server that every message of this test goes to."""
    with running_sink(tmp_path) as server:
        settings.MAIL_TRANSPORT = "smtp"
        settings.EMAIL_HOST = "127.0.0.1"
        settings.EMAIL_PORT = server.port
        settings.JOURNAL_FOLDER = tmp_path / "journal"
        yield server


@pytest.fixture(params=["one by one", "in groups"])
def both_smtp_modes(sink: Sink, request: pytest.FixtureRequest) -> None:
    """Once with a server that wants each command by itself, once with one that takes
    them in groups (RFC 2920)."""
    sink.pipelining = request.param == "in groups"
