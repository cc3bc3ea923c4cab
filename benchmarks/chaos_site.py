"""What the kill test breaks: two worker groups, two beats, servers and a mail sink."""

import os
import random
import shutil
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from local.embedded.paths import open_paths
from local.embedded.postgres import Postgres, settings_from_environment
from local.embedded.process import Child
from local.embedded.server import Server
from local.embedded.urls import database_url_at
from local.embedded.valkey import Valkey
from tests.faults.workers import Site
from tests.smtp_sink import Sink, running_sink

GROUPS = 2
PROCESSES = 4  # of each group
READY_SECONDS = 60.0
ONE_KILLED = "single processes killed, all at work"


class SlowSink(Sink):
    """Waits 10 to 30 ms before it records a mail, and as long before it answers."""

    def pause(self) -> float:
        return random.uniform(0.01, 0.03)


class TimeIsUp(Exception):
    """The run took longer than it was given."""


class GroupFell(Exception):
    """A worker group ended without having been killed."""


@dataclass
class Ledger:
    """The states in the database, read without the product's code, by Message-ID."""

    states: dict[str, str]
    customers: int
    silent: int  # customers without any row

    def count(self) -> Counter[str]:
        return Counter(self.states.values())


@dataclass
class Chaos:
    site: Site
    postgres: Postgres
    deadline: float
    groups: list[Child] = field(default_factory=list)
    kills: list[int] = field(default_factory=list)  # busy processes of each victim
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def sink(self) -> Sink:
        return self.site.sink

    # --- Waiting --------------------------------------------------------------------

    def wait_until(self, true: Callable[[], bool], every: float = 0.05) -> None:
        while not true():
            if time.monotonic() > self.deadline:
                raise TimeIsUp
            self._look_after_groups()
            time.sleep(every)

    def _look_after_groups(self) -> None:
        for group in self.groups:
            if group.poll() is not None:
                number = self.site.workers.index(group)
                log = self.site.folder / f"worker-{number}.log"
                raise GroupFell(log.read_text(errors="replace")[-2000:])

    def taken(self) -> int:
        """How many mails the sink has on record."""
        try:
            return self.sink.log.read_bytes().count(b"\n")
        except FileNotFoundError:
            return 0

    # --- Starting and breaking --------------------------------------------------------

    def start(self) -> None:
        self.groups = [self.site.start_worker() for _ in range(GROUPS)]
        for _ in range(2):
            self.site.start("beat", "-l", "WARNING")

    def kill_group(self, chance: random.Random) -> None:
        """At a random moment after a random group was seen at work, whatever it does
        then; what it did is counted."""
        order = chance.sample(range(GROUPS), GROUPS)
        until = time.monotonic() + READY_SECONDS
        while not (busy := [one for one in order if self.at_work(self.groups[one])]):
            if time.monotonic() > min(until, self.deadline):
                busy = order
                break
            time.sleep(0.02)
        time.sleep(chance.random() / 2)
        victim = self.groups[busy[0]]
        self.kills.append(self.at_work(victim))
        self.site.kill(victim)
        self.groups[busy[0]] = self.site.start_worker()

    def at_work(self, group: Child) -> int:
        """How many processes of this group hold mails in hand."""
        return sum(_group_of(pid) == group.pid for pid in self.holders())

    def holders(self) -> list[int]:
        """Processes with mails in hand: their journals say so."""
        journals = (self.site.folder / "journal").glob("*.journal")
        return [int(path.name.split("-")[-2]) for path in journals if _holds_mail(path)]

    def kill_child(self, chance: random.Random) -> None:
        """One process of a group, which its worker replaces."""
        found: list[int] = []

        def seen() -> bool:
            groups = {group.pid for group in self.groups}
            found[:] = [pid for pid in self.holders() if _group_of(pid) in groups]
            return bool(found)

        self.wait_until(seen, every=0.01)
        with suppress(ProcessLookupError):
            os.kill(chance.choice(found), signal.SIGKILL)
            self.counts[ONE_KILLED] += 1

    def flush(self, _chance: random.Random) -> None:
        self.counts["FLUSHALL"] += 1
        self.site.valkey._say(b"FLUSHALL\r\n")

    def kill_valkey(self, chance: random.Random) -> None:
        """It comes back empty."""
        self.counts["Valkey killed"] += 1
        assert self.site.valkey.child
        self.site.valkey.child.kill()
        self.site.valkey.child.wait()
        time.sleep(chance.uniform(0.2, 2))
        self.site.valkey.start()

    def stop_postgres(self, chance: random.Random) -> None:
        """Immediate: every session is cut where it is, nothing is written out."""
        self.counts["PostgreSQL stopped"] += 1
        assert self.postgres.child
        self.postgres.child.send_signal(signal.SIGQUIT)
        self.postgres.child.wait(30)
        time.sleep(chance.uniform(0.2, 2))
        self.postgres.start()

    # --- Reading ----------------------------------------------------------------------

    def unfinished(self) -> int:
        """Customers that are not through yet."""
        return self._ask(
            "SELECT (SELECT count(*) FROM crm_customer) - (SELECT count(*) FROM"
            " messaging_message WHERE state NOT IN ('planned', 'claimed', 'handed'))"
        )[0][0]

    def ledger(self) -> Ledger:
        rows = self._ask("SELECT message_uuid::text, state FROM messaging_message")
        [(customers, silent)] = self._ask(
            "SELECT count(*), count(*) FILTER (WHERE NOT EXISTS (SELECT FROM"
            " messaging_message m WHERE m.customer_id = c.id)) FROM crm_customer c"
        )
        return Ledger({str(uuid): state for uuid, state in rows}, customers, silent)

    def _ask(self, query: str) -> list[tuple]:
        with psycopg.connect(self.site.database_url) as connection:
            return connection.execute(query).fetchall()


def _group_of(pid: int) -> int:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return 0


def _holds_mail(journal: Path) -> bool:
    try:
        return b"\ngroup " in journal.read_bytes()
    except FileNotFoundError:
        return False


@contextmanager
def running_chaos(policy: str, deadline: float) -> Iterator[Chaos]:
    """All of it, in a folder of its own; in the end nothing of it is left."""
    folder = Path(tempfile.mkdtemp(prefix="perennial-chaos-"))
    folder.chmod(0o755)
    places = open_paths(folder)
    servers: list[Server] = []
    try:
        with running_sink(folder, SlowSink) as sink:
            # The harder mode: two mails under way on one connection.
            sink.pipelining = True
            postgres = Postgres(places, settings_from_environment())
            servers += [postgres, Valkey(places)]
            for server in servers:
                server.start()
            postgres.create_database()
            site = Site(sink, servers[1], folder, database_url_at(places.sockets))
            site.app, site.processes = "benchmarks.chaos_app", PROCESSES
            site.env = {
                "DJANGO_SETTINGS_MODULE": "config.settings",
                "CHAOS_POLICY": policy,
                "EMAIL_DOT_TIMEOUT": "5",
                "MAIL_LEASE_SECONDS": "20",
            }
            try:
                yield Chaos(site, postgres, deadline)
            finally:
                site.end()
    finally:
        for server in reversed(servers):
            with suppress(Exception):
                server.stop()
        shutil.rmtree(places.sockets, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)
