"""Short aligned lines for the person who started us, one per step."""

import contextlib
import sys
import time
from collections.abc import Iterator

WIDTH = 44


class _Open:
    """The step that is being done, and whether its line still waits for its end."""

    name = ""
    is_waiting = False


def say(line: str = "") -> None:
    """A line of its own; within a step it is set in, below the step's beginning."""
    if _Open.is_waiting:
        _write("\n")
        _Open.is_waiting = False
    _write(f"    {line}\n" if _Open.name else f"{line}\n")


@contextlib.contextmanager
def step(name: str) -> Iterator[None]:
    """`  database and broker ............  1.2 s`, the seconds when it is done."""
    started = time.monotonic()
    beginning = f"  {name} ".ljust(WIDTH, ".")
    _write(beginning)
    _Open.name, _Open.is_waiting = name, True
    try:
        yield
    except BaseException:
        _write("\n" if _Open.is_waiting else "")
        raise
    else:
        _write("" if _Open.is_waiting else beginning)
        _write(f" {time.monotonic() - started:5.1f} s\n")
    finally:
        _Open.name, _Open.is_waiting = "", False


def _write(text: str) -> None:
    # The terminal may be gone (hang-up): the servers must still be stopped in order.
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.write(text)
        sys.stdout.flush()
