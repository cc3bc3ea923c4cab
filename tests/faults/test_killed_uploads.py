"""Web processes are killed while a file goes up and while one comes down, and in the
middle of starting an import and its undo."""

import hashlib
import http.client
import io
import os
import signal
import threading
import time
from contextlib import suppress
from datetime import timedelta
from urllib.parse import urlencode

import psutil
import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from crm.access import Capability
from crm.models import AuditEntry, ImportDraft, ImportRun, Job, StoredFile
from crm.services import files, retention
from crm.services.imports.runner import import_customers
from crm.services.imports.running import Options
from tests.committed import committed_rows
from tests.config.test_uploads import Browser, rows
from tests.config.web_server import Web
from tests.crm.importing import file_of
from tests.factories import UserFactory
from tests.faults.mails import wait_until

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.django_db]

MB = 1024 * 1024
SIZE = 24 * MB


@pytest.fixture(scope="module")
def web(tmp_path_factory, django_db_setup, django_db_blocker):
    """One web process at a time, which works in folders of its own."""
    folder = tmp_path_factory.mktemp("web")
    server = Web(folder, WEB_WORKERS="1", PERENNIAL_VAR=str(folder), TMPDIR=str(folder))
    server.folder = folder
    with committed_rows(django_db_blocker):
        server.wait_until_ready()
        client = Client()
        owner = UserFactory(role="owner")
        client.force_login(owner)
        server.file = stored_export(owner)
        server.run = brought_in(folder)
        server.people = {"owner": client.cookies["sessionid"].value}
        yield server
        server.stop()


def stored_export(by):
    return files.store(
        io.BytesIO(b"".join(rows(2 * SIZE)[0])),
        name="customers.csv",
        content_type="text/csv",
        capability=Capability.EXPORT_DATA,
        by=by,
        now=timezone.now(),
    )


def brought_in(folder):
    """A run that can be taken back."""
    path = file_of(folder, "external_id,name\nC1,Dana\n")
    now = timezone.now()
    import_customers(path, Options(), now=now, progress=lambda done, total: None)
    path.unlink()
    return ImportRun.objects.get()


def uploaded():
    return StoredFile.objects.filter(capability=Capability.IMPORT_DATA.value)


def kill_worker(web):
    """The process that answers; the master starts another one."""
    [worker] = psutil.Process(web.process.pid).children()
    os.kill(worker.pid, signal.SIGKILL)
    psutil.wait_procs([worker], timeout=10)
    web.wait_until_ready()


def cut_off(pieces, web, after):
    """The pieces of a file, and a kill once so many bytes are on their way."""
    sent = 0
    for piece in pieces:
        yield piece
        sent += len(piece)
        if sent >= after:
            kill_worker(web)
            after = float("inf")


def send(browser, web, *, killed_after=float("inf")):
    """The status of an upload; 0 where the connection broke."""
    pieces, size = rows(SIZE)
    with suppress(OSError, http.client.HTTPException):
        return browser.send(cut_off(pieces, web, killed_after), size)[0]
    return 0


def left_behind(web):
    """Files with a name, but for the log and the mark of the storage."""
    private = settings.PRIVATE_STORAGE["OPTIONS"]["location"]
    names = set()
    for folder in (web.folder, private, settings.FILE_UPLOAD_TEMP_DIR):
        for place, _, found in os.walk(folder):
            names |= {os.path.join(place, name) for name in found}
    return {
        name
        for name in names
        if not name.endswith((".log", ".lock", "secret_key", "/files"))
    }


