"""Carry the database of an earlier version over to another character type.

Such a database has LC_CTYPE C, under which trigrams exist for ASCII only, and it keeps
its LC_CTYPE for life. So it is dumped and restored into a new one beside it by the
server's own programs, and the two change names once they are found equal.

The old database is only read. Killed at any moment before the names change, the next
start drops the half copy and begins again; the change of names is one transaction. The
old one is kept as `perennial_before` until the next start, which drops it.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
from psycopg import sql

from local.embedded import character_type, programs
from local.embedded.paths import POSTGRES_PORT
from local.embedded.postgres import DATABASE, SUPERUSER, Postgres
from local.embedded.process import Child, last_lines, spawn, stop

NEXT = f"{DATABASE}_next"
BEFORE = f"{DATABASE}_before"

# The log of the server grows with the copy, up to max_wal_size; and some air.
MOST_LOG = 1_000_000_000
AIR = 100_000_000
SAY_EVERY = 5.0
LOCK_WAIT = "SET lock_timeout = '10s'"

ALL_TABLES = """
    SELECT schemaname, tablename FROM pg_tables
    WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2
"""
ALL_SEQUENCES = """
    SELECT schemaname || '.' || sequencename, coalesce(last_value, 0)
    FROM pg_sequences ORDER BY 1
