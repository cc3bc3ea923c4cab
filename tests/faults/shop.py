"""A web server on a PostgreSQL of its own, which tests may stop, fill up and lock."""

import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import psycopg
from django.db import connection

from local.embedded.paths import BASE_DIR, open_paths
from local.embedded.postgres import DATABASE, Postgres
from local.embedded.process import Child, kill_group, spawn
from local.embedded.programs import postgres_bin
from local.embedded.urls import database_url_at
from tests.ports import free_port

MAX_CONNECTIONS = 20
LOCK_TIMEOUT_MS = 1500
COMMENT = "Came late"
FORM_KEY, SECRET = "csrfmiddlewaretoken", "a" * 32


@dataclass(frozen=True)
class Answer:
    status: int  # 0: the connection broke
    seconds: float
    body: str = ""
    at: float = 0


@dataclass
class OwnShop:
    postgres: Postgres
    folder: Path
    port: int
    people: int
    links: Iterator[str] = iter(())
    rows: dict[str, list[int]] = field(default_factory=dict)
    session: str = ""
    web: Child | None = None
    log: Path = field(init=False)

    def __post_init__(self) -> None:
        self.log = self.folder / "web.log"

    # --- Starting ---------------------------------------------------------------------

    def start_web(self) -> None:
        self.web = spawn(
            [sys.executable, "-m", "gunicorn", "-c", "python:config.gunicorn"],
            log=self.log,
            death_signal=signal.SIGKILL,
            cwd=BASE_DIR,
            env=self.environment(),
        )
        until = time.monotonic() + 60
        while self.get("/healthz").status != 200:
            assert time.monotonic() < until, self.log.read_text()[-3000:]
            time.sleep(0.1)

    def fill(self) -> None:
        """The schema of the tests, which takes a tenth of the time of migrations."""
        bin_dir = postgres_bin(self.postgres.places)
        dump = subprocess.run(
            [
                *(bin_dir / "pg_dump", "--exclude-schema=migrated", "--no-owner"),
                *("-h", connection.settings_dict["HOST"], "-U", "crm"),
                *("-p", str(connection.settings_dict["PORT"] or 5432)),
                connection.settings_dict["NAME"],
            ],
            check=True,
            capture_output=True,
        )
        subprocess.run(
            [
                *(bin_dir / "psql", "-q", "-v", "ON_ERROR_STOP=1", "-U", "crm"),
                *("-h", self.postgres.places.sockets, DATABASE),
            ],
            input=dump.stdout,
            check=True,
            capture_output=True,
        )
        output = subprocess.run(
            [sys.executable, "-m", "tests.faults.fill_shop", str(self.people)],
            check=True,
            stdout=subprocess.PIPE,
            cwd=BASE_DIR,
            env=self.environment(),
        )
        filled = json.loads(output.stdout)
        self.links, self.session = iter(filled["links"]), filled["session"]
        self.rows = dict(zip(filled["links"], filled["rows"], strict=True))

    def environment(self) -> dict[str, str]:
        return os.environ | {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": database_url_at(self.postgres.places.sockets),
            "PERENNIAL_VAR": str(self.folder),
            "WEB_BIND": f"127.0.0.1:{self.port}",
            "MAIL_TRANSPORT": "outbox",
        }

    # --- Visiting ---------------------------------------------------------------------

    def get(self, path: str) -> Answer:
        return self._ask("GET", path)

    def answer(self, link: str, score: int) -> Answer:
        return self._ask("POST", link, {"score": score, "comment": COMMENT})

    def note(self, customer: int, body: str) -> Answer:
        """A form of the staff, as a browser sends it that loaded its page once."""
        words = {"body": body, "channel": "note", "once": body[:40]}
        return self._ask(
            "POST", f"/customers/{customer}/interactions/", words | {FORM_KEY: SECRET}
        )

    def _ask(self, method: str, path: str, form: dict[str, object] | None = None):
        headers = {"Cookie": f"sessionid={self.session}; csrftoken={SECRET}"}
        if form:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        wire = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        asked = time.monotonic()
        try:
            wire.request(method, path, urlencode(form) if form else None, headers)
            response = wire.getresponse()
            status, body = response.status, response.read().decode(errors="replace")
        except (OSError, http.client.HTTPException):
            status, body = 0, ""
        finally:
            wire.close()
        now = time.monotonic()
        return Answer(status, now - asked, body, now)

    # --- Looking ----------------------------------------------------------------------

    def ask(self, query: str, *values: object) -> list[tuple]:
        with self.connect() as link:
            return link.execute(query, values).fetchall()

    def connect(self) -> psycopg.Connection:
        return self.postgres.connect(DATABASE)

    def cut_sessions(self) -> None:
        """Of everybody but ourselves."""
        self.ask(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )

    def half_effects(self) -> list[tuple]:
        """Bad answers without their one task, or without their one line of audit."""
        return self.ask(
            """
            SELECT response.id, tasks.count, lines.count
            FROM surveys_response response,
            LATERAL (SELECT count(*) FROM crm_followup
                     WHERE source_key = 'response:' || response.id) tasks,
            LATERAL (SELECT count(*) FROM crm_auditentry
                     WHERE subject = 'response:' || response.id) lines
            WHERE tasks.count <> 1 OR lines.count <> 1
            """
        )

    def notes(self) -> list[tuple[str, int]]:
        """Each note of the staff, with how many lines of audit it has."""
        return self.ask(
            """
            SELECT note.body, count(line.id) FROM crm_interaction note
            LEFT JOIN crm_auditentry line ON line.subject = 'interaction:' || note.id
            GROUP BY note.id
            """
        )

    def answers(self) -> int:
        [(count,)] = self.ask("SELECT count(*) FROM surveys_response")
        return count


@contextmanager
def own_shop(people: int) -> Iterator[OwnShop]:
    with tempfile.TemporaryDirectory(prefix="perennial-shop-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with shop_in(folder, people) as shop:
            yield shop


@contextmanager
def shop_in(folder: Path, people: int, **more: str) -> Iterator[OwnShop]:
    """`more`: settings of PostgreSQL."""
    # An immediate stop may not lose a commit: only the machine's crash may.
    settings = {
        "synchronous_commit": "on",
        "max_connections": str(MAX_CONNECTIONS),
        "lock_timeout": f"{LOCK_TIMEOUT_MS}ms",
        **more,
    }
    postgres = Postgres(open_paths(folder), settings, throw_away=True)
    postgres.start()
    shop = OwnShop(postgres, folder, free_port(), people)
    try:
        postgres.create_database()
        shop.fill()
        shop.start_web()
        assert shop.get("/customers/").status == 200, "nobody is signed in"
        yield shop
    finally:
        if shop.web is not None:
            kill_group(shop.web)
            shop.web.wait()
        with suppress(OSError):
            postgres.stop()
