"""The web server as it runs in production, for tests that speak HTTP by hand."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from urllib.parse import quote

from django.db import connection

from tests.local.processes import ROOT
from tests.ports import free_port

# What an answer may take beside slow clients, with room for a busy machine. Where
# threads wait for clients it never comes.
PROMPT = 20.0
ASKED = 10
HEAD = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n"


class Web:
    """A web server on the database of the tests."""

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
        return socket.create_connection(("127.0.0.1", self.port), timeout=60)

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


def read_to_end(wire):
    answer = b""
    with suppress(ConnectionResetError):
        while data := wire.recv(65536):
            answer += data
    return answer
