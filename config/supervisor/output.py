"""Short aligned lines for the person who started us, one per step."""

import contextlib
import sys
import time
from collections.abc import Iterator

WIDTH = 44


def say(line: str = "") -> None:
    _write(f"{line}\n")


@contextlib.contextmanager
def step(name: str) -> Iterator[None]:
    """`  database and broker ............  1.2 s`, the seconds when it is done."""
    started = time.monotonic()
    _write(f"  {name} ".ljust(WIDTH, "."))
    try:
        yield
    except BaseException:
        _write("\n")
        raise
    _write(f" {time.monotonic() - started:5.1f} s\n")


def _write(text: str) -> None:
    # The terminal may be gone (hang-up): the servers must still be stopped in order.
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.write(text)
        sys.stdout.flush()
