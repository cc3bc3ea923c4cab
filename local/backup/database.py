"""Dump the database and put a dump back, with programs that fit the server."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

from local.backup.errors import BackupError
from local.embedded import database_url
from local.embedded.programs import INSTALLED_POSTGRES, wheel_bin

# What libpq reads from the environment, so that no password stands in a list of
# processes.
_VARIABLES = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
}
# All of it in one transaction: what fails half way leaves the database as it was.
_BEFORE = """
DROP SCHEMA public CASCADE;
CREATE SCHEMA public;
GRANT USAGE ON SCHEMA public TO PUBLIC;
"""
# From this moment on no mail leaves. And no number is given a second time: links in
# mails that left since the copy name records by theirs.
_AFTER = """
UPDATE public.crm_journalstate
   SET held_at = now(), held_reason = 'restored', released_at = NULL;
SELECT setval(format('%I.%I', schemaname, sequencename)::regclass,
              least(last_value + 10000000, max_value))
  FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL;
"""


def url() -> str:
    """DATABASE_URL, or that of the private server."""
    return os.environ.get("DATABASE_URL") or database_url()


def server_version() -> int:
    """18 for PostgreSQL 18."""
    with psycopg.connect(url()) as connection:
        return connection.info.server_version // 10_000


def programs(server: int) -> Path:
    """The folder with pg_dump, pg_restore and psql for a server of this version.

    Of the same version where there is one, else of a newer: an older pg_dump refuses.
    """
    found = {version: folder for folder, version in _installed()}
    fitting = [version for version in found if version >= server]
    if fitting:
        return found[min(fitting)]
    newest = max(found, default=None)
    here = f"the newest pg_dump here is {newest}" if newest else "there is no pg_dump"
    raise BackupError(
        f"The database is PostgreSQL {server}, and {here}: it refuses newer servers."
        f" Install the client programs of {server} (on Debian: postgresql-client-"
        f"{server}) and run this again."
    )


def _installed() -> Iterator[tuple[Path, int]]:
    on_path = shutil.which("pg_dump")
    folders = [
        *([Path(on_path).parent] if on_path else []),
        *(folder / "bin" for folder in INSTALLED_POSTGRES.glob("*")),
        *([wheel] if (wheel := wheel_bin()) else []),
    ]
    for folder in folders:
        if all((folder / name).exists() for name in ("pg_dump", "pg_restore", "psql")):
            version = _run([folder / "pg_dump", "--version"]).stdout
            yield folder, int(re.findall(rb"\d+", version)[0])


def dump(target: Path) -> None:
    """The database as it is at one moment; others go on working."""
    pg_dump = programs(server_version()) / "pg_dump"
    _run([pg_dump, "--format=custom", "--no-owner", "--no-acl", f"--file={target}"])


def put_back(dumped: Path) -> None:
    """Replace all that is in the database, or nothing, and hold its mail."""
    folder = programs(server_version())
    script = dumped.with_name("database.sql.partial")
    try:
        with script.open("wb") as file:
            script.chmod(0o600)
            file.write(_BEFORE.encode())
            file.flush()
            options = ["--no-owner", "--no-acl", "--file=-"]
            _run([folder / "pg_restore", *options, dumped], stdout=file.fileno())
            file.seek(0, os.SEEK_END)
            file.write(_AFTER.encode())
        psql: list[str | Path] = [
            folder / "psql",
            "--no-psqlrc",
            "--quiet",
            "--single-transaction",
        ]
        _run([*psql, "--set=ON_ERROR_STOP=1", f"--file={script}", "--output=/dev/null"])
    finally:
        script.unlink(missing_ok=True)


def is_empty() -> bool:
    """Whether there is no table of ours with somebody in it."""
    with psycopg.connect(url()) as connection:
        known = connection.execute("SELECT to_regclass('crm_user')").fetchone()
        if known is None or known[0] is None:
            return True
        return connection.execute("SELECT FROM crm_user LIMIT 1").fetchone() is None


def others() -> int:
    """How many others are connected to the database."""
    query = """
        SELECT count(*) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()
           AND backend_type = 'client backend'
    """
    with psycopg.connect(url()) as connection:
        row = connection.execute(query).fetchone()
    return row[0] if row else 0


def migrations() -> list[str]:
    """What is applied, as "crm.0001_record"."""
    query = "SELECT app || '.' || name FROM django_migrations ORDER BY 1"
    with psycopg.connect(url()) as connection:
        return [name for (name,) in connection.execute(query)]


def _run(
    command: list[str | Path], stdout: int = subprocess.PIPE
) -> subprocess.CompletedProcess[bytes]:
    done = subprocess.run(
        [str(word) for word in command],
        stdout=stdout,
        stderr=subprocess.PIPE,
        env=os.environ | _environment(),
    )
    if done.returncode:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        errors = [line for line in lines if "error" in line.lower()] or lines[-1:]
        raise BackupError(f"{Path(command[0]).name} failed: {' | '.join(errors[:2])}")
    return done


def _environment() -> dict[str, str]:
    parts = conninfo_to_dict(url())
    return {
        variable: str(parts[name])
        for name, variable in _VARIABLES.items()
        if parts.get(name)
    }
