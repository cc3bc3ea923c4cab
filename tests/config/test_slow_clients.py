"""A dozen slow clients do not stop the site: threads never wait for anybody."""

import json
import signal
import socket
import threading
import time
from contextlib import ExitStack, contextmanager, suppress

import pytest
from django.conf import settings
from django.db import connection, transaction

from tests.config.web_server import HEAD, PROMPT, Web, read_to_end
from tests.local.processes import ROOT
from web.server.wire import MOST_REQUEST
from web.server.worker import REQUEST_SECONDS

pytestmark = pytest.mark.django_db

LARGE = ROOT / "static/vendor/tabler.min.css"


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


@pytest.mark.slow
def test_twelve_clients_that_send_a_byte_at_a_time_block_no_one_else(web):
    with trickling(web, 12, HEAD + b"X-Slow: " + b"y" * 2000) as sent:
        slowest = web.slowest_answer()

    assert min(sent) > 5
    assert slowest < PROMPT


def test_twelve_bodies_that_come_a_byte_at_a_time_block_no_one_else(web):
    head = b"POST /login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 50000\r\n\r\n"
    with ExitStack() as stack:
        wires = [stack.enter_context(web.connect()) for _ in range(12)]
        for wire in wires:
            wire.sendall(head + b"username=")

        assert web.slowest_answer() < PROMPT


def test_forty_half_sent_headers_block_no_one_else(web):
    with ExitStack() as stack:
        wires = [stack.enter_context(web.connect()) for _ in range(40)]
        for wire in wires:
            wire.sendall(HEAD)

        assert web.slowest_answer() < PROMPT


def test_forty_clients_that_do_not_read_their_answer_block_no_one_else(web):
    asked = b"GET /static/vendor/tabler.min.css HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    with ExitStack() as stack:
        for _ in range(40):
            wire = stack.enter_context(socket.socket())
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            wire.connect(("127.0.0.1", web.port))
            wire.sendall(asked * 10)

        assert web.slowest_answer() < PROMPT


def test_forty_clients_that_do_not_close_after_the_last_answer_block_no_one_else(web):
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

    # The form has no token: the check that finds this has read it to its end.
    assert b" 403 " in answer.splitlines()[0]


def test_a_slow_reader_gets_all_of_a_large_answer(web):
    with web.connect() as wire:
        wire.sendall(
            b"GET /static/vendor/tabler.min.css HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            b"Connection: close\r\n\r\n"
        )
        time.sleep(0.5)
        answer = read_to_end(wire)

    assert answer.partition(b"\r\n\r\n")[2] == LARGE.read_bytes()


def test_a_connection_is_kept_and_requests_may_follow_at_once(web):
    with web.connect() as wire:
        wire.sendall((HEAD + b"\r\n") * 3 + HEAD)
        time.sleep(0.3)
        wire.sendall(b"Connection: close\r\n\r\n")
        answer = read_to_end(wire)

    assert answer.count(b"HTTP/1.1 200 OK") == 4
    assert answer.count(b"Connection: keep-alive") == 3


def test_a_client_that_asks_first_gets_100_continue(web):
    with web.connect() as wire:
        wire.sendall(
            b"POST /login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 3\r\n"
            b"Expect: 100-continue\r\nConnection: close\r\n\r\n"
        )
        output = wire.recv(100)
        wire.sendall(b"a=b")
        answer = read_to_end(wire)

    assert output.startswith(b"HTTP/1.1 100 Continue\r\n\r\n")
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
    assert MOST_REQUEST >= settings.DATA_UPLOAD_MAX_MEMORY_SIZE


def test_a_connection_is_kept_longer_than_a_proxy_keeps_it(web):
    """Caddy's two minutes are the longest of those that are common."""
    from config import gunicorn

    assert gunicorn.keepalive > 120


@pytest.mark.slow
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
        wire.settimeout(REQUEST_SECONDS + 15)
        wire.sendall(HEAD)

        assert read_to_end(wire).startswith(b"HTTP/1.1 408 ")


@pytest.mark.slow
def test_a_stop_waits_for_answers_and_for_no_slow_client(tmp_path):
    """Slow clients are hung up on while a request in a thread is still waited for.

    No time is asserted: a stop that waits for slow clients is cut short before their
    patience ends, and the answer is lost.
    """
    patience = int(REQUEST_SECONDS) - 1
    arguments = f"--graceful-timeout {patience}"
    server = Web(
        tmp_path,
        GUNICORN_CMD_ARGS=arguments,
        WEB_WORKERS="1",
        PGOPTIONS="-c lock_timeout=60s -c statement_timeout=60s",
    )
    server.wait_until_ready()
    with ExitStack() as stack:
        stack.callback(server.process.kill)
        slow = [stack.enter_context(server.connect()) for _ in range(12)]
        for wire in slow[:2]:
            wire.sendall(HEAD)
        asked = stack.enter_context(server.connect())
        with sessions_locked():
            asked.sendall(ASKED_WITH_A_SESSION)
            # Connections are accepted in turn, so all are by now.
            wait_until_somebody_waits_for_the_lock()
            server.process.send_signal(signal.SIGTERM)
            # Some while the worker is stopping.
            for wire in slow[2:]:
                time.sleep(0.1)
                with suppress(OSError):
                    wire.sendall(HEAD)
            for wire in slow:
                wire.settimeout(2 * patience)
                assert read_to_end(wire) == b""
        answer = read_to_end(asked)

        assert answer.startswith(b"HTTP/1.1 200 OK")
        assert server.process.wait(60) == 0


ASKED_WITH_A_SESSION = (
    b"GET /login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
    b"Cookie: sessionid=" + b"x" * 32 + b"\r\n\r\n"
)


@contextmanager
def sessions_locked():
    """Whoever reads a session waits until this is left."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE django_session")
        yield
        transaction.set_rollback(True)


def wait_until_somebody_waits_for_the_lock():
    until = time.monotonic() + 60
    with connection.cursor() as cursor:
        while time.monotonic() < until:
            cursor.execute(
                "SELECT 1 FROM pg_locks WHERE NOT granted"
                " AND relation = 'django_session'::regclass"
            )
            if cursor.fetchone():
                return
            time.sleep(0.05)
    raise AssertionError("nobody reads a session")
