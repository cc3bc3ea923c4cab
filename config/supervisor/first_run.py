"""Tables, and on the first run a shop to look at with its owner's login."""

import json
from dataclasses import dataclass
from pathlib import Path

import psycopg

from config.supervisor import migrations
from config.supervisor.commands import manage
from config.supervisor.output import step

ANY_USER = "SELECT id FROM crm_user LIMIT 1"


@dataclass(frozen=True)
class Login:
    email: str
    password: str


def prepare_data(database_url: str, var: Path) -> Login | None:
    """Bring the tables up to date; a login only where this made the first user."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        if not migrations.is_up_to_date(var, connection):
            with step("tables"):
                manage("migrate", "--noinput", "--verbosity", "0")
            migrations.remember(var)
        if connection.execute(ANY_USER).fetchone():
            return None
    with step("a small shop to look at (first run only)"):
        return read_login(manage("demo", "--json"))


def new_password() -> Login:
    return read_login(manage("new_password", "--json"))


def read_login(output: str) -> Login:
    """The last line of a command is {"login": ..., "password": ...}."""
    told = json.loads(output.strip().splitlines()[-1])
    return Login(email=told["login"], password=told["password"])
