"""A dozen slow clients do not stop the site: threads never wait for anybody."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, contextmanager, suppress
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection

from config import web_worker
from tests.local.processes import ROOT

pytestmark = pytest.mark.django_db

# What an answer may take beside slow clients, with room for a busy machine. Where
# threads wait for clients it never comes.
PROMPT = 8.0
ASKED = 10
HEAD = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n"


class Web:
    """The web server as it runs in production, on the database of the tests."""

    def __init__(self, folder, **settings):
        self.port = free_port()
        self.log = folder / "web.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "-c", "python:config.gunicorn"],
                cwd=ROOT,
                env=self._environment() | settings,
                stdout=log,
                stderr=log,
            )

    def _environment(self):
        mine = connection.settings_dict
        host, port, name = mine["HOST"], mine["PORT"], mine["NAME"]
        url = f"postgresql://{mine['USER']}@:{port}/{name}?host={quote(host)}"
        return os.environ | {
            "DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "WEB_BIND": f"127.0.0.1:{self.port}",
        }

    def wait_until_ready(self):
        until = time.monotonic() + 60
        while True:
            with suppress(OSError):
                assert self.ask() == 200
                return
            assert time.monotonic() < until, self.log.read_text()[-3000:]
            time.sleep(0.1)

    def ask(self, path="/healthz", timeout=30.0):
        wire = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            wire.request("GET", path)
            answer = wire.getresponse()
            answer.read()
            return answer.status
        finally:
            wire.close()

    def connect(self, **options):
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def say(self, words):
        """The whole answer to what is sent by hand; the server closes."""
        with self.connect() as wire:
            wire.sendall(words)
            return read_to_end(wire)

    def slowest_answer(self):
        """In seconds, of several one after the other."""
        times = []
        for _ in range(ASKED):
            asked = time.monotonic()
            assert self.ask(timeout=PROMPT) == 200
            times.append(time.monotonic() - asked)
            time.sleep(0.1)
        return max(times)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(60)
        finally:
            self.process.kill()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def read_to_end(wire):
    answer = b""
    with suppress(ConnectionResetError):
        while data := wire.recv(65536):
            answer += data
    return answer


@pytest.fixture(scope="module")
def web(tmp_path_factory, django_db_setup):
    server = Web(tmp_path_factory.mktemp("web"))
    server.wait_until_ready()
    yield server
    server.stop()


@contextmanager
def trickling(web, count, words):
    """`count` clients that send the words for ever, a byte at a time."""
    over = threading.Event()
    with ExitStack() as stack:
        wires = [stack.enter_context(web.connect()) for _ in range(count)]
        sent = [0] * count

        def trickle():
            at = 0
            while not over.wait(0.05):
                for number, wire in enumerate(wires):
                    with suppress(OSError):
                        wire.sendall(words[at % len(words) :][:1])
                        sent[number] += 1
                at += 1

        sender = threading.Thread(target=trickle)
        sender.start()
        try:
            yield sent
        finally:
            over.set()
            sender.join()


def test_twelve_clients_that_send_a_byte_at_a_time_stop_nobody(web):
    with trickling(web, 12, HEAD + b"X-Slow: " + b"y" * 2000) as sent:
        slowest = web.slowest_answer()

    assert min(sent) > 5
    assert slowest < PROMPT


def test_twelve_bodies_that_come_a_byte_at_a_time_stop_nobody(web):
    head = b"POST /login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 50000\r\n\r\n"
    with ExitStack() as stack:
        wires = [stack.enter_context(web.connect()) for _ in range(12)]
        for wire in wires:
            wire.sendall(head + b"username=")

        assert web.slowest_answer() < PROMPT


def test_forty_half_sent_headers_stop_nobody(web):
    with ExitStack() as stack:
        wires = [stack.enter_context(web.connect()) for _ in range(40)]
        for wire in wires:
            wire.sendall(HEAD)

        assert web.slowest_answer() < PROMPT


def test_forty_clients_that_do_not_read_their_answer_stop_nobody(web):
    asked = b"GET /static/vendor/tabler.min.css HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    with ExitStack() as stack:
        for _ in range(40):
            wire = stack.enter_context(socket.socket())
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            wire.connect(("127.0.0.1", web.port))
            wire.sendall(asked * 10)

        assert web.slowest_answer() < PROMPT


def test_forty_clients_that_do_not_close_after_the_last_answer_stop_nobody(web):
    with ExitStack() as stack:
        for _ in range(40):
            wire = stack.enter_context(web.connect())
            wire.sendall(HEAD + b"Connection: close\r\n\r\n")

        assert web.slowest_answer() < PROMPT


def test_more_clients_than_places_make_room_for_one_who_asks(web):
    count = 2 * 400 + 100
    with ExitStack() as stack:
        for _ in range(count):
            stack.enter_context(web.connect()).sendall(HEAD)

        assert web.slowest_answer() < PROMPT


# --- It is still a web server ---------------------------------------------------------


def test_a_slow_request_is_answered_in_the_end(web):
    with web.connect() as wire:
        for byte in HEAD + b"Connection: close\r\n\r\n":
            wire.sendall(bytes([byte]))
        answer = read_to_end(wire)

    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert answer.endswith(json.dumps({"status": "ok"}).encode())


def test_a_slow_form_comes_whole(web):
    body = b"x=" + b"y" * 100_000
    head = (
        b"POST /login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        b"Content-Length: %d\r\n\r\n"
    )
    with web.connect() as wire:
        wire.sendall(head % len(body))
        for at in range(0, len(body), 30_000):
            wire.sendall(body[at : at + 30_000])
            time.sleep(0.05)
        answer = read_to_end(wire)

    # The form has no token: the check that says so has read it to its end.
    assert b" 403 " in answer.splitlines()[0]


def test_a_slow_reader_gets_all_of_a_large_answer(web):
    with web.connect() as wire:
        wire.sendall(
            b"GET /static/vendor/tabler.min.css HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            b"Connection: close\r\n\r\n"
        )
        time.sleep(0.5)
        answer = read_to_end(wire)

    sheet = (ROOT / "static/vendor/tabler.min.css").read_bytes()
    assert answer.partition(b"\r\n\r\n")[2] == sheet


def test_a_connection_is_kept_and_requests_may_follow_at_once(web):
    with web.connect() as wire:
        wire.sendall((HEAD + b"\r\n") * 3 + HEAD)
        time.sleep(0.3)
        wire.sendall(b"Connection: close\r\n\r\n")
        answer = read_to_end(wire)

    assert answer.count(b"HTTP/1.1 200 OK") == 4
    assert answer.count(b"Connection: keep-alive") == 3


def test_a_client_that_asks_first_is_told_to_go_on(web):
    with web.connect() as wire:
        wire.sendall(
            b"POST /login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 3\r\n"
            b"Expect: 100-continue\r\nConnection: close\r\n\r\n"
        )
        told = wire.recv(100)
        wire.sendall(b"a=b")
        answer = read_to_end(wire)

    assert told.startswith(b"HTTP/1.1 100 Continue\r\n\r\n")
    assert b"HTTP/1.1 403 " in answer


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (b"X: " + b"y" * 70_000, b"431"),
        (b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n", b"411"),
        (b"Content-Length: 9999999\r\n\r\nabc", b"413"),
        (b"Content-Length: " + b"9" * 30 + b"\r\n\r\nabc", b"400"),
        (b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", b"400"),
        (b"No colon\r\n\r\n", b"400"),
    ],
)
def test_what_cannot_be_a_request_is_refused_and_the_connection_ends(
    web, words, status
):
    answer = web.say(b"POST /login/ HTTP/1.1\r\nHost: 127.0.0.1\r\n" + words)

    assert answer.split(maxsplit=2)[1] == status


CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "words",
    [
        CHUNKED + b"1a\r\nList-Unsubscribe=One-Click\r\n0\r\n\r\n",
        CHUNKED,
        b"Content-Length: 9999999\r\n\r\nabc",
        b"Content-Type: text/plain\r\nContent-Length: 3\r\n\r\nabc",
        b"\r\n",
    ],
)
@pytest.mark.parametrize("path", [b"/u/no-such-token/", b"/u/no-such-token"])
def test_a_one_click_stop_is_answered_however_its_body_comes(web, path, words):
    head = b"POST " + path + b" HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"

    answer = web.say(head + words)

    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert answer.endswith(b"\r\n\r\nOK\n")
    assert b"Location" not in answer


def test_a_length_that_we_read_wrongly_hides_no_second_request(web):
    """The loop takes so many noughts for a nought, and the parser for a length."""
    hidden = HEAD + b"Connection: close\r\n\r\n"
    length = str(len(hidden)).rjust(30, "0").encode()
    with web.connect() as wire:
        wire.sendall(HEAD + b"Content-Length: " + length + b"\r\n\r\n")
        time.sleep(0.5)
        with suppress(OSError):
            wire.sendall(hidden)
        answer = read_to_end(wire)

    assert answer.count(b"HTTP/1.1 ") == 1


def test_a_body_is_waited_for_as_long_as_a_page_takes_it():
    assert web_worker.MOST_REQUEST >= settings.DATA_UPLOAD_MAX_MEMORY_SIZE


def test_a_connection_is_kept_longer_than_a_proxy_keeps_it(web):
    """Caddy's two minutes are the longest of those that are common."""
    from config import gunicorn

    assert gunicorn.keepalive > 120


def test_patience_with_silence_ends(tmp_path):
    server = Web(tmp_path, WEB_KEEPALIVE="1")
    try:
        server.wait_until_ready()
        with server.connect() as idle, server.connect() as kept:
            kept.sendall(HEAD + b"\r\n")
            assert read_to_end(kept).startswith(b"HTTP/1.1 200 OK")
            assert read_to_end(idle) == b""
    finally:
        server.stop()


@pytest.mark.slow
def test_patience_with_half_a_request_ends(web):
    with web.connect() as wire:
        wire.settimeout(web_worker.REQUEST_SECONDS + 15)
        wire.sendall(HEAD)

        assert read_to_end(wire).startswith(b"HTTP/1.1 408 ")


def test_a_stop_waits_for_no_slow_client(tmp_path):
    """As long as it may wait for requests that are being answered."""
    patience = 40
    words = f"--graceful-timeout {patience}"
    server = Web(tmp_path, GUNICORN_CMD_ARGS=words)
    server.wait_until_ready()
    with ExitStack() as stack:
        for _ in range(12):
            stack.enter_context(server.connect()).sendall(HEAD)
        asked = time.monotonic()
        server.stop()

    assert time.monotonic() - asked < patience / 2
    assert server.process.returncode == 0
