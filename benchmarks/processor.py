"""What a piece of work takes: by the clock, and of the processor.

A machine that is busy with other things shows in the clock and not in the processor.
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Cost:
    """Seconds by the clock; seconds of the processor, which two processes that work at
    once take twice."""

    clock: float = 0.0
    processor: float = 0.0

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.clock + other.clock, self.processor + other.processor)

    def __sub__(self, other: "Cost") -> "Cost":
        return Cost(self.clock - other.clock, self.processor - other.processor)


def cost_of(work: Callable[[], object]) -> Cost:
    """Of this process, of those that it starts and waits for, and of the database."""
    began = so_far()
    work()
    return so_far() - began


def so_far() -> Cost:
    """What was taken until now, from some moment on."""
    here = os.times()
    own = here.user + here.system + here.children_user + here.children_system
    return Cost(time.perf_counter(), own + _of_database())


def _of_database() -> float:
    """All processes of the server that we are connected to: those that live, and those
    that ended and were waited for."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        session = cursor.fetchone()[0]
    server = int(_stat(session)[1])
    ticks = sum(map(int, _stat(server)[11:15]))
    children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    for child in children:
        try:
            ticks += sum(map(int, _stat(int(child))[11:13]))
        except FileNotFoundError:
            continue  # it ended just now
    return ticks / TICKS


def _stat(process: int) -> list[str]:
    """The fields of /proc/PID/stat from the state on; the name before it may hold
    anything."""
    text = Path(f"/proc/{process}/stat").read_text()
    return text.rpartition(")")[2].split()
