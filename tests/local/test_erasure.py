"""Somebody is erased from a shop that runs, and is looked for in all that it left.

Real processes: web, workers, beat, PostgreSQL and Valkey as `script/server` starts
them, and a copy by `script/backup`.
"""

import json
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar

import psycopg
import pytest

from local.embedded.paths import Paths, socket_folder
from local.embedded.programs import postgres_bin
from local.embedded.urls import database_url_at, redis_url_at
from tests.local.processes import ROOT, environment, python, read_until
from tests.migrated_cluster import copy_to
from tests.ports import free_port
from tests.smtp_sink import running_sink

pytestmark = pytest.mark.slow

MARK = "Zanzibar"
OWNER = "owner@shop.example"
LONGEST = 300
PATIENCE = 60
PEOPLE = "external_id,name,email,since\n" + "".join(
    f"{MARK}{n},{MARK} {n},{MARK}{n}@example.org,2026-03-01\n" for n in range(5)
)
# Refused: a number that a spreadsheet has shortened.
PEOPLE += f"1.2E+15,{MARK} Refused,{MARK}-refused@example.org,2026-03-01\n"

# What came to be of this person in years, and work for the workers.
YEARS = f"""
import django
django.setup()
from django.utils import timezone
from crm.models import StoredFile, User
from crm.services.imports import import_jobs
from crm.services.imports.running import Options
from tests.crm.personal_shop import customer_with_everything, what_names_them
customer_with_everything("{MARK}")
what_names_them("{MARK}")
upload = StoredFile.objects.filter(name="{MARK} people.csv", size__gt=100).first()
import_jobs.start(
    upload, kind="customers", options=Options(ground="They asked"), dry_run=False,
    by=User.objects.get(email="{OWNER}"), now=timezone.now(),
)
"""
# Sessions and the broker as text, so that nothing hides in a packed form.
PACKED = """
import django, json
django.setup()
from django.contrib.sessions.models import Session
from redis import Redis
from django.conf import settings
said = [str(row.get_decoded()) for row in Session.objects.all()]
broker = Redis(unix_socket_path=SOCKET, db=0)
READ = {"string": "get", "hash": "hgetall", "set": "smembers"}
for key in broker.scan_iter():
    kind = broker.type(key).decode()
    said.append(str(key))
    if kind == "list":
        said.append(str(broker.lrange(key, 0, -1)))
    elif kind == "zset":
        said.append(str(broker.zrange(key, 0, -1)))
    else:
        said.append(str(getattr(broker, READ[kind])(key)))
print(json.dumps(said))
"""


class Browser:
    """Somebody on the pages of the shop."""

    def __init__(self, port):
        self.port, self.jar = port, CookieJar()
        cookies = urllib.request.HTTPCookieProcessor(self.jar)
        self.opener = urllib.request.build_opener(cookies)

    def get(self, path):
        """Status and text, whatever they are."""
        return self._open(urllib.request.Request(self._address(path)))

    def post(self, path, page="", **fields):
        """A form, with the token that its page has."""
        self.get(page or path)
        token = next(one.value for one in self.jar if one.name == "csrftoken")
        data = urllib.parse.urlencode({"csrfmiddlewaretoken": token, **fields})
        return self._open(urllib.request.Request(self._address(path), data.encode()))

    def upload(self, name, content):
        _, page = self.get("/imports/new/")
        address = re.search(r'action="(/imports/upload/[^"]+)"', page)[1]
        token = re.search(r'csrfmiddlewaretoken" value="([^"]+)', page)[1]
        body = (
            f'--x\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n'
            f'{token}\r\n--x\r\nContent-Disposition: form-data; name="file"; '
            f'filename="{name}"\r\n\r\n{content}\r\n--x--\r\n'
        )
        headers = {"Content-Type": "multipart/form-data; boundary=x"}
        request = urllib.request.Request(self._address(address), body.encode(), headers)
        return self._open(request)

    def _address(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def _open(self, request):
        try:
            with self.opener.open(request, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()


class House:
    """A running shop and its owner, signed in."""

    def __init__(self, var, sink):
        self.var, self.port = var, free_port()
        self.url = database_url_at(socket_folder(var))
        self.mail = {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(sink.port)}
        self.process = python(
            var, *("-m", "local.supervisor", "--empty", OWNER),
            PORT=str(self.port), FILES_DIR="", **self.mail,
        )  # fmt: skip
        limit = threading.Timer(LONGEST, self.process.kill)
        limit.start()
        shown = read_until(self.process, "Ctrl-C stops everything")
        limit.cancel()
        password = re.search(r"password +(\S{16})", shown)[1]
        self.browser = Browser(self.port)
        self.browser.post("/login/", username=OWNER, password=password)

    def run(self, *command, code=0):
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=LONGEST,
            env=environment(
                self.var, DJANGO_SETTINGS_MODULE="config.settings", FILES_DIR="",
                **self.mail,
            ),
        )  # fmt: skip
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    def python(self, words):
        return self.run(sys.executable, "-c", words)

    def sql(self, query, *values):
        with psycopg.connect(self.url) as connection:
            return connection.execute(query, values).fetchall()

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=60)


