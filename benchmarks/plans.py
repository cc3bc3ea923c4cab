"""How long a query takes, and its plan, kept in a file to be read afterwards."""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.db import connection, transaction
from psycopg import sql

ROOT = Path(__file__).resolve().parent.parent / "var" / "bench"


def keep(
    folder: str,
    name: str,
    query: sql.Composed | str,
    values: Mapping[str, object] | None = None,
) -> None:
    """Write the query, and how it was answered, to var/bench/<folder>/<name>.txt. What
    it changes is undone."""
    written = query if isinstance(query, str) else query.as_string()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {written}", values)
        lines = [row[0] for row in cursor.fetchall()]
        transaction.set_rollback(True)
    path = ROOT / folder / f"{name}.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([written, "", *lines, ""]), encoding="utf-8")


def run(query: sql.Composed | str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


@dataclass(frozen=True)
class Took:
    """What one piece of work took, in seconds: by the clock, and of the processor, in
    this process and in its session of the database."""

    clock: float
    processor: float


def took(work: Callable[[], object], *, times: int, warm_up: int = 0) -> list[Took]:
    """Each of so many calls, after some that do not count. Without parallel workers of
    the database, whose processor time nobody would see."""
    with connection.cursor() as cursor:
        cursor.execute("SET max_parallel_workers_per_gather = 0")
        cursor.execute("SELECT pg_backend_pid()")
        session = cursor.fetchone()[0]
    for _ in range(warm_up):
        work()
    return [_took(work, session) for _ in range(times)]


def _took(work: Callable[[], object], session: int) -> Took:
    busy, started = _processor(session), time.perf_counter()
    work()
    return Took(time.perf_counter() - started, _processor(session) - busy)


def _processor(session: int) -> float:
    """Seconds so far, of this process and of the session of the database."""
    nanoseconds = Path(f"/proc/{session}/schedstat").read_text().split()[0]
    return time.process_time() + int(nanoseconds) / 1e9


def took_whole(work: Callable[[], object]) -> Took:
    """One call of something long: the processor's time of this process and of the whole
    server of the database, whatever sessions and threads of it are at work."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        session = cursor.fetchone()[0]
    server = int(_of_process(session)[1])
    busy, started = _server_processor(server), time.perf_counter()
    work()
    clock = time.perf_counter() - started
    return Took(clock, _server_processor(server) - busy)


def _server_processor(server: int) -> float:
    """Seconds so far: of this process, of the server, of all that it has started, and
    of those of them that have ended."""
    ticks = 0
    for path in Path("/proc").glob("[0-9]*"):
        try:
            parts = _of_process(int(path.name))
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(path.name) == server:
            ticks += sum(map(int, parts[11:15]))
        elif int(parts[1]) == server:
            ticks += sum(map(int, parts[11:13]))
    return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")


def _of_process(number: int) -> list[str]:
    """State, parent and so on of /proc/N/stat: what follows the name."""
    return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()


def timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
