"""Servers that take commands in one go (RFC 2920): fewer waits, as exact as before."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from messaging.rules.answers import Meaning
from messaging.transports.base import Answer, Mail
from messaging.transports.smtp import SmtpSender

HANG_UP = "hang up"
MAIL = Mail(
    to="dana@example.org",
    to_name="Dana",
    sender="hello@shop.example",
    sender_name="Shop",
    subject="Hello",
    text="Words.",
    html="<p>Words.</p>",
    message_id="<1@shop.example>",
    date=datetime(2026, 11, 20, 12, 0, tzinfo=UTC),
)


class Server:
    """Answers MAIL, RCPT, DATA and the end of the mail by its script."""

    def __init__(self, said: dict[str, str]) -> None:
        self.said = {"MAIL": "250 ok", "RCPT": "250 ok", "DATA": "354 go on"} | said
        self.reads: list[bytes] = []
        self.bodies = 0

    def talk(self, listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection:
            connection.sendall(b"220 here\r\n")
            while read := connection.recv(65536):
                self.reads.append(read)
                for line in read.split(b"\r\n")[:-1]:
                    reply = self._reply(line.decode())
                    if reply == HANG_UP:
                        return
                    if reply:
                        connection.sendall(f"{reply}\r\n".encode())

    def _reply(self, line: str) -> str:
        verb = line[:4].upper()
        if line == ".":
            self.bodies += 1
            return "250 taken"
        if verb == "EHLO":
            return "250-here\r\n250 PIPELINING"
        if verb in ("RSET", "QUIT"):
            return "250 ok"
        return self.said.get(verb, "")


@contextmanager
def serving(said: dict[str, str], settings) -> Iterator[Server]:
    server, listening = Server(said), socket.create_server(("127.0.0.1", 0))
    settings.EMAIL_HOST, settings.EMAIL_PORT = listening.getsockname()
    settings.EMAIL_TIMEOUT = 2
    thread = threading.Thread(target=server.talk, args=(listening,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listening.close()
        thread.join(5)


def send(said: dict[str, str], settings) -> tuple[Answer, Server]:
    with serving(said, settings) as server:
        sender = SmtpSender()
        sender.open()
        answer = sender.send(sender.pack(MAIL), lambda: True)
        sender.quit()
    return answer, server


def test_three_commands_travel_together(settings):
    answer, server = send({}, settings)

    assert (answer.meaning, server.bodies) == (Meaning.ACCEPTED, 1)
    assert any(
        read.startswith(b"MAIL") and read.endswith(b"DATA\r\n") for read in server.reads
    )


def test_a_refused_recipient_is_that_recipients_and_the_line_stays(settings):
    refusals = {"RCPT": "550 5.1.1 no such user", "DATA": "503 no recipient"}

    answer, server = send(refusals, settings)

    assert (answer.meaning, answer.code) == (Meaning.BOUNCED, 550)
    assert (answer.dropped, server.bodies) == (False, 0)


def test_a_server_that_wants_a_body_for_nobody_gets_none(settings):
    """It would take a dot for a mail: closing is the only way not to end one."""
    answer, server = send({"RCPT": "550 5.1.1 no such user"}, settings)

    assert (answer.meaning, answer.dropped) == (Meaning.BOUNCED, True)
    assert server.bodies == 0


@pytest.mark.parametrize("verb", ["MAIL", "RCPT"])
def test_a_refusal_counts_though_the_server_hangs_up_behind_it(settings, verb):
    refusal = "550 5.7.1 not from you"
    after = {"MAIL": "RCPT", "RCPT": "DATA"}[verb]

    answer, server = send({verb: refusal, after: HANG_UP}, settings)

    assert (answer.code, answer.dropped) == (550, True)
    assert answer.meaning is not Meaning.LATER
    assert server.bodies == 0