@pytest.fixture
def house(folder):
    var = folder / "house"
    var.mkdir(mode=0o755)
    copy_to(var)
    with running_sink(folder) as sink:
        running = House(var, sink)
        yield running
        running.stop()


def holds(data):
    return MARK.lower().encode() in data.lower()


def tables(house):
    names = house.sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return {
        f"table {name}"
        for (name,) in names
        if house.sql(f'SELECT 1 FROM "{name}" t WHERE t::text ILIKE %s', f"%{MARK}%")
    }


def packed(house):
    socket = redis_url_at(socket_folder(house.var)).split("//")[1].split("?")[0]
    said = json.loads(house.python(f"SOCKET = {socket!r}\n{PACKED}"))
    assert len(said) > 3, "no session and no queue"
    return {f"session or broker: {each[:90]}" for each in said if holds(each.encode())}


def files_below(folder):
    """Files whose content or name holds the mark; the data of PostgreSQL is looked
    through as tables and as a dump."""
    found = set()
    for path in folder.rglob("*"):
        if "postgres" in path.relative_to(folder).parts[:1] or not path.is_file():
            continue
        if holds(str(path).encode()) or holds(path.read_bytes()):
            found.add(str(path.relative_to(folder)))
    return found


def in_backup(house, folder):
    house.run("script/backup", str(folder))
    programs = postgres_bin(Paths(house.var, house.var, house.var, account=None))
    dump = subprocess.run(
        [programs / "pg_restore", "-f", "-", folder / "database.dump"],
        check=True, capture_output=True,
    ).stdout  # fmt: skip
    assert len(dump) > 100_000
    return {"dump" for _ in [0] if holds(dump)} | files_below(folder)


def everywhere(house, backup):
    return (
        tables(house)
        | packed(house)
        | files_below(house.var)
        | in_backup(house, backup)
    )


def live(house):
    """What a person leaves at a shop within a day, typed by them and by the staff."""
    mail = f"{MARK}@example.org"
    stranger, owner = Browser(house.port), house.browser
    seen = [
        owner.post("/customers/new/", given_name=MARK, family_name="Levi", email=mail),
        owner.post("/customers/new/", given_name=MARK, email=f"{MARK} at example"),
        owner.get(f"/customers/?q={MARK}"),
        owner.get(f"/customers/?q={mail}&tag={MARK}"),
        owner.get(f"/customers/{MARK}/"),
        owner.get(f"/{mail}"),
        owner.get(f"/s/{MARK}/"),
        owner.get(f"/api/v1/customers/?search={MARK}"),
        owner.post(
            f"/exports/new/?of=customers&q={MARK}", format="csv", reason=f"{MARK} asked"
        ),
        owner.upload(f"{MARK} people.csv", PEOPLE),
    ]
    seen += [
        stranger.post("/login/", username=mail, password=f"{MARK} secret"),
        stranger.post("/account/forgotten/", email=mail),
    ]
    return {status for status, _ in seen}


def until(true):
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end
        time.sleep(0.5)


def erase_all(house):
    """Each record of them; a mail that leaves at this moment puts it off."""
    query = "SELECT id FROM crm_customer c WHERE c::text ILIKE %s AND erased_at IS NULL"
    for (pk,) in house.sql(query, f"%{MARK}%"):
        until(lambda pk=pk: _erased(house, pk))


def _erased(house, pk):
    status, _ = house.browser.post(f"/customers/{pk}/erase/", is_sure="on")
    return house.sql("SELECT 1 FROM crm_customer WHERE id = %s AND erased_at IS NOT"
                     " NULL", pk)  # fmt: skip


def test_whoever_is_erased_is_nowhere_any_more(house, folder):
    statuses = live(house)
    house.python(YEARS)
    until(
        lambda: (
            not house.sql(
                "SELECT 1 FROM crm_job WHERE kind IN ('import', 'export') AND state IN"
                " ('waiting', 'running') AND created_at > now() - interval '1 hour'"
            )
        )
    )
    before = everywhere(house, folder / "before")
    logs = {path.name for path in (house.var / "log").glob("*") if path.stat().st_size}

    erase_all(house)

    # Beat and the workers have had their turn, and what was open is closed.
    time.sleep(5)
    after = everywhere(house, folder / "after")
    assert {"dump", "files.tar"} <= before
    assert len([name for name in before if name.startswith("table")]) > 20
    assert len([name for name in before if name.startswith("files/")]) > 2
    assert {200, 404, 422} <= statuses
    assert {"web.log", "worker.log"} <= logs
    assert after == set()
