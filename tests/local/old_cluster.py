"""A data folder as the first versions made it: its character type is C."""

import subprocess
from pathlib import Path

import psycopg

from local.embedded import programs
from local.embedded.paths import Paths, close_paths, open_paths, private_folder
from local.embedded.postgres import DATABASE, SUPERUSER, Postgres
from local.embedded.urls import database_url_at

# Enough for a copy that takes a second, so that a kill can hit it in the middle.
CUSTOMERS = 5_000
NAMES = ["כהן", "Berg", "王小明", "Иванова", "Παπαδόπουλος", "السيد", "สมชาย", "김민수"]
FILL = """
    INSERT INTO crm_customer (source, external_id, given_name, family_name,
        greeting_name, sort_name, search_text, email, email_norm, phone_e164,
        phone_text, language, time_zone, country, since_from, heard_from, heard_text,
        organisation, notes, custom, created_at, updated_at, version)
    SELECT 'old', 'old-' || n, (%(names)s::text[])[1 + n %% 8], 'x' || n, '', 'x' || n,
        (%(names)s::text[])[1 + n %% 8] || ' x' || n, '', '', '', '', '', '', '',
        'entered', '', '', '', '', '{}', now(), now(), 1
    FROM generate_series(1, %(count)s) n
"""


def make_old_cluster(var: Path, tables: Path, customers: int = CUSTOMERS) -> None:
    """initdb with the flags of those versions, then today's tables with rows.

    `tables` is a file of pg_dump: to migrate once more would take long.
    """
    places = open_paths(var)
    postgres = Postgres(places, {"fsync": "off"})
    private_folder(postgres.data, places.account)
    account = places.account
    subprocess.run(
        [
            *(programs.postgres_bin(places) / "initdb", "-D", postgres.data),
            *("-U", SUPERUSER, "-E", "UTF8", "-A", "trust", "--no-sync"),
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
        ],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd="/",
        env={"PATH": "/bin:/usr/bin", "LC_ALL": "C", "TZ": "UTC"},
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )
    postgres.start()
    try:
        with postgres.connect("postgres") as connection:
            connection.execute(f"CREATE DATABASE {DATABASE}")
        _restore(tables, places)
        with postgres.connect(DATABASE) as connection:
            fill(connection, customers)
    finally:
        postgres.stop()
        close_paths(places)


def fill(connection: psycopg.Connection, customers: int) -> None:
    connection.execute(FILL, {"names": NAMES, "count": customers})


def _restore(tables: Path, places: Paths) -> None:
    psql = programs.postgres_bin(places) / "psql"
    quiet = ("-q", "-o", "/dev/null", "-v", "ON_ERROR_STOP=1")
    url = database_url_at(places.sockets)
    subprocess.run([psql, *quiet, "-f", tables, url], check=True)
