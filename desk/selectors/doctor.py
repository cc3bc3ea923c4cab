"""Is everything this installation needs alive? One finding a part, in plain words.

Here is what every shop needs; what apps need besides is a `DoctorCheck` of each.
"""

import time
from collections.abc import Callable, Iterator
from datetime import datetime

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from kombu import Connection
from kombu.exceptions import OperationalError

from crm import selectors
from crm.models import Heartbeat, JournalGap
from crm.page_parts import DoctorCheck, Finding, parts_of
from crm.services import files
from crm.services.heartbeat import LATE_AFTER
from crm.services.journal import JournalIsMissing, JournalUnwritable, position
from web.errors import first_line
from web.spans import span

# What a worker may take to answer, beside whatever it is doing.
ROUND_TRIP_SECONDS = 10
_LOOK_EVERY = 0.2
LIMITS = ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"]


def examine(*, now: datetime, ask_worker: Callable[[], object]) -> Iterator[Finding]:
    """Each part in turn, with a finding. `ask_worker` asks a worker for a sign of life;
    the database shows whether it came."""
    database = _database()
    yield database
    if not database.is_well:
        return
    yield _limits()
    yield _search()
    broker = _broker()
    yield broker
    yield (
        _worker(ask_worker) if broker.is_well else Finding("worker", False, "not asked")
    )
    yield _beat(now)
    yield _files()
    yield _journal(now)
    yield from _settings()
    for check in parts_of(DoctorCheck):
        yield from check.read(now)


def _database() -> Finding:
    try:
        waiting = MigrationExecutor(connection).migration_plan(
            MigrationExecutor(connection).loader.graph.leaf_nodes()
        )
    except DatabaseError as error:
        return Finding("database", False, f"does not answer: {first_line(error)}")
    if waiting:
        text = f"{len(waiting)} migrations wait: run manage.py migrate"
        return Finding("database", False, text)
    version = connection.cursor().connection.info.server_version // 10_000
    return Finding("database", True, f"PostgreSQL {version}, migrated")


def _limits() -> Finding:
    """What the server gives to a session as we open one, through a pooler or not."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, setting = '0', current_setting(name) FROM pg_settings"
            " WHERE name = ANY(%s) ORDER BY name",
            [LIMITS],
        )
        found = cursor.fetchall()
    if missing := [name for name, is_unlimited, _ in found if is_unlimited]:
        text = (
            f"no limit: {', '.join(missing)}; a statement or a lock that never ends"
            " would hold a web worker. The commands are in docs/settings.md"
        )
        return Finding("limits", False, text)
    return Finding("limits", True, ", ".join(f"{name} {it}" for name, _, it in found))


def _search() -> Finding:
    """Trigrams of other scripts depend on the character type of the database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT cardinality(show_trgm('כהן')) > 0, datctype FROM pg_database"
            " WHERE datname = current_database()"
        )
        has_trigrams, character_type = cursor.fetchone()
    if has_trigrams:
        return Finding("search", True, "by any part of a name, in every script")
    text = (
        f"LC_CTYPE is {character_type}: only ASCII has trigrams, a search in another"
        " script reads every customer. script/server carries its own database over"
        " when it starts; for yours the commands are in docs/search.md"
    )
    return Finding("search", False, text)


def _broker() -> Finding:
    options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    try:
        with Connection(settings.REDIS_URL, transport_options=options) as broker:
            broker.ensure_connection(max_retries=1, timeout=3)
            client = broker.default_channel.client  # type: ignore[attr-defined] # the Redis channel has one
            policy = client.config_get("maxmemory-policy")["maxmemory-policy"]
    except (OperationalError, OSError) as error:
        return Finding("broker", False, f"does not answer: {first_line(error)}")
    if policy != "noeviction":
        # With any other policy publishes can vanish without a word.
        text = f"maxmemory-policy is {policy}: set noeviction"
        return Finding("broker", False, text)
    return Finding("broker", True, "answers, noeviction")


def _worker(ask_worker: Callable[[], object]) -> Finding:
    before = _seen("worker")
    started = time.monotonic()
    try:
        ask_worker()
    except (OperationalError, OSError) as error:
        return Finding("worker", False, f"cannot be asked: {first_line(error)}")
    while time.monotonic() - started < ROUND_TRIP_SECONDS:
        if _seen("worker") != before:
            took = time.monotonic() - started
            return Finding("worker", True, f"answered in {took:.1f} s")
        time.sleep(_LOOK_EVERY)
    text = f"no answer in {ROUND_TRIP_SECONDS} s: is a Celery worker running?"
    return Finding("worker", False, text)


def _beat(now: datetime) -> Finding:
    seen = _seen("beat")
    if seen is None:
        return Finding("beat", False, "never seen: is celery beat running?")
    return Finding(
        "beat", now - seen <= LATE_AFTER, f"last seen {span(now - seen)} ago"
    )


def _files() -> Finding:
    """Exports are written by the workers and read by the web."""
    sees_mark = files.sees_mark()
    if sees_mark is None:
        return Finding("files", True, "no worker has written any yet")
    if sees_mark:
        return Finding("files", True, "kept where the workers keep theirs")
    text = (
        "what the workers wrote is not here: give web and workers one FILES_DIR, or one"
        " FILES_BACKEND, that both may read and write"
    )
    return Finding("files", False, text)


def _seen(name: str) -> datetime | None:
    return Heartbeat.objects.filter(name=name).values_list("at", flat=True).first()


def _journal(now: datetime) -> Finding:
    """Is it that of this database, and does it know all that it should?"""
    folder = settings.JOURNAL_FOLDER
    try:
        known = position.look(now=now)
    except JournalIsMissing:
        text = f"that of this database is not in {folder}, and no mail leaves"
        return Finding("journal", False, f"{text}: see docs/operations.md")
    except JournalUnwritable as error:
        return Finding("journal", False, f"cannot be read: {error}")
    if known.is_held:
        text = "the database was put back, no mail leaves: run manage.py after_restore"
        return Finding("journal", False, text)
    waiting = JournalGap.objects.count()
    if waiting:
        text = f"{waiting} entries wait for room on the disk of {folder}"
        return Finding("journal", False, text)
    return Finding("journal", True, f"up to line {known.position} in {folder}")


def _settings() -> Iterator[Finding]:
    url = selectors.business().public_url
    if settings.PRODUCTION and not url.startswith("https://"):
        text = f"the public address {url} is not https: mails would link to it"
        yield Finding("settings", False, text)
    else:
        yield Finding("settings", True, f"{settings.MODE} mode, links begin with {url}")
