"""F25: the disk of the database is full for a while. What was committed stands, and
what waited goes on by itself once there is room."""

import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from local.embedded.paths import open_paths
from local.embedded.postgres import Postgres
from local.embedded.urls import database_url_at
from local.supervisor.watch import Watched
from tests.faults.disks import fill, small_disk
from tests.faults.mails import wait_until
from tests.faults.shop import OwnShop, shop_in
from tests.faults.workers import running_site, ticking

pytestmark = pytest.mark.faults
ROOT = Path(__file__).resolve().parents[2]
QUEUED = 300


@pytest.mark.slow
def test_a_database_whose_disk_is_full_loses_nothing_and_comes_back_by_itself(place):
    """Rows or log do not fit: an error of that statement, or a server that falls and
    is started again by what watches it."""
    with small_disk(place / "disk", "size=220m,mode=755") as disk:
        server = Postgres(
            open_paths(disk), {"max_wal_size": "32MB", "min_wal_size": "32MB"}
        )
        server.start()
        watched = Watched(server, started_at=time.monotonic(), pause=0.1)
        try:
            with server.connect("postgres") as link:
                link.execute("CREATE TABLE queue (id int PRIMARY KEY, words text)")
            ballast = fill(disk, leave=12_000_000)
            written = write_until_refused(server)
            ballast.unlink()
            started = time.monotonic()
            again = write_again(server, watched, written + 1_000_000)
            took = time.monotonic() - started
            with server.connect("postgres") as link:
                kept = link.execute("SELECT count(*) FROM queue WHERE id < 1000000")
                found = kept.fetchone()[0]
        finally:
            server.stop()

    print(f"{written} rows stood, back after {took:.1f} s")  # noqa: T201
    assert again
    assert found == written


def write_until_refused(server: Postgres) -> int:
    """How many inserts were committed before the disk was full."""
    number = 0
    try:
        with server.connect("postgres") as link:
            for number in range(1_000_000):
                link.execute(
                    "INSERT INTO queue SELECT %s, string_agg(md5(random()::text), '')"
                    " FROM generate_series(1, 2000)",
                    [number],
                )
    except psycopg.OperationalError:
        return number
    raise AssertionError("the disk was never full")


def write_again(server: Postgres, watched: Watched, key: int) -> bool:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        watched.look(time.monotonic())
        try:
            with server.connect("postgres") as link:
                link.execute("INSERT INTO queue VALUES (%s, 'again')", [key])
            return True
        except psycopg.OperationalError:
            time.sleep(0.2)
    return False


@pytest.mark.slow
@pytest.mark.django_db
def test_mail_goes_on_by_itself_when_the_disk_of_the_database_has_room(place, sink):
    """Workers, web server and a PostgreSQL on a disk that is full for a while."""
    sink.delay = 0.02
    with (
        small_disk(place / "disk", "size=300m,mode=755") as disk,
        shop_in(disk, 1, max_wal_size="32MB", min_wal_size="32MB") as shop,
        running_site(sink) as site,
    ):
        site.database_url = database_url_at(shop.postgres.places.sockets)
        subprocess.run(
            [sys.executable, "-m", "tests.faults.fill_queue", str(QUEUED)],
            check=True,
            cwd=ROOT,
            env=site.environment(),
        )
        with shop.postgres.connect("postgres") as link:
            link.execute("CREATE TABLE queue (id int PRIMARY KEY, words text)")
        watched = Watched(shop.postgres, started_at=time.monotonic(), pause=0.1)
        site.start_worker()
        with ticking(site):
            wait_until(lambda: len(sink.accepted) >= 30, 90)
            ballast = fill(disk, leave=8_000_000)
            write_until_refused(shop.postgres)
            watch_for(5, watched)
            stood = len(sink.accepted)
            ballast.unlink()
            back = time.monotonic()
            while not all_final(shop):
                assert time.monotonic() < back + 120, mails(shop)
                watch_for(0.5, watched)
            took = time.monotonic() - back
        page, ended = shop.get("/customers/").status, mails(shop)
        reasons = shop.ask("SELECT DISTINCT state, reason_code FROM messaging_message")

    print(f"{stood} of {QUEUED} had left; all {took:.1f} s later: {ended}")  # noqa: T201
    assert 30 <= stood < QUEUED
    assert len(set(sink.recipients)) == len(sink.recipients)
    assert ended["sent"] + ended.get("uncertain", 0) == QUEUED, reasons
    assert ended["sent"] <= len(sink.recipients)
    # One mail a process whose dot was out.
    assert ended.get("uncertain", 0) <= site.processes
    assert page == 200


def watch_for(seconds: float, watched: Watched) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        watched.look(time.monotonic())
        time.sleep(0.1)


def mails(shop: OwnShop) -> dict[str, int]:
    try:
        return dict(
            shop.ask(
                "SELECT state, count(*) FROM messaging_message"
                " WHERE kind = 'plain' GROUP BY state"
            )
        )
    except psycopg.OperationalError:
        return {}


def all_final(shop: OwnShop) -> bool:
    found = mails(shop)
    return bool(found) and not set(found) & {"planned", "claimed", "handed"}
