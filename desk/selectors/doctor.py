"""Is everything this installation needs alive? One finding a part, in plain words."""

import smtplib
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from kombu import Connection
from kombu.exceptions import OperationalError

from crm import selectors
from crm.models import Heartbeat, JournalGap
from crm.services import files
from crm.services.heartbeat import LATE_AFTER
from crm.services.journal import JournalIsMissing, JournalUnwritable, position
from loyalty.selectors import programme_sums
from messaging.models import Message
from messaging.rules.choices import State, Transport
from messaging.selectors.circuits import open_circuits, why
from messaging.services.messages import LEFT_AS_IS
from web.spans import span

# What a worker may take to answer, beside whatever it is doing.
ROUND_TRIP_SECONDS = 10
_LOOK_EVERY = 0.2
LIMITS = ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"]


@dataclass(frozen=True)
class Finding:
    """What `doctor` says of one part: well or not, and in words."""

    part: str
    is_well: bool
    text: str


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
    yield from _mail(now)
    yield _journal(now)
    yield _balances()
    yield from _settings()


def _database() -> Finding:
    try:
        waiting = MigrationExecutor(connection).migration_plan(
            MigrationExecutor(connection).loader.graph.leaf_nodes()
        )
    except DatabaseError as error:
        return Finding("database", False, f"does not answer: {_first_line(error)}")
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
        return Finding("broker", False, f"does not answer: {_first_line(error)}")
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
        return Finding("worker", False, f"cannot be asked: {_first_line(error)}")
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


def _mail(now: datetime) -> Iterator[Finding]:
    transport = settings.MAIL_TRANSPORT
    if transport == Transport.OUTBOX.value:
        yield Finding("mail", True, "kept here, no mail server: set MAIL_TRANSPORT")
    elif transport == Transport.SMTP.value:
        yield _smtp()
    else:
        yield Finding("mail", True, f"leaves through {settings.EMAIL_BACKEND}")
    for circuit in open_circuits():
        text = f"mail is not leaving: {why(circuit, sees_customers=True)}"
        yield Finding(circuit.transport, False, text)
    unsure = Message.objects.filter(state=State.UNCERTAIN.value).exclude(
        reason_code=LEFT_AS_IS
    )
    count = unsure.count()
    text = f"{count} mails need a decision" if count else "no mail needs a decision"
    yield Finding("decisions", count == 0, text)
    overdue = Message.objects.filter(
        state=State.PLANNED.value, not_before__lt=now - timedelta(minutes=15)
    )
    late = overdue.exists()
    text = "mails wait that should have gone" if late else "nothing is late"
    yield Finding("queue", not late, text)


def _balances() -> Finding:
    """Is every balance of programmes what its entries add up to?"""
    if wrong := programme_sums.wrong_balances():
        text = f"{len(wrong)} are not what their entries add up to"
        return Finding("balances", False, f"{text}: manage.py balances --mend")
    return Finding("balances", True, "the sums of their entries")


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


def _smtp() -> Finding:
    """A real connection, encrypted and signed in as a delivery would be."""
    address = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    # smtplib's own contexts trust every certificate, and we sign in below.
    trusted = ssl.create_default_context()
    build = (
        partial(smtplib.SMTP_SSL, context=trusted)
        if settings.EMAIL_USE_SSL
        else smtplib.SMTP
    )
    try:
        with build(
            settings.EMAIL_HOST, settings.EMAIL_PORT, timeout=settings.EMAIL_TIMEOUT
        ) as server:
            if settings.EMAIL_USE_TLS:
                server.starttls(context=trusted)
            if settings.EMAIL_HOST_USER:
                server.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD)
    except (OSError, smtplib.SMTPException) as error:
        return Finding("mail", False, f"{address}: {_first_line(error)}")
    return Finding("mail", True, f"{address} answers")


def _settings() -> Iterator[Finding]:
    url = selectors.business().public_url
    if settings.PRODUCTION and not url.startswith("https://"):
        text = f"the public address {url} is not https: mails would link to it"
        yield Finding("settings", False, text)
    else:
        yield Finding("settings", True, f"{settings.MODE} mode, links begin with {url}")


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
