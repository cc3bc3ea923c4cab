"""Real processes for the tests of servers and supervisor."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
from django.db import connection

from local.embedded.paths import Paths
from local.embedded.programs import postgres_bin

ROOT = Path(__file__).resolve().parents[2]
OURS = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "DJANGO_SETTINGS_MODULE", "PORT")
# A killed process loses nothing that the operating system has: no need to wait for it.
DEFAULTS = {"PYTHONUNBUFFERED": "1", "PERENNIAL_POSTGRES": "fsync=off"}

# A command that keeps (or joins) the servers until its input ends.
TALK = """
import sys, psycopg
from local.embedded import database_url, ensure
with ensure():
    print("ready", flush=True)
    with psycopg.connect(database_url(), autocommit=True) as connection:
        for line in sys.stdin:
            print(connection.execute(line).statusmessage, flush=True)
"""


def environment(var: Path, **extra: str) -> dict[str, str]:
    """That of a person who set nothing but a place for the data."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name not in OURS and not name.startswith(("PYTEST", "PERENNIAL", "COV"))
    }
    return inherited | DEFAULTS | {"PERENNIAL_VAR": str(var)} | extra


def python(var: Path, *words: str, **extra: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *words],
        cwd=ROOT,
        env=environment(var, **extra),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def dump_tables(target: Path) -> Path:
    """Those of the tests' own database, by pg_dump, as a file of statements."""
    places = Paths(target.parent, target.parent, target.parent, account=None)
    mine = connection.settings_dict
    url = f"postgresql://{mine['USER']}@:{mine['PORT']}/{mine['NAME']}?host={mine['HOST']}"
    dump = (postgres_bin(places) / "pg_dump", "-N", "migrated", "-f", target, url)
    subprocess.run(dump, check=True)
    return target


def talker(var: Path) -> subprocess.Popen[str]:
    process = python(var, "-c", TALK)
    read_until(process, "ready")
    return process


def ask(process: subprocess.Popen[str], sql: str) -> str:
    process.stdin.write(f"{sql}\n")
    process.stdin.flush()
    return process.stdout.readline().strip()


def finish(process: subprocess.Popen[str], seconds: float = 60) -> str:
    """The rest of its output, its input being over."""
    output, _ = process.communicate(timeout=seconds)
    assert process.returncode == 0, output
    return output


def read_until(process: subprocess.Popen[str], words: str) -> str:
    """The output up to the line with these words."""
    seen = ""
    for line in process.stdout:
        seen += line
        if words in line:
            return seen
    raise AssertionError(f"ended without {words!r}:\n{seen}")


def family(pid: int) -> list[psutil.Process]:
    parent = psutil.Process(pid)
    return [parent, *parent.children(recursive=True)]


def of_each(
    processes: list[psutil.Process], look: Callable[..., object]
) -> set[object]:
    """What `look` finds of each that still runs: a server's helpers come and go."""
    found = set()
    for process in processes:
        with suppress(psutil.NoSuchProcess, ProcessLookupError):
            found.add(look(process))
    return found


def is_gone(process: psutil.Process) -> bool:
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def survivors(processes: list[psutil.Process], seconds: float = 15) -> list[str]:
    """Who still lives after a while that is long enough for a clean shutdown."""
    wait_for(lambda: all(map(is_gone, processes)), seconds)
    return [str(process) for process in processes if not is_gone(process)]


def wait_for(test: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not test():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
