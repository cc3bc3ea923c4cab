"""Files of up to 200 MB through the real web server: on disk, never in memory."""

import http.client
import re
import threading
from contextlib import suppress
from pathlib import Path

import pytest
from django.test import Client

from crm.models import StoredFile
from tests.committed import committed_rows
from tests.config.web_server import PROMPT, Web
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

MB = 1024 * 1024
BOUNDARY = "perennial-test"
LINE = b"C%09d,Dana Levi,dana%09d@example.org,Herzl 3,Haifa,a note that fills the row\n"


@pytest.fixture(scope="module")
def web(tmp_path_factory, django_db_setup, django_db_blocker):
    folder = tmp_path_factory.mktemp("web")
    server = Web(folder, WEB_WORKERS="1", WEB_THREADS="2", PERENNIAL_VAR=str(folder))
    with committed_rows(django_db_blocker):
        server.wait_until_ready()
        server.people = {
            role: session_of(role) for role in ("manager", "owner", "agent")
        }
        yield server
        server.stop()


def session_of(role):
    client = Client()
    client.force_login(UserFactory(role=role))
    return client.cookies["sessionid"].value


@pytest.fixture
def stored(web):
    """What the server commits stays beyond a test."""
    return StoredFile.objects.count()


class Browser:
    """Somebody who may bring files in, on the real wire."""

    def __init__(self, web, role="manager"):
        self.web = web
        self.cookies = f"sessionid={web.people[role]}"
        page = self.get("/imports/new/")
        if page.status == 200:
            words = page.read().decode()
            csrf = re.search(r"csrftoken=([^;]+)", page.headers["Set-Cookie"])[1]
            self.cookies += f"; csrftoken={csrf}"
            self.address = re.search(r'action="(/imports/upload/[^"]+)"', words)[1]
            name = 'name="csrfmiddlewaretoken" value="([^"]+)"'
            self.token = re.search(name, words)[1]

    def get(self, path):
        wire = http.client.HTTPConnection("127.0.0.1", self.web.port, timeout=60)
        wire.request("GET", path, headers={"Cookie": self.cookies})
        return wire.getresponse()

    def send(self, content, size, address=None):
        """`content`: pieces of the file. Returns status and text of the answer."""
        head = (
            f"--{BOUNDARY}\r\nContent-Disposition: form-data; name="
            f'"csrfmiddlewaretoken"\r\n\r\n{self.token}\r\n--{BOUNDARY}\r\n'
            'Content-Disposition: form-data; name="file"; filename="people.csv"\r\n'
            "Content-Type: text/csv\r\n\r\n"
        ).encode()
        tail = f"\r\n--{BOUNDARY}--\r\n".encode()
        wire = http.client.HTTPConnection("127.0.0.1", self.web.port, timeout=120)
        wire.putrequest("POST", address or self.address)
        wire.putheader("Cookie", self.cookies)
        wire.putheader("Content-Type", f"multipart/form-data; boundary={BOUNDARY}")
        wire.putheader("Content-Length", str(len(head) + size + len(tail)))
        wire.endheaders()
        for piece in (head, *content, tail):
            wire.send(piece)
        answer = wire.getresponse()
        return answer.status, answer.read().decode()


def rows(size):
    """A table of about `size` bytes, in pieces of a megabyte, and its length."""
    header = b"external_id,name,email,street,city,note\n"
    length = len(LINE % (0, 0))
    count = size // length
    per_piece = MB // length

    def pieces():
        yield header
        for start in range(0, count, per_piece):
            stop = min(start + per_piece, count)
            yield b"".join(LINE % (number, number) for number in range(start, stop))

    return pieces(), len(header) + count * length


def worker_of(web):
    """The process that answers: the only child of the one that was started."""
    children = Path(f"/proc/{web.process.pid}/task/{web.process.pid}/children")
    return children.read_text().split()[0]


def most_memory(process):
    """The most that it ever had in memory, in bytes."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024


@pytest.mark.slow
def test_a_file_larger_than_a_form_comes_in(web):
    content, size = rows(3 * MB)

    assert Browser(web).send(content, size)[0] == 303
    assert StoredFile.objects.latest("pk").size == size


def test_without_a_ticket_nothing_larger_than_a_form_is_received(web):
    """Not a byte of the body is waited for."""
    address = Browser(web).address.replace(":", "x")
    head = f"POST {address} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 3000000"

    assert b" 413 " in web.say(head.encode() + b"\r\n\r\n").split(b"\r\n")[0]


def test_the_ticket_of_a_colleague_is_not_ones_own(web):
    content, size = rows(3 * MB)
    somebody, colleague = Browser(web), Browser(web, role="owner")

    status, words = somebody.send(content, size, colleague.address)

    assert status == 422
    assert "stood open too long" in words


def test_whoever_may_not_import_hands_up_nothing(web, stored):
    content, size = rows(2 * MB)
    manager, agent = Browser(web), Browser(web, role="agent")
    agent.token = manager.token

    assert agent.send(content, size, manager.address)[0] == 403
    assert StoredFile.objects.count() == stored


@pytest.mark.slow
def test_pages_are_answered_while_a_file_trickles_in(web):
    """The loop collects it: no thread waits for it."""
    somebody = Browser(web)
    over = threading.Event()

    def trickle():
        for _ in range(40):
            if over.wait(0.1):
                return
            yield b"x" * 60_000

    senders = [
        threading.Thread(target=lambda: _try(somebody, trickle())) for _ in range(6)
    ]
    for sender in senders:
        sender.start()
    try:
        assert web.slowest_answer() < PROMPT
    finally:
        over.set()
        for sender in senders:
            sender.join()


def _try(browser, content):
    with suppress(OSError, http.client.HTTPException):
        browser.send(content, 40 * MB)


@pytest.mark.slow
def test_150_megabytes_do_not_sit_in_memory(web):
    somebody = Browser(web)
    worker = worker_of(web)
    before = most_memory(worker)
    content, size = rows(150 * MB)

    status, _ = somebody.send(content, size)

    assert status == 303
    assert StoredFile.objects.latest("pk").size == size
    assert most_memory(worker) - before < 60 * MB


@pytest.mark.slow
def test_more_than_200_megabytes_are_refused_in_words(web, stored):
    content, size = rows(201 * MB)

    status, words = Browser(web).send(content, size)

    assert status == 413
    assert "larger than 200 MB" in words
    assert StoredFile.objects.count() == stored
