"""Run one manage.py command to its end, as a child that ends with us."""

import os
import signal
import sys
from collections.abc import Generator

from local.embedded.paths import BASE_DIR
from local.embedded.process import spawn, stop, tail
from local.supervisor.errors import CannotRun


def manage(*words: str) -> str:
    """What the command printed; a failure becomes a line for the person."""
    return "".join(manage_lines(*words))


def manage_lines(*words: str, **more: str) -> Generator[str, None, None]:
    """What the command prints, line by line as it comes. Closing the generator ends it.

    `more` is added to its environment.

    Through a pipe, not a log: the output of `demo` holds a password.
    """
    child = spawn(
        [sys.executable, str(BASE_DIR / "manage.py"), *words],
        log=None,
        death_signal=signal.SIGKILL,
        cwd=BASE_DIR,
        env=os.environ | {"PYTHONUNBUFFERED": "1"} | more,
    )
    output = ""
    try:
        for line in child.stdout or ():
            output += line.decode(errors="replace")
            yield line.decode(errors="replace")
        child.wait()
    finally:
        stop(child, [(signal.SIGTERM, 5.0)])
    if child.returncode:
        raise CannotRun(f"manage.py {words[0]} failed: {tail(output)}")
