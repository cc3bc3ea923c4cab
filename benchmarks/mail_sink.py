"""A mail server of a process of its own, and what it took."""

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def sink() -> Iterator[tuple[int, Callable[[], dict[str, int]]]]:
    listening = socket.create_server(("127.0.0.1", 0), backlog=64)
    listening.set_inheritable(True)
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.fast_sink", str(listening.fileno())],
        pass_fds=[listening.fileno()],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )

    def took() -> dict[str, int]:
        process.send_signal(signal.SIGTERM)
        return json.loads(process.communicate(timeout=30)[0])

    try:
        yield listening.getsockname()[1], took
    finally:
        # What it took is asked after the block: the process lives until then.
        listening.close()


def check(took: dict[str, int], mails: int) -> None:
    assert took["mails"] == took["recipients"] == mails, took
    assert took["repeated"] == 0, took