def test_a_file_cut_off_on_its_way_up_leaves_nothing_and_goes_again(web):
    browser = Browser(web, "owner")
    before = left_behind(web)

    broken = [send(browser, web, killed_after=SIZE * n // 5) for n in (1, 3, 4)]

    assert broken == [0, 0, 0]
    assert left_behind(web) == before
    assert (uploaded().count(), ImportDraft.objects.count()) == (0, 0)
    assert not AuditEntry.objects.filter(action="import.uploaded").exists()
    assert send(browser, web) == 303
    assert uploaded().get().size == rows(SIZE)[1]
    assert AuditEntry.objects.filter(action="import.uploaded").count() == 1


def test_a_kill_while_it_is_stored_leaves_it_whole_or_not_at_all(web):
    browser = Browser(web, "owner")
    stored, before = uploaded().count(), left_behind(web)

    # It is written three times: as it comes in, out of the form, into the storage.
    statuses = [send_and_kill(browser, web, times) for times in (1.5, 2.5, 2.9)]
    assert statuses == [0, 0, 0]
    retention.purge(now=timezone.now() + timedelta(days=2))

    sizes = [file.size for file in uploaded()]
    assert set(sizes) <= {rows(SIZE)[1]}
    assert len(sizes) >= stored
    assert ImportDraft.objects.count() == len(sizes)
    kept = {name for name in left_behind(web) if f"/{files.FOLDER}/20" in name}
    assert left_behind(web) - kept <= before
    assert {"/".join(name.split("/")[-3:]) for name in kept} == {
        file.key for file in StoredFile.objects.all()
    }


def send_and_kill(browser, web, times):
    """Kill the process once it has written the file so many times."""
    killer = threading.Thread(target=kill_when_written, args=[web, times * SIZE])
    killer.start()
    status = send(browser, web)
    killer.join()
    return status


def kill_when_written(web, many):
    [worker] = psutil.Process(web.process.pid).children()
    before = worker.io_counters().write_chars
    until = time.monotonic() + 60
    while worker.io_counters().write_chars < before + many:
        assert time.monotonic() < until
        time.sleep(0.001)
    kill_worker(web)


def test_an_export_cut_off_on_its_way_down_comes_whole_the_next_time(web):
    file = web.file
    browser = Browser(web, "owner")

    answer = browser.get(f"/files/{file.pk}/")
    beginning = answer.read(MB)
    assert int(answer.headers["Content-Length"]) == file.size
    kill_worker(web)
    with pytest.raises((http.client.IncompleteRead, OSError)):
        answer.read()
    again = browser.get(f"/files/{file.pk}/").read()

    assert len(beginning) == MB
    assert len(again) == file.size
    assert hashlib.sha256(again).hexdigest() == file.sha256


def press(browser, path):
    """The status and the address of the answer; 0 where the connection broke."""
    words = urlencode({"csrfmiddlewaretoken": browser.token})
    head = {
        "Cookie": browser.cookies,
        "Content-Type": "application/x-www-form-urlencoded",
    }
    wire = http.client.HTTPConnection("127.0.0.1", browser.web.port, timeout=60)
    with suppress(OSError, http.client.HTTPException):
        wire.request("POST", path, body=words, headers=head)
        answer = wire.getresponse()
        return answer.status, answer.headers["Location"]
    return 0, ""


def press_and_kill(browser, path, *, table):
    """Kill the process that answers while it waits for this table, in the middle of
    its transaction."""
    answers = []
    pressing = threading.Thread(target=lambda: answers.append(press(browser, path)))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")
        pressing.start()
        wait_until(lambda: locks_of(table, is_granted=False), 30)
        kill_worker(browser.web)
        transaction.set_rollback(True)
    pressing.join()
    wait_until(lambda: not locks_of(table, is_granted=True), 30)
    return answers[0][0]


def locks_of(table, *, is_granted):
    with connection.cursor() as cursor:
        cursor.execute(
            # Copies of one database have the same ids.
            "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
            " WHERE d.datname = current_database() AND relation = %s::regclass"
            " AND granted = %s AND pid <> pg_backend_pid()",
            [table, is_granted],
        )
        return cursor.fetchone()[0]


def words_of(browser, path):
    return browser.get(path).read().decode()


@pytest.mark.pipeline
def test_a_kill_in_the_middle_of_a_start_or_an_undo_leaves_nothing_half_done(web):
    browser = Browser(web, "owner")
    small = b"name,email\nDana,dana@example.org\n"
    assert browser.send([small], len(small))[0] == 303
    draft = ImportDraft.objects.latest("pk")
    start, run = f"/imports/{draft.pk}/start/", f"/imports/runs/{web.run.pk}/"
    undo = f"{run}undo/"

    assert press_and_kill(browser, start, table="crm_importmapping") == 0
    assert press_and_kill(browser, undo, table="crm_auditentry") == 0

    draft.refresh_from_db()
    assert (draft.run, ImportRun.objects.get()) == (None, web.run)
    assert ImportRun.objects.get().undo_state == ""
    assert not Job.objects.exists()
    waiting = words_of(browser, "/imports/").partition("Not brought in yet")[2]
    assert f"/imports/{draft.pk}/" in waiting
    assert "Can be taken back until" in words_of(
        browser, f"/imports/runs/{web.run.pk}/"
    )
    # The next press does it, once.
    [(status, page), _] = [press(browser, start), press(browser, start)]
    assert (status, ImportRun.objects.count(), Job.objects.count()) == (303, 2, 1)
    assert "You can leave this page" in words_of(browser, page)
    assert press(browser, undo)[0] == 303
    assert ImportRun.objects.get(pk=web.run.pk).undo_state == "running"
    assert Job.objects.count() == 2
