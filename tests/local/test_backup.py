"""A backup is put back a day later, by the commands of docs/operations.md.

Real processes, a real PostgreSQL, a real mail server.
"""

import json
import os
import re
import stat
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from local.backup import database
from local.backup.errors import BackupError
from local.backup.folder import Manifest
from local.backup.put_back import _refuse_newer
from local.embedded.paths import socket_folder
from local.embedded.urls import database_url_at
from tests.bucket import NAME, running_bucket
from tests.local.processes import ROOT, environment
from tests.migrated_cluster import copy_to
from tests.smtp_sink import running_sink

pytestmark = pytest.mark.slow

OPERATIONS = (ROOT / "docs/operations.md").read_text()
DAY, LATER = "2027-03-01T12:00+00:00", "2027-03-02T12:00+00:00"
CUSTOMERS = "external_id,name,email,customer_since\n" + "".join(
    f"{n},Person {n},p{n}@example.org,2026-03-01\n" for n in range(10)
)
# What customers do while the shop is open: one stops, one is erased.
HAPPENED = """
import django
django.setup()
from django.utils import timezone
from crm.models import Customer
from crm.services import personal_data
from messaging.rules.choices import Category
from messaging.services import consent
now = timezone.now()
stopped, erased = Customer.objects.order_by("pk")[:2]
consent.withdraw(stopped, categories=[Category.LOYALTY], how="stop_page", now=now)
personal_data.erase(erased, now=now)
"""


# run_due and deliver by one process: to start one takes seconds.
DAY_OF_MAIL = """
import sys
import django
from django.core.management import call_command
django.setup()
call_command("run_due", "--at", sys.argv[1])
call_command("deliver", "--at", sys.argv[1], "--json")
"""


def words(line, folder):
    """A line of docs/operations.md, with a place of the test's own for the backups."""
    assert line in OPERATIONS, f"not in docs/operations.md: {line}"
    return line.replace("/backups", str(folder)).split()


class Shop:
    def __init__(self, var, folder, sink):
        self.var, self.folder, self.sink = var, folder, sink
        self.url = database_url_at(socket_folder(var))
        self.env = environment(
            var,
            EMAIL_HOST="127.0.0.1",
            EMAIL_PORT=str(sink.port),
            SECRET_KEY="",
            # As in a new shop: the files of other tests are none of its.
            FILES_DIR="",
            DJANGO_SETTINGS_MODULE="config.settings",
        )

    def run(self, *command, code=0, more=None):
        if command[0] == "./manage.py":
            command = (sys.executable, "manage.py", *command[1:])
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=self.env | (more or {}),
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def documented(self, line, *more, code=0):
        return self.run(*words(line, self.folder), *more, code=code)

    def manage(self, *command):
        return self.run("./manage.py", *command)

    def sql(self, query):
        with psycopg.connect(self.url) as connection:
            return connection.execute(query).fetchall()

    def a_day_of_mail(self, at):
        shown = self.run(sys.executable, "-c", DAY_OF_MAIL, at)
        return json.loads(next(x for x in shown.splitlines() if x.startswith("{")))


