"""The web servers of `script/bench answers`: two processes, four threads each."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

from benchmarks import database

ROOT = Path(__file__).resolve().parent.parent
GUNICORN = ("-m", "gunicorn", "-c", "python:config.gunicorn")
GRANIAN = (
    *("-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"),
    *("--workers", "2", "--blocking-threads", "4", "--log-level", "warning"),
)


@dataclass(frozen=True)
class Served:
    port: int
    session: int


@contextmanager
def serving(server: str, settings: str, name: str) -> Iterator[Served]:
    """A server that runs these settings on that database."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, *command(server, port)],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": settings,
            "DATABASE_URL": database.url(name),
            "WEB_BIND": f"127.0.0.1:{port}",
            "LOG_LEVEL": "WARNING",
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(extra(server))]),
        },
        stderr=(Path(os.environ["PERENNIAL_VAR"]) / "answers.log").open("ab"),
        start_new_session=True,
    )
    try:
        wait_for(port, process)
        yield Served(port, process.pid)
    finally:
        stop(process)


def stop(process: subprocess.Popen) -> None:
    """Politely; a server that does not end within ten seconds is killed whole."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        print(f"{process.args[2]} had to be killed", file=sys.stderr)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def command(server: str, port: int) -> tuple[str, ...]:
    if server == "gunicorn":
        return GUNICORN
    return (*GRANIAN, "--port", str(port), "config.wsgi:application")


def extra(server: str) -> Path:
    """granian in a folder of its own: it never becomes a dependency of the product."""
    folder = Path(os.environ["PERENNIAL_VAR"]) / "granian"
    if server == "granian" and not (folder / "granian").exists():
        pip = [sys.executable, "-m", "pip", "install", "-q", "--target", folder]
        subprocess.run([*pip, "granian"], check=True)
    return folder


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


def wait_for(port: int, process: subprocess.Popen) -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise SystemExit("the web server did not start: see answers.log")
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/s/x/", timeout=5).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)
    raise SystemExit("the web server does not answer")


def cpu_of(session: int) -> float:
    """Seconds of processor that all processes of one session have used."""
    return _cpu(lambda _pid, _parent, of: of == session)


def cpu_of_database() -> float:
    """Seconds of processor of the server behind this process's connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    server = int(_fields(Path(f"/proc/{backend}/stat"))[1])
    return _cpu(lambda pid, parent, _session: server in (pid, parent))


def _cpu(counts: Callable[[int, int, int], bool]) -> float:
    """Of processes by their pid, parent and session, with their dead children."""
    ticks = 0
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = _fields(entry)
        except OSError:
            continue
        if counts(int(entry.parent.name), int(fields[1]), int(fields[3])):
            ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def _fields(stat: Path) -> list[str]:
    """From the state on: the name before it may hold spaces."""
    return stat.read_text().rpartition(") ")[2].split()


def memory_of(session: int) -> int:
    """Proportional set size of all processes of one session, in bytes."""
    total = 0
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if int(_fields(entry / "stat")[3]) == session:
                rollup = (entry / "smaps_rollup").read_text()
                total += int(rollup.partition("\nPss:")[2].split()[0]) * 1024
        except OSError:
            continue
    return total
