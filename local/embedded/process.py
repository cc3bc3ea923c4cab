"""Start a child that cannot outlive us, and stop it in order."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from local.embedded.paths import Account

PARENT_DEATH = Path(__file__).with_name("parent_death.py")
LOG_LIMIT = 5_000_000

Child = subprocess.Popen[bytes]


def spawn(
    command: Sequence[str | Path],
    *,
    log: Path | None,
    death_signal: signal.Signals,
    account: Account | None = None,
    cwd: str | Path = "/",
    env: Mapping[str, str] | None = None,
    stdin: IO[bytes] | None = None,
    stdout: int | None = None,
) -> Child:
    """Start command in a session of its own, so that Ctrl-C reaches only us.

    Without a log its output comes to us through a pipe. `stdin` and `stdout` are for
    programs that hand data to each other; then only errors go to the log.
    """
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("Servers end with the thread that started them: use main.")
    owner = f"{account.uid}:{account.gid}" if account else "-"
    shim = [sys.executable, "-I", "-S", str(PARENT_DEATH)]
    tie = [str(os.getpid()), str(int(death_signal)), owner]
    with open_log(log) if log else contextlib.nullcontext() as out:
        return subprocess.Popen(
            [*shim, *tie, *map(str, command)],
            stdin=stdin or subprocess.DEVNULL,
            stdout=stdout or out or subprocess.PIPE,
            stderr=out if stdout else subprocess.STDOUT,
            cwd=cwd,
            env=env,
            start_new_session=True,
        )


def open_log(log: Path) -> IO[bytes]:
    """Append to log; what was there before moves aside once it is long."""
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        log.rename(log.with_suffix(".1.log"))
    return log.open("ab")


def stop(child: Child, steps: Sequence[tuple[signal.Signals, float]]) -> None:
    """Send each signal in turn and give it its seconds; the last resort is SIGKILL."""
    for number, seconds in steps:
        if child.poll() is not None:
            return
        child.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(seconds)
    if child.poll() is None:
        kill_group(child)
        child.wait()


def kill_group(child: Child) -> None:
    """SIGKILL the child and all of its group; one that has ended is no error."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)


def how_it_ended(child: Child | None, log: Path) -> str:
    """Signal or exit code, and the log to look at."""
    code = child.returncode if child else 0
    how = f"signal {-code}" if code < 0 else f"exit code {code}"
    return f"{how}, see {log}"


def last_lines(log: Path) -> str:
    """The last three lines of a log, joined by " | "."""
    return tail(log.read_text(errors="replace")) if log.exists() else "no log"


def tail(text: str, count: int = 3) -> str:
    """The last `count` lines that are not blank, joined by " | "."""
    lines = [line.strip() for line in text[-4000:].splitlines() if line.strip()]
    return " | ".join(lines[-count:])