@pytest.fixture(scope="module")
def shop(folder):
    """Open, with ten customers whose anniversary is due; its servers run."""
    var = folder / "shop"
    var.mkdir(mode=0o755)
    copy_to(var)
    with running_sink(folder) as sink:
        made = Shop(var, folder / "backups", sink)
        keeper = subprocess.Popen(
            [sys.executable, "-c", KEEP_SERVERS],
            cwd=ROOT,
            env=made.env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert keeper.stdout.readline() == "ready\n"
        made.documented("./manage.py migrate")
        made.documented("./manage.py first_owner you@shop.example")
        (folder / "customers.csv").write_text(CUSTOMERS)
        made.manage(
            "import_customers", str(folder / "customers.csv"), "--ground", "They asked"
        )
        made.manage("automation", "anniversary", "on", "--at", "2027-02-01T00:00+00:00")
        (var / "files").mkdir()
        (var / "files/export.csv").write_text("of that day")
        made.documented("script/backup /backups/monday")
        yield made
        keeper.communicate()


KEEP_SERVERS = """
import sys
from local.embedded import ensure
with ensure():
    print("ready", flush=True)
    sys.stdin.read()
"""


def test_a_backup_holds_the_files_of_a_bucket_or_says_that_it_does_not(shop):
    with running_bucket() as server:
        server.put("files/2027-02/one", b"of the bucket")
        bucket, target = server.environment(), shop.folder / "of-a-bucket"

        shown = shop.run("script/backup", str(target), more=bucket)
        less = shop.run(
            *("script/backup", f"{target}-less", "--without-files"), more=bucket
        )

    assert f"1, out of the bucket {NAME}" in shown
    with tarfile.open(target / "files.tar") as archive:
        assert archive.extractfile("files/2027-02/one").read() == b"of the bucket"
    assert "FILES_OPTION_BUCKET_NAME" in (target / "settings.env").read_text()
    assert f"lie in the bucket {NAME} and are not in it" in less
    assert not Path(f"{target}-less", "files.tar").exists()


@dataclass
class Story:
    """What was printed on the way, and how many mails left at each of four times."""

    refused: str
    restored: str
    doctor: str
    unanswered: str
    released: str
    sent: list[int]


@pytest.fixture(scope="module")
def story(shop):
    """A day of business, and the copy of the day before put back over it."""
    first = shop.a_day_of_mail(DAY)
    shop.run(sys.executable, "-c", HAPPENED)
    (shop.var / "files/export.csv").write_text("of today")

    refused = shop.documented("script/restore /backups/monday", "--yes", code=1)
    shown = shop.documented("script/restore /backups/monday", "--replace", "--yes")
    held = shop.a_day_of_mail(DAY)
    doctor = shop.run("./manage.py", "doctor", code=1)
    unanswered = shop.documented("./manage.py after_restore")
    released = shop.documented("./manage.py after_restore", "--yes")
    after = shop.a_day_of_mail(DAY)
    later = shop.a_day_of_mail(LATER)
    sent = [one["sent"] for one in (first, held, after, later)]
    return Story(refused, shown, doctor, unanswered, released, sent)


def test_a_day_old_copy_over_a_busy_shop_sends_nothing_again(shop, story):
    assert "There is a shop in this database already" in story.refused
    assert "no mail leaves yet" in story.restored
    assert "the database was put back" in story.doctor
    assert "stays held" in story.unanswered
    assert "Mail leaves again" in story.released
    assert story.sent == [10, 0, 0, 0]
    assert len(shop.sink.recipients) == len(set(shop.sink.recipients)) == 10
    assert shop.sql("SELECT count(*) FROM messaging_message WHERE state = 'sent'") == [
        (10,)
    ]
    assert shop.sql("SELECT granted, how FROM messaging_consent") == [
        (False, "stop_page")
    ]
    assert shop.sql(
        "SELECT count(*) FROM crm_customer WHERE given_name = '' AND email = ''"
        " AND erased_at IS NOT NULL"
    ) == [(1,)]
    assert (shop.var / "files/export.csv").read_text() == "of that day"


def test_a_backup_is_for_its_owner_only_and_holds_the_key(shop):
    backup = shop.folder / "monday"
    key = (shop.var / "secret_key").read_text()

    modes = {
        path.name: stat.S_IMODE(path.stat().st_mode)
        for path in [backup, *backup.iterdir()]
    }

    assert f"SECRET_KEY={key}\n" in (backup / "settings.env").read_text()
    assert modes["monday"] == 0o700
    assert modes["settings.env"] == modes["database.dump"] == 0o600


def test_a_damaged_backup_changes_nothing(shop):
    copy = shop.folder / "damaged"
    subprocess.run(["cp", "-a", shop.folder / "monday", copy], check=True)
    with (copy / "database.dump").open("r+b") as file:
        file.seek(2000)
        file.write(b"xxxx")
    before = shop.sql("SELECT count(*), max(id) FROM crm_auditentry")

    shown = shop.run("script/restore", str(copy), "--replace", "--yes", code=1)

    assert "database.dump" in shown
    assert "damaged" in shown
    assert shop.sql("SELECT count(*), max(id) FROM crm_auditentry") == before


def test_a_restore_that_fails_half_way_leaves_the_shop_as_it_was(shop):
    """The checksums fit, and the dump is none that PostgreSQL can read to its end."""
    copy = shop.folder / "cut"
    subprocess.run(["cp", "-a", shop.folder / "monday", copy], check=True)
    dump, manifest = copy / "database.dump", copy / "backup.json"
    dump.write_bytes(dump.read_bytes()[:-20_000])
    output = json.loads(manifest.read_text())
    output["sha256"]["database.dump"] = subprocess.run(
        ["sha256sum", dump], capture_output=True, text=True, check=True
    ).stdout.split()[0]
    manifest.write_text(json.dumps(output))

    shop.run("script/restore", str(copy), "--replace", "--yes", code=1)

    assert shop.sql("SELECT count(*) FROM crm_customer") == [(10,)]


def test_others_that_are_connected_are_not_cut_off(shop):
    with psycopg.connect(shop.url):
        shown = shop.run(
            *("script/restore", str(shop.folder / "monday"), "--replace", "--yes"),
            code=1,
        )

    assert "1 others are connected" in shown


def test_a_backup_of_a_later_version_is_refused(shop):
    copy = shop.folder / "newer"
    subprocess.run(["cp", "-a", shop.folder / "monday", copy], check=True)
    output = json.loads((copy / "backup.json").read_text())
    output["migrations"].append("crm.9999_of_next_year")
    (copy / "backup.json").write_text(json.dumps(output))

    shown = shop.run("script/restore", str(copy), "--replace", "--yes", code=1)

    assert "crm.9999_of_next_year" in shown


def test_a_backup_of_before_a_squash_is_of_no_later_version():
    gone = "crm.0001_squashed_0052_index_given_names"
    older = Manifest("", 18, [gone, "crm.0052_index_given_names"], {})
    newer = Manifest("", 18, ["crm.0001_squashed_9999_of_next_year"], {})

    _refuse_newer(older)
    with pytest.raises(BackupError, match="9999_of_next_year"):
        _refuse_newer(newer)


def test_a_folder_that_is_there_is_no_place_for_a_backup(shop):
    shown = shop.documented("script/backup /backups/monday", code=1)

    assert "is there already" in shown


def test_no_number_is_given_a_second_time(shop, story):
    """A link in a mail that left since the copy names a record by its number."""
    ((last,),) = shop.sql("SELECT max(id) FROM crm_customer")
    ((given,),) = shop.sql("SELECT nextval('crm_customer_id_seq')")

    assert given > last + 9_000_000


def test_what_waits_is_sent_when_a_person_decides_so(shop, story):
    shop.documented("script/backup /backups/before-upgrade")

    shown = shop.documented("./manage.py after_restore --send-waiting anniversary")

    assert "0 mails go now" in shown


def test_a_copy_of_a_folder_goes_back_into_a_bucket(shop, story):
    """The files of a folder, since the settings name a bucket by now."""
    command = ("script/restore", str(shop.folder / "monday"), "--replace", "--yes")
    with running_bucket() as server:
        shown = shop.run(*command, more=server.environment())
        assert server.keys() == {"export.csv"}
    assert f"1 put back to the bucket {NAME}" in shown


@pytest.mark.parametrize(
    ("server", "installed", "chosen"),
    [(15, [15, 18], 15), (16, [15, 18], 18), (18, [15], None), (18, [], None)],
)
def test_programs_fit_the_server(monkeypatch, server, installed, chosen):
    folders = [(Path(f"/usr/lib/postgresql/{one}/bin"), one) for one in installed]
    monkeypatch.setattr(database, "_installed", lambda: iter(folders))

    if chosen:
        assert database.programs(server).parts[-2] == str(chosen)
        return
    with pytest.raises(BackupError, match="postgresql-client-18"):
        database.programs(server)


def test_every_command_of_the_page_is_run_here():
    """But for git, which is the person's own."""
    blocks = re.findall(r"```sh\n(.*?)```", OPERATIONS, re.S)
    lines = {line for block in blocks for line in block.splitlines()} - {"git pull"}
    here = Path(__file__).read_text()

    assert len(lines) > 5
    assert {line for line in lines if f'documented("{line}"' not in here} == set()
    assert os.access(ROOT / "script/backup", os.X_OK)
    assert os.access(ROOT / "script/restore", os.X_OK)