"""

Say = Callable[[str], None]


class NotCarriedOver(Exception):
    """Why the old database stays in use; the message is for the person."""


def is_due(postgres: Postgres) -> bool:
    """Whether the database has a character type that knows only ASCII."""
    with postgres.connect("postgres") as connection:
        known = character_type.of_database(connection, DATABASE)
    return known in character_type.ASCII_ONLY


def drop_old_database(postgres: Postgres, say: Say) -> None:
    """Drop what an earlier start kept: this start found the new database in order."""
    with postgres.connect("postgres") as connection:
        if character_type.of_database(connection, BEFORE):
            _drop(connection, BEFORE)
            say(f"dropped {BEFORE}: the database carried over is in use")


def carry_over(postgres: Postgres, say: Say) -> None:
    """Carry the database over, or say why the old one stays in use.

    No other connection may be open meanwhile: the caller keeps other commands out.
    """
    try:
        with postgres.connect("postgres") as connection:
            _carry_over(postgres, connection, say)
    except (NotCarriedOver, psycopg.Error, OSError) as error:
        say(f"the database could not be carried over: {error}")
        say("nothing is lost: the old one stays in use, the next start tries again")


def _carry_over(postgres: Postgres, connection: psycopg.Connection, say: Say) -> None:
    _drop(connection, NEXT)
    if character_type.of_database(connection, BEFORE):
        raise NotCarriedOver(f"there is a database {BEFORE}; drop or rename it")
    size = _size(connection, DATABASE)
    _refuse_full_disk(postgres.places.home, size)
    if not character_type.create_database(connection, NEXT):
        _drop(connection, NEXT)
        raise NotCarriedOver(
            "the C library of this machine has no UTF-8 locale; install one "
            "(C.UTF-8 or en_US.UTF-8)"
        )
    say(f"carrying {_mb(size)} over, once, so that search knows every script")
    try:
        with postgres.connect(DATABASE) as old:
            _copy_and_compare(postgres, old, connection, say)
        _swap_names(connection)
    except BaseException:
        # Also on Ctrl-C. After a kill the next start does it.
        with contextlib.suppress(psycopg.Error):
            _drop(connection, NEXT)
        raise
    say(f"carried over; the old one is kept as {BEFORE} until the next start")


def _copy_and_compare(
    postgres: Postgres,
    old: psycopg.Connection,
    connection: psycopg.Connection,
    say: Say,
) -> None:
    """Copy under a lock against writes to the old tables: what is counted is copied."""
    with old.transaction():
        _lock_tables(old)
        _copy(postgres, connection, say)
        say("comparing every table")
        with postgres.connect(NEXT) as new:
            _refuse_difference(contents(old), contents(new))
            new.execute("ANALYZE")
            # The new tables are on the disk before they get the name.
            new.execute("CHECKPOINT")


def contents(connection: psycopg.Connection) -> dict[str, int]:
    """Return the number of rows of each table and the last value of each sequence."""
    counted = {}
    for schema, table in connection.execute(ALL_TABLES).fetchall():
        query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(schema, table))
        row = connection.execute(query).fetchone()
        counted[f"{schema}.{table}"] = row[0] if row else 0
    return counted | dict(connection.execute(ALL_SEQUENCES).fetchall())


def _refuse_difference(old: dict[str, int], new: dict[str, int]) -> None:
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            raise NotCarriedOver(
                f"{name} differs: {old.get(name)} before, {new.get(name)} in the copy"
            )


def _lock_tables(old: psycopg.Connection) -> None:
    old.execute(LOCK_WAIT)
    for schema, table in old.execute(ALL_TABLES).fetchall():
        lock = sql.SQL("LOCK TABLE {} IN SHARE MODE")
        old.execute(lock.format(sql.Identifier(schema, table)))


def _swap_names(connection: psycopg.Connection) -> None:
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    with connection.transaction():
        for before, after in ((DATABASE, BEFORE), (NEXT, DATABASE)):
            connection.execute(
                rename.format(sql.Identifier(before), sql.Identifier(after))
            )


# --- The programs of the server ------------------------------------------------------


def _copy(postgres: Postgres, connection: psycopg.Connection, say: Say) -> None:
    """pg_dump into pg_restore, through a pipe: no copy of the data in a file."""
    log = postgres.places.logs / "carry-over.log"
    children: list[Child] = []
    try:
        children.append(_program(postgres, log, "pg_dump", "--format=custom", "-Z0"))
        children.append(
            _program(postgres, log, "pg_restore", "--exit-on-error", reads=children[0])
        )
        _wait(children[1], connection, say)
        # A dump whose reader is gone ends at its next write.
        for child in reversed(children):
            if child.wait() != 0:
                raise NotCarriedOver(f"{_error_in(log)} (see {log})")
    finally:
        for child in children:
            stop(child, [(signal.SIGTERM, 5.0)])


def _program(
    postgres: Postgres, log: Path, name: str, *options: str, reads: Child | None = None
) -> Child:
    program = programs.postgres_bin(postgres.places) / name
    if not program.exists():
        raise NotCarriedOver(f"{program} is missing")
    login = ["-h", str(postgres.places.sockets), "-p", str(POSTGRES_PORT)]
    child = spawn(
        [program, *login, "-U", SUPERUSER, *options, "-d", NEXT if reads else DATABASE],
        log=log,
        death_signal=signal.SIGKILL,
        env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
        stdin=reads.stdout if reads else None,
        stdout=subprocess.DEVNULL if reads else subprocess.PIPE,
    )
    if reads and reads.stdout:
        # Ours too would keep the dump waiting for a reader that has died.
        reads.stdout.close()
    return child


def _error_in(log: Path) -> str:
    """The line that names the cause; the last lines often show only the place."""
    lines = log.read_text(errors="replace").splitlines()
    errors = [line for line in lines if "error:" in line]
    return errors[-1] if errors else last_lines(log)


def _wait(restore: Child, connection: psycopg.Connection, say: Say) -> None:
    """Wait until it ends; report its progress every few seconds."""
    started = time.monotonic()
    while True:
        try:
            restore.wait(SAY_EVERY)
        except subprocess.TimeoutExpired:
            done, size = _size(connection, NEXT), _size(connection, DATABASE)
            spent = time.monotonic() - started
            say(f"copied {_mb(done)} of at most {_mb(size)} in {spent:.0f} s")
        else:
            return


# --- Small things --------------------------------------------------------------------


def _drop(connection: psycopg.Connection, name: str) -> None:
    connection.execute(
        sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    )


def _size(connection: psycopg.Connection, database: str) -> int:
    row = connection.execute("SELECT pg_database_size(%s)", [database]).fetchone()
    return int(row[0]) if row else 0


def _refuse_full_disk(folder: Path, size: int) -> None:
    need = size + min(size, MOST_LOG) + AIR
    free = shutil.disk_usage(folder).free
    if free < need:
        raise NotCarriedOver(
            f"{_mb(need)} must be free at {folder}, and {_mb(free)} are"
        )


def _mb(size: int) -> str:
    return f"{size / 1e6:,.0f} MB"
