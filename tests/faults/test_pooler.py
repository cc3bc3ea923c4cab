"""PgBouncer in transaction mode: each transaction may get another session."""

import os
import shutil
import signal
import subprocess
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from django.test import Client

from crm.errors import ImportIsRunning
from crm.models import Business, Customer, FollowUp, OrderLine
from crm.services.imports import customers, orders, run_lock
from desk.selectors import doctor
from loyalty.selectors import backtest
from messaging.models import Automation, Message
from messaging.services import automations, planning
from messaging.services.delivery import deliver
from surveys.models import Response
from tests.crm.importing import (
    ORDER_HEADER,
    counts,
    file_of,
    take_customers,
    take_orders,
)
from tests.factories import NOW, CustomerFactory, OrderFactory, OrderLineFactory
from tests.ports import free_port

PGBOUNCER = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
DAY = timedelta(days=1)
SESSIONS = 3
# No startup parameter is ignored: what a session asks for at its start, PgBouncer
# refuses. Sessions of the server take turns.
CONFIG = """
[databases]
* = host={host} port={port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {own_port}
unix_socket_dir =
auth_type = trust
auth_file = {users}
pool_mode = transaction
server_round_robin = 1
min_pool_size = {sessions}
default_pool_size = 8
"""
LEFT_BEHIND = """
SELECT 'setting ' || name FROM pg_settings
 WHERE source = 'session' AND name NOT IN ('TimeZone', 'client_encoding', 'DateStyle',
    'standard_conforming_strings', 'application_name', 'IntervalStyle')
UNION ALL SELECT 'statement ' || name FROM pg_prepared_statements
UNION ALL SELECT 'cursor ' || name FROM pg_cursors WHERE name <> ''
UNION ALL SELECT 'table ' || relname FROM pg_class
 WHERE relnamespace = pg_my_temp_schema()
UNION ALL SELECT 'lock' FROM pg_locks JOIN pg_database ON pg_database.oid = database
 WHERE locktype = 'advisory' AND datname = current_database()
"""

pytestmark = [
    pytest.mark.faults,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        not PGBOUNCER, reason="no pgbouncer; on Debian: apt-get install pgbouncer"
    ),
]


@contextmanager
def pgbouncer(folder: Path, host: str, port: str, user: str):
    """Its own port. It refuses to be root, and runs as whoever the server runs as."""
    owner = Path(host, f".s.PGSQL.{port}").stat() if host.startswith("/") else None
    drop = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}
    own_port = free_port()
    folder.chmod(0o755)
    (folder / "users.txt").write_text(f'"{user}" ""\n')
    config = folder / "pgbouncer.ini"
    config.write_text(
        CONFIG.format(
            host=host,
            port=port,
            own_port=own_port,
            sessions=SESSIONS,
            users=folder / "users.txt",
        )  # fmt: skip
    )
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [PGBOUNCER, config],
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd="/",
            **(drop if owner and os.geteuid() == 0 else {}),
        )
    try:
        yield own_port, folder / "log"
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(10)


@pytest.fixture
def pooled(transactional_db, place):
    """This process speaks to the database of the test through the pooler."""
    direct = dict(connection.settings_dict)
    port = str(direct["PORT"] or 5432)
    connection.close()
    with pgbouncer(place, direct["HOST"], port, direct["USER"]) as (own_port, log):
        connection.settings_dict |= {"HOST": "127.0.0.1", "PORT": str(own_port)}
        try:
            wait_for_sessions(own_port, direct, log)
            yield
            assert sum((left_behind() for _ in range(SESSIONS)), []) == []
        finally:
            connection.close()
            connection.settings_dict |= direct


def wait_for_sessions(port, direct, log):
    """Until all of `min_pool_size` are there, to take turns from the start."""
    sessions = set()
    for _ in range(100):
        try:
            with psycopg.connect(
                host="127.0.0.1", port=port, user=direct["USER"], dbname=direct["NAME"]
            ) as link:
                row = link.execute("SELECT pg_backend_pid(), pg_sleep(0.05)").fetchone()
                sessions.add(row[0])
        except psycopg.OperationalError:
            pass
        if len(sessions) >= SESSIONS:
            return
    pytest.fail(f"{len(sessions)} sessions: {log.read_text()}")


def left_behind():
    with connection.cursor() as cursor:
        cursor.execute(LEFT_BEHIND)
        return [what for (what,) in cursor.fetchall()]


def session():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


def test_the_sessions_of_the_server_take_turns(pooled):
    assert len({session() for _ in range(SESSIONS)}) == SESSIONS


def test_a_survey_is_planned_sent_and_answered(pooled, sink, time_machine):
    Business.objects.update_or_create(pk=1, defaults={"time_zone": "UTC"})
    automations.switch_on(Automation.objects.get(kind="survey_after_delivery"), now=NOW)
    order = OrderFactory(delivered_on=(NOW - 4 * DAY).date())
    OrderLineFactory(order=order)

    for now in (NOW, NOW + DAY):
        planning.sweep(now=now)
        deliver(now=now, seconds=20)
    time_machine.move_to(NOW + DAY, tick=False)
    text = sink.mails[0].get_body(("plain",)).get_content()
    link = next(line for line in text.splitlines() if "/s/" in line)
    link = link[link.index("/s/") :]
    shown = Client().get(link)
    answered = Client().post(link, {"score": "2", "comment": "The bag was torn"})

    assert Message.objects.get().state == "sent"
    assert shown.status_code == 200
    assert answered.status_code in (200, 302)
    assert Response.objects.get().score == 2
    assert FollowUp.objects.get().customer == order.customer


@pytest.mark.slow
@pytest.mark.pipeline
def test_files_of_several_slices_are_imported(pooled, tmp_path, monkeypatch):
    monkeypatch.setattr(customers, "SLICE_ROWS", 50)
    monkeypatch.setattr(orders, "SLICE_LINES", 50)
    people = "".join(f"C{n},c{n % 90}@example.org\n" for n in range(200))
    bought = "".join(f"O{n},C{n},2026-05-01,S{n % 7},1,2\n" for n in range(200))
    people = file_of(tmp_path, "external_id,email\n" + people, "people.csv")
    bought = file_of(tmp_path, ORDER_HEADER + bought, "orders.csv")

    dry = take_customers(people, dry_run=True)
    first = take_customers(people)
    sold = take_orders(bought)

    assert counts(dry) == counts(first) == counts(sold) == (200, 0, 0)
    assert dry.notes.as_json() == first.notes.as_json()
    assert counts(take_customers(people)) == counts(take_orders(bought)) == (0, 0, 200)
    assert OrderLine.objects.values("product").distinct().count() == 7


def test_the_lock_of_an_import_holds(pooled, tmp_path, monkeypatch):
    monkeypatch.setattr(run_lock, "LOCK_TRIES", 1)
    path = file_of(tmp_path, "external_id\nC1\n")

    with run_lock.only_one("customers", "main"):
        for _ in range(SESSIONS):
            with pytest.raises(ImportIsRunning):
                take_customers(path)

    assert counts(take_customers(path)) == (1, 0, 0)


def test_long_lists_are_read_to_their_end(pooled):
    CustomerFactory.create_batch(5)

    assert len(list(Customer.objects.iterator(chunk_size=1))) == 5
    assert list(backtest.pairs(cutoff=NOW.date())) == []


def test_the_doctor_sees_the_limits_that_the_sessions_have(pooled):
    assert doctor._limits().is_well
