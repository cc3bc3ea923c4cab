"""A real gunicorn on the database of the running test."""

import http.client
import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from local.embedded.paths import BASE_DIR
from local.embedded.process import spawn, stop
from tests.faults.workers import url_of_test_database
from tests.ports import free_port


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes


@dataclass(frozen=True)
class Web:
    port: int
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str] | None = None,
        body: str | None = None,
    ) -> Answer:
        """`target` goes over the wire as it is."""
        wire = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            wire.request(method, target, body, dict(headers or {}))
            answer = wire.getresponse()
            return Answer(answer.status, answer.read())
        finally:
            wire.close()


@contextmanager
def running_web(folder: Path, *words: str, **env: str) -> Iterator[Web]:
    """`words` go to gunicorn, `env` into its environment."""
    web = Web(free_port(), folder / "web.log")
    child = spawn(
        [sys.executable, "-m", "gunicorn", "-c", "python:config.gunicorn", *words],
        log=web.log,
        death_signal=signal.SIGKILL,
        cwd=BASE_DIR,
        env=os.environ
        | {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": url_of_test_database(),
            "PERENNIAL_VAR": str(folder),
            "WEB_BIND": f"127.0.0.1:{web.port}",
            "WEB_WORKERS": "1",
            **env,
        },
    )
    try:
        _wait(web)
        yield web
    finally:
        stop(child, [(signal.SIGTERM, 15.0)])


def _wait(web: Web) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            web.ask("GET", "/healthz")
            return
        except OSError:
            assert time.monotonic() < until, web.log.read_text()[-3000:]
            time.sleep(0.1)
