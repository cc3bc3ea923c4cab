"""Web processes are killed while a file goes up, and while one comes down."""

import hashlib
import http.client
import io
import os
import signal
import threading
import time
from contextlib import suppress
from datetime import timedelta

import psutil
import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from crm.access import Capability
from crm.models import AuditEntry, ImportDraft, StoredFile
from crm.services import files, retention
from tests.committed import committed_rows
from tests.config.test_uploads import Browser, rows
from tests.config.web_server import Web
from tests.factories import UserFactory

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
        client.force_login(UserFactory(role="owner"))
        server.file = stored_export()
        server.people = {"owner": client.cookies["sessionid"].value}
        yield server
        server.stop()


def stored_export():
    return files.store(
        io.BytesIO(b"".join(rows(2 * SIZE)[0])),
        name="customers.csv",
        content_type="text/csv",
        capability=Capability.EXPORT_DATA,
        by=None,
        now=timezone.now(),
    )


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
