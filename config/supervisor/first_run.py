"""Tables, and on the first run a shop to look at with its owner's login."""

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from config.embedded.postgres import DATABASE
from config.supervisor import migrations
from config.supervisor.commands import manage
from config.supervisor.output import say, step

ANY_USER = "SELECT id FROM crm_user LIMIT 1"
# There while the demo is being made: what stands in the database is half of it.
UNFINISHED = "demo-unfinished"
RENAME = "ALTER DATABASE {old} RENAME TO {new}"
CREATE = "CREATE DATABASE {old}"
# Nobody was here but the demo: no sign-in, no key, no user of another name.
ONLY_DEMO = """
    SELECT NOT EXISTS (
        SELECT FROM crm_user
        WHERE last_login IS NOT NULL OR email NOT LIKE '%@kettle-and-leaf.example'
    )
    AND NOT EXISTS (SELECT FROM crm_apitoken)
"""


@dataclass(frozen=True)
class Login:
    email: str
    password: str


def prepare_data(database_url: str, var: Path) -> Login | None:
    """Bring the tables up to date; a login only where this made the first user."""
    if (var / UNFINISHED).exists():
        set_half_a_demo_aside(database_url, var)
    with psycopg.connect(database_url, autocommit=True) as connection:
        if not migrations.is_up_to_date(var, connection):
            with step("tables"):
                manage("migrate", "--noinput", "--verbosity", "0")
            migrations.remember(var)
        if connection.execute(ANY_USER).fetchone():
            return None
    with step("a small shop to look at (first run only)"):
        return _demo(var)


def new_password() -> Login:
    return read_login(manage("new_password", "--json"))


def read_login(output: str) -> Login:
    """The last line of a command is {"login": ..., "password": ...}."""
    told = json.loads(output.strip().splitlines()[-1])
    return Login(email=told["login"], password=told["password"])


def _demo(var: Path) -> Login:
    (var / UNFINISHED).touch()
    login = read_login(manage("demo", "--json"))
    (var / UNFINISHED).unlink()
    return login


def set_half_a_demo_aside(database_url: str, var: Path) -> None:
    """A first run was interrupted: begin anew, unless somebody has moved in since.

    Set aside and not dropped: whatever we did not think of can still be found.
    """
    if not os.environ.get("DATABASE_URL") and _holds_only_demo(database_url):
        aside = f"{DATABASE}_unfinished_{time.strftime('%Y%m%d_%H%M%S')}"
        say(f"  the first run was interrupted: beginning anew (the rest is {aside})")
        with psycopg.connect(database_url, dbname="postgres", autocommit=True) as link:
            for statement in (RENAME, CREATE):
                names = {"old": sql.Identifier(DATABASE), "new": sql.Identifier(aside)}
                link.execute(sql.SQL(statement).format(**names))
    else:
        say("  the first run was interrupted; its half demo is in use and stays")
    (var / UNFINISHED).unlink()


def _holds_only_demo(database_url: str) -> bool:
    with psycopg.connect(database_url) as connection:
        try:
            row = connection.execute(ONLY_DEMO).fetchone()
        except psycopg.errors.UndefinedTable:
            return True
    return bool(row and row[0])
